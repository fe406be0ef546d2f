//! Tests of the service over a real store: what a turn does to the interview and the count, and how
//! requests are repeated.

mod input;
mod offline;
mod race;
mod request;

use futures_util::TryStreamExt as _;

use super::*;
use crate::interviewer::scripted::{ScriptedInterviewer, ScriptedReply};
use crate::store::NewUser;
use crate::store::testing::{Database, Engine};

/// The service over a new store with one user.
struct Fixture {
    practice: Practice,
    store: Store,
    script: ScriptedInterviewer,
    user: UserId,
    database: Database,
}

impl Fixture {
    /// Creates a service whose interviewer says `lines`, and then `question N`.
    async fn new(lines: impl IntoIterator<Item = ScriptedReply>) -> Self {
        Self::on(Engine::Sqlite, lines).await
    }

    async fn on(engine: Engine, lines: impl IntoIterator<Item = ScriptedReply>) -> Self {
        Self::over(Database::new(engine).await, lines).await
    }

    async fn over(database: Database, lines: impl IntoIterator<Item = ScriptedReply>) -> Self {
        let store = database.open().await;
        let script = ScriptedInterviewer::new(lines);
        let practice = practice(&store, &script);
        let user = user(&store, "ann").await;
        Self {
            practice,
            store,
            script,
            user,
            database,
        }
    }

    fn turn(&self, input: TurnInput) -> TurnRequest {
        let now = "2026-03-01T23:30:00+09:00[Asia/Seoul]".parse().unwrap();
        TurnRequest {
            user: self.user.clone(),
            interview: None,
            input,
            answers: None,
            limit: None,
            now,
            idempotency: None,
        }
    }

    async fn complete(&self, turn: TurnRequest) -> Result<CompletedTurn, PracticeError> {
        complete(&self.practice, turn).await
    }

    async fn complete_input(&self, input: TurnInput) -> Result<CompletedTurn, PracticeError> {
        self.complete(self.turn(input)).await
    }

    async fn conversation(&self) -> Conversation {
        self.practice
            .current(&self.user, None, &self.turn(TurnInput::Repeat).now)
            .await
            .unwrap()
    }

    /// Returns all messages except for the system prompt.
    async fn messages(&self) -> Vec<String> {
        self.conversation()
            .await
            .messages
            .into_iter()
            .skip(1)
            .map(|message| message.content)
            .collect()
    }

    async fn count(&self) -> u64 {
        self.conversation().await.count.unwrap()
    }
}

fn practice(store: &Store, script: &ScriptedInterviewer) -> Practice {
    Practice::new(
        store.clone(),
        Interviewer::Scripted(script.clone()),
        Arc::default(),
    )
}

async fn user(store: &Store, name: &str) -> UserId {
    let email = format!("{name}@example.org");
    let user = NewUser {
        username: name,
        email: &email,
        password_hash: "phc",
    };
    store
        .create_user(user, jiff::Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
}

/// Takes a turn to its end, and checks that its deltas make up its reply.
async fn complete(practice: &Practice, turn: TurnRequest) -> Result<CompletedTurn, PracticeError> {
    let events: Vec<TurnEvent> = practice.turn(turn).try_collect().await?;
    let (last, deltas) = events.split_last().unwrap();
    let TurnEvent::Done(done) = last else {
        panic!("the last event is {last:?}")
    };
    let text: String = deltas
        .iter()
        .map(|event| {
            if let TurnEvent::Delta(text) = event {
                text
            } else {
                "?"
            }
        })
        .collect();
    assert_eq!(text, done.response);
    Ok(done.clone())
}

fn start(topic: Option<&str>, questions: Option<u32>) -> NewInterview {
    let topic = topic.map(|topic| Topic::parse(topic).unwrap());
    NewInterview {
        topic,
        language: Language::English,
        level: None,
        questions,
        background: Background::default(),
        seed: 7,
    }
}

fn begin(topic: &str, questions: Option<u32>) -> TurnInput {
    TurnInput::Start(start(Some(topic), questions))
}

fn answer(text: &str) -> TurnInput {
    let answer = Answer {
        text: text.to_owned(),
        spoken: None,
    };
    TurnInput::Answer {
        answer,
        otherwise: start(None, None),
    }
}
