//! The interview service: start, answer, repeat, finish, history and report, over a store and an interviewer. Called
//! in-process by local mode and by the HTTP handlers of the server.
//!
//! ```text
//! Turn ─► queue ─► repeat of a request? ─► plan ─► quota ─► interviewer ─deltas► caller
//!        (one turn                        (pure)                 │
//!         a user)                                                ▼ the whole reply
//!                                                   one transaction, then Done
//! ```

mod plan;
mod questions;
mod queue;
mod report;
mod turn;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use sha2::{Digest as _, Sha256};

use crate::interview::bank::Bank;
use crate::interview::report::Report;
use crate::interview::{Answer, Language, Level, Message, Progress, Topic};
use crate::interviewer::{Identity, Interviewer, InterviewerError};
use crate::store::{InterviewId, Store, StoreError, Transcript, UserId};
use queue::Queue;

/// How a new interview is to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// `None`: a general interview.
    pub topic: Option<Topic>,
    /// Of the interview.
    pub language: Language,
    /// For whom.
    pub level: Option<Level>,
    /// How many, follow-ups included; `None`: until another is started.
    pub questions: Option<u32>,
    /// Of the question bank's choices; drawn by the caller.
    pub seed: u64,
}

/// What the candidate does.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Begins a new interview; an earlier one is kept and closed.
    Start(Start),
    /// Answers in the current interview; opens one as `otherwise` says if there is none.
    Answer {
        /// What was said.
        answer: Answer,
        /// Used when no interview is current.
        otherwise: Start,
    },
    /// Wants the interviewer's last message again; not counted.
    Repeat,
    /// Ends the current interview with feedback before all questions were put; not counted.
    Finish,
}

/// A repeat under the same key gives the same answer and is not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// UUID given by the client.
    pub key: String,
    /// SHA-256 (hex) of the request; another one under the same key is refused.
    pub fingerprint: String,
}

impl Idempotency {
    /// For `input` under `key`. What counts is what the candidate asked for, not the seed or the language that came
    /// with it: both may differ when the same is sent again.
    pub fn of(key: uuid::Uuid, input: &Input) -> Self {
        let about = |start: &Start| start.topic.as_ref().map(|topic| topic.as_str().to_owned());
        let request = match input {
            Input::Start(start) => serde_json::json!(["start", about(start)]),
            Input::Answer { answer, otherwise } => serde_json::json!(["answer", answer.text, about(otherwise)]),
            Input::Repeat => serde_json::json!(["repeat"]),
            Input::Finish => serde_json::json!(["finish"]),
        };
        Self { key: key.to_string(), fingerprint: hex::encode(Sha256::digest(request.to_string())) }
    }
}

/// One turn to take.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Whose.
    pub user: UserId,
    /// What.
    pub input: Input,
    /// Turns allowed a day; `None` without limit.
    pub limit: Option<u32>,
    /// When, in the time zone that decides which day it is.
    pub now: jiff::Zoned,
    /// See there.
    pub idempotency: Option<Idempotency>,
}

/// A turn as it happens. Dropping the stream before [`TurnEvent::Done`] stores and counts nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum TurnEvent {
    /// The next piece of the reply.
    Delta(String),
    /// Committed. Always the last.
    Done(Done),
}

/// A turn that was taken.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Done {
    /// The whole reply.
    pub response: String,
    /// Where the server keeps it as sound; remote only, local mode narrates itself.
    pub audio_url: Option<String>,
    /// Key of the interview; `None` where a server does not say.
    pub interview_id: Option<String>,
    /// The question just put; `None` after the last, or unknown.
    pub question: Option<Progress>,
    /// The interview is over.
    pub finished: bool,
    /// Turns today.
    pub count: Option<u64>,
    /// Turns allowed a day.
    pub limit: Option<u64>,
}

/// The current interview as it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conversation {
    /// System prompt first.
    pub messages: Vec<Message>,
    /// Turns today.
    pub count: Option<u64>,
    /// Turns allowed a day.
    pub limit: Option<u64>,
    /// About, where known.
    pub topic: Option<Topic>,
    /// In, where known.
    pub language: Option<Language>,
    /// The question that waits for an answer, where known.
    pub question: Option<Progress>,
    /// Feedback was given.
    pub finished: bool,
}

/// Why a turn was not taken. Nothing was stored or counted.
#[derive(Debug, thiserror::Error)]
pub enum PracticeError {
    /// `Repeat`, `Finish` without an interview.
    #[error("there is no interview yet")]
    NoInterview,
    /// `Answer` or `Finish` after the end.
    #[error("this interview is over")]
    Finished,
    /// The day is used up.
    #[error("You have exceeded the chat request limit for today.")]
    LimitReached,
    /// Same key, another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    /// The engine.
    #[error(transparent)]
    Interviewer(#[from] InterviewerError),
    /// The database.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for PracticeError {
    /// Whether the limit shows before the interviewer is asked or at the commit is the same to the candidate.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LimitReached => Self::LimitReached,
            other => Self::Store(other),
        }
    }
}

/// The service: store + interviewer + bank. Cheap to clone; clones share the order of turns.
#[derive(Clone, Debug)]
pub struct Practice {
    store: Store,
    interviewer: Interviewer,
    bank: Arc<Bank>,
    queue: Queue,
}

impl Practice {
    /// Over what it needs.
    pub fn new(store: Store, interviewer: Interviewer, bank: Arc<Bank>) -> Self {
        Self { store, interviewer, bank, queue: Queue::default() }
    }

    /// Takes one turn. Turns of one user are taken one after the other.
    pub fn turn(&self, turn: Turn) -> BoxStream<'static, Result<TurnEvent, PracticeError>> {
        turn::take(self.clone(), turn).boxed()
    }

    /// The current interview; empty before the first.
    pub async fn current(
        &self,
        user: &UserId,
        limit: Option<u32>,
        now: &jiff::Zoned,
    ) -> Result<Conversation, PracticeError> {
        let (count, limit) = (Some(self.store.turns_on(user, now.date()).await?), limit.map(u64::from));
        let current = self.store.current_interview(user).await?;
        Ok(Conversation { count, limit, ..current.map(conversation).unwrap_or_default() })
    }

    /// The report of an interview, the current one by default, its times by the clock of `zone`.
    pub async fn report(
        &self,
        user: &UserId,
        id: Option<&InterviewId>,
        zone: jiff::tz::TimeZone,
    ) -> Result<Report, PracticeError> {
        let transcript = match id {
            Some(id) => self.store.interview(user, id).await?,
            None => self.store.current_interview(user).await?,
        };
        transcript.map(|transcript| report::of(&transcript, &self.bank, zone)).ok_or(PracticeError::NoInterview)
    }

    /// Who asks.
    pub fn identity(&self) -> Identity {
        self.interviewer.identity()
    }

    /// The questions known, for the lists of topics.
    pub fn bank(&self) -> &Bank {
        &self.bank
    }
}

fn conversation(transcript: Transcript) -> Conversation {
    let question = questions::progress(&transcript);
    let Transcript { interview, messages } = transcript;
    Conversation {
        messages: messages.into_iter().map(|stored| stored.message).collect(),
        topic: Some(interview.topic),
        language: Some(interview.language),
        question,
        finished: interview.finished,
        ..Conversation::default()
    }
}
