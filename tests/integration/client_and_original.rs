//! Interviews on a plain original server, which accepts no idempotency keys: lost answers are
//! recognized in the history.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use mock_interviewer::backend::{Backend, BackendError, Remote, ServerFeatures, TurnAttempt};
use mock_interviewer::client::Client;
use mock_interviewer::interview::{Answer, Background, Language, Spoken, Topic};
use mock_interviewer::practice::{CompletedTurn, NewInterview, TurnEvent, TurnInput};
use mock_interviewer::upstream;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::sync::Notify;
use uuid::Uuid;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const SAME: &str = "I don't know";

/// The way in which the server treats a turn.
#[derive(Clone, Copy)]
enum Fate {
    /// The turn is taken and answered.
    Answered,
    /// The turn is taken, and the answer is replaced by an HTML page.
    Lost,
    /// The turn is taken, and the answer never arrives.
    Silent,
    /// The turn is not taken, because the limit is reached.
    Refused,
}

/// The parts of the original that these tests need. Its turns have these fates in order; later ones
/// are answered.
#[derive(Clone, Default)]
struct Original {
    history: Arc<Mutex<Vec<Value>>>,
    fates: Arc<Mutex<Vec<Fate>>>,
    came: Arc<Notify>,
    /// Whether a start with a history goes on with it.
    ignores_topics: bool,
}

impl Original {
    fn meeting(fates: &[Fate]) -> Self {
        Self {
            fates: Arc::new(Mutex::new(fates.iter().rev().copied().collect())),
            ..Self::default()
        }
    }

    async fn serve(&self) -> MockServer {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/api/chat/gpt/"))
            .respond_with(self.clone())
            .mount(&server)
            .await;
        let history = self.history.clone();
        let read = move |_: &Request| {
            let history = history.lock().unwrap();
            let count = history
                .iter()
                .filter(|line| line["role"] == "assistant")
                .count();
            ResponseTemplate::new(200)
                .set_body_json(json!({"conversations": *history, "count": count, "limit": 6}))
        };
        Mock::given(method("GET"))
            .and(path("/api/chat/gpt/"))
            .respond_with(read)
            .mount(&server)
            .await;
        server
    }

    /// Adds the turn to the history, and returns the reply.
    fn add_turn(&self, body: &Value) -> String {
        let mut history = self.history.lock().unwrap();
        match body["user_input"].as_str() {
            Some(text) => history.push(json!({"role": "user", "content": text})),
            None if self.ignores_topics && !history.is_empty() => {}
            None => *history = vec![json!({"role": "system", "content": "S"})],
        }
        let reply = format!("q{}", history.len());
        history.push(json!({"role": "assistant", "content": reply}));
        reply
    }

    fn said(&self) -> Vec<String> {
        let history = self.history.lock().unwrap();
        history
            .iter()
            .map(|line| line["content"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Respond for Original {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let fate = self.fates.lock().unwrap().pop().unwrap_or(Fate::Answered);
        if matches!(fate, Fate::Refused) {
            return ResponseTemplate::new(429).set_body_json(json!({"error": "limit"}));
        }
        let reply = self.add_turn(&request.body_json().unwrap());
        self.came.notify_one();
        let answer =
            ResponseTemplate::new(200).set_body_json(json!({"response": reply, "audio_url": null}));
        match fate {
            Fate::Lost => ResponseTemplate::new(500).set_body_raw("<html>", "text/html"),
            Fate::Silent => answer.set_delay(Duration::from_mins(1)),
            Fate::Answered | Fate::Refused => answer,
        }
    }
}

fn backend(server: &MockServer) -> Backend {
    let base = server.uri().parse().unwrap();
    let client =
        Client::new(upstream::http_client_for(&base).unwrap(), base).with_token("token".into());
    Backend::Remote(Remote::new(
        client,
        Language::English,
        ServerFeatures::default(),
    ))
}

fn start(seed: u64) -> NewInterview {
    let topic = Some(Topic::parse("rust").unwrap());
    NewInterview {
        topic,
        language: Language::English,
        level: None,
        questions: None,
        background: Background::default(),
        seed,
    }
}

fn answer(seconds: f64) -> TurnAttempt {
    let spoken = Some(Spoken {
        seconds,
        ..Spoken::default()
    });
    let input = TurnInput::Answer {
        answer: Answer {
            text: SAME.into(),
            spoken,
        },
        otherwise: start(0),
    };
    TurnAttempt {
        input,
        attempt: Uuid::new_v4(),
        open: None,
    }
}

async fn take(backend: &Backend, request: &TurnAttempt) -> Result<CompletedTurn, BackendError> {
    let mut events = backend.turn(request.clone());
    loop {
        match events.next().await.expect("ends with done or an error")? {
            TurnEvent::SpokenSentence(sound) => {
                panic!("the original has no sound of sentences: {sound:?}")
            }
            TurnEvent::Delta(_) => {}
            TurnEvent::Done(done) => return Ok(done),
        }
    }
}

/// Begins the turn, and cancels it once the server has taken it.
async fn abandon(backend: &Backend, request: &TurnAttempt, original: &Original) {
    tokio::select! {
        _ = take(backend, request) => panic!("it is never answered"),
        () = original.came.notified() => {}
    }
}

async fn reported_seconds(backend: &Backend) -> Vec<Option<f64>> {
    let report = backend.report().await.unwrap();
    report
        .turns
        .iter()
        .filter_map(|turn| turn.answer.as_ref())
        .map(|answer| answer.seconds)
        .collect()
}

#[tokio::test]
async fn an_answer_whose_reply_was_lost_is_sent_again_and_taken_once() {
    let original = Original::meeting(&[Fate::Answered, Fate::Lost]);
    let server = original.serve().await;
    let backend = backend(&server);
    let request = answer(2.0);
    take(
        &backend,
        &TurnAttempt {
            input: TurnInput::Start(start(1)),
            attempt: Uuid::new_v4(),
            open: None,
        },
    )
    .await
    .unwrap();
    take(&backend, &request).await.unwrap_err();
    assert_eq!(take(&backend, &request).await.unwrap().response, "q3");
    assert_eq!(original.said(), ["S", "q1", SAME, "q3"]);
    assert_eq!(reported_seconds(&backend).await, [Some(2.0)]);
}

#[tokio::test]
async fn the_same_words_twice_are_two_answers_each_with_its_own_timings() {
    let original = Original::meeting(&[Fate::Answered, Fate::Answered, Fate::Refused, Fate::Lost]);
    let server = original.serve().await;
    let backend = backend(&server);
    let second = answer(3.0);
    take(
        &backend,
        &TurnAttempt {
            input: TurnInput::Start(start(1)),
            attempt: Uuid::new_v4(),
            open: None,
        },
    )
    .await
    .unwrap();
    take(&backend, &answer(2.0)).await.unwrap();
    take(&backend, &second).await.unwrap_err();
    take(&backend, &second).await.unwrap_err();
    assert_eq!(take(&backend, &second).await.unwrap().response, "q5");
    assert_eq!(original.said(), ["S", "q1", SAME, "q3", SAME, "q5"]);
    assert_eq!(reported_seconds(&backend).await, [Some(2.0), Some(3.0)]);
}

#[tokio::test]
async fn a_cancelled_answer_is_taken_once_when_it_is_sent_again() {
    let original = Original::meeting(&[Fate::Answered, Fate::Silent]);
    let server = original.serve().await;
    let backend = backend(&server);
    let request = answer(2.0);
    take(
        &backend,
        &TurnAttempt {
            input: TurnInput::Start(start(1)),
            attempt: Uuid::new_v4(),
            open: None,
        },
    )
    .await
    .unwrap();
    original.came.notified().await;
    abandon(&backend, &request, &original).await;
    assert_eq!(take(&backend, &request).await.unwrap().response, "q3");
    assert_eq!(original.said(), ["S", "q1", SAME, "q3"]);
}

#[rstest]
#[case::lost(Fate::Lost)]
#[case::not_waited_for(Fate::Silent)]
#[tokio::test]
async fn a_repeated_start_opens_one_interview(#[case] fate: Fate) {
    let original = Original::meeting(&[fate]);
    let server = original.serve().await;
    let backend = backend(&server);
    let begin = |seed| TurnAttempt {
        input: TurnInput::Start(start(seed)),
        attempt: Uuid::new_v4(),
        open: None,
    };
    match fate {
        Fate::Silent => abandon(&backend, &begin(1), &original).await,
        _ => drop(take(&backend, &begin(1)).await.unwrap_err()),
    }
    assert_eq!(take(&backend, &begin(2)).await.unwrap().response, "q1");
    let posts = server
        .received_requests()
        .await
        .unwrap()
        .iter()
        .filter(|r| r.method.as_str() == "POST")
        .count();
    assert_eq!(posts, 1);
}

fn begin(topic: &str) -> TurnAttempt {
    TurnAttempt {
        input: TurnInput::Start(NewInterview {
            topic: Some(Topic::parse(topic).unwrap()),
            ..start(1)
        }),
        attempt: Uuid::new_v4(),
        open: None,
    }
}

async fn done(backend: &Backend, attempt: TurnAttempt) -> CompletedTurn {
    match backend.turn(attempt).collect::<Vec<_>>().await.pop() {
        Some(Ok(TurnEvent::Done(done))) => done,
        other => panic!("the last event is {other:?}"),
    }
}

#[rstest]
#[case::of_the_original(true)]
#[case::of_a_server_that_begins_anew(false)]
#[tokio::test]
async fn a_topic_that_the_server_ignored_is_noticed(#[case] ignores_topics: bool) {
    let original = Original {
        ignores_topics,
        ..Original::default()
    };
    let server = original.serve().await;
    let backend = backend(&server);
    let first = done(&backend, begin("rust")).await;
    assert!(!first.topic_ignored, "there was no history");
    let second = done(&backend, begin("java")).await;
    assert_eq!(second.topic_ignored, ignores_topics);
    let current = backend.current().await.unwrap();
    assert_eq!(
        second.open, current.open,
        "a draft is found again at its question"
    );
}

#[tokio::test]
async fn the_history_of_the_original_is_its_one_conversation() {
    let server = Original::default().serve().await;
    let backend = backend(&server);
    assert_eq!(backend.interviews_with_prefix("").await.unwrap(), []);
    done(&backend, begin("rust")).await;
    done(&backend, answer(1.0)).await;
    let listed = backend.interviews_with_prefix("").await.unwrap();
    assert_eq!(
        listed
            .iter()
            .map(|one| (one.topic.as_str(), one.answers, one.current))
            .collect::<Vec<_>>(),
        [("rust", 1, true)]
    );
    let report = backend.report_by_id(&listed[0].id).await.unwrap();
    assert_eq!(report.turns.len(), 2);
    assert!(matches!(
        backend.delete(&listed[0].id).await,
        Err(BackendError::NotOffered)
    ));
}
