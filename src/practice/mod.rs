//! The interview service: start, answer, repeat, finish, history and report, over a store and an interviewer. Called
//! in-process by local mode and by the HTTP handlers of the server.
//!
//! ```text
//! Turn ─► user lock ─► repeat of a request? ─► plan ─► quota ─► interviewer ─deltas► caller
//!                                             (pure)                 │
//!                                                                    ▼ the whole reply
//!                                                       one transaction, then Done
//! ```

mod history;
mod idempotency;
mod plan;
mod questions;
mod report;
mod turn;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;

use crate::interview::bank::Bank;
use crate::interview::report::Report;
use crate::interview::{Answer, Background, Language, Level, Message, Progress, Topic};
use crate::interviewer::{Identity, Interviewer, InterviewerError};
use crate::store::{InterviewId, Store, StoreError, Transcript, UserId};
pub use history::summary;
pub use idempotency::Idempotency;

/// How a new interview is to be.
#[derive(Clone, Debug, PartialEq)]
pub struct NewInterview {
    /// `None`: a general interview.
    pub topic: Option<Topic>,
    /// Of the interview.
    pub language: Language,
    /// For whom.
    pub level: Option<Level>,
    /// How many, follow-ups included; `None`: until another is started.
    pub questions: Option<u32>,
    /// Told to a model; the question bank cannot read, and asks as without.
    pub background: Background,
    /// Of the question bank's choices; drawn by the caller.
    pub seed: u64,
}

/// What the candidate does.
#[derive(Clone, Debug, PartialEq)]
pub enum TurnInput {
    /// Begins a new interview; an earlier one is kept and closed.
    Start(NewInterview),
    /// Answers in the current interview; opens one as `otherwise` says if there is none.
    Answer {
        /// What was said.
        answer: Answer,
        /// Used when no interview is current.
        otherwise: NewInterview,
    },
    /// Wants the interviewer's last message again; not counted.
    Repeat,
    /// Ends the current interview with feedback before all questions were put, after a last answer if there is one.
    Finish(Option<Answer>),
}

/// One turn to take.
#[derive(Clone, Debug)]
pub struct TurnRequest {
    /// Whose.
    pub user: UserId,
    /// An earlier interview to go on with, which becomes the current one; `None`: the current one.
    pub interview: Option<InterviewId>,
    /// What.
    pub input: TurnInput,
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
    /// A sentence of the reply, and where its sound is kept; remote only, local mode narrates itself.
    SpokenSentence(SpokenSentence),
    /// Committed. Always the last.
    Done(CompletedTurn),
}

/// A sentence that can be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpokenSentence {
    /// From 0, in the order in which they are to be heard.
    pub index: u32,
    /// As it stands in the reply.
    pub text: String,
    /// Address of the sound.
    pub url: String,
}

/// A turn that was taken.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CompletedTurn {
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
    /// `Repeat` without an interview.
    #[error("there is no interview yet")]
    NoInterview,
    /// `Finish` without an interview.
    #[error("there is no interview to finish")]
    NothingToFinish,
    /// None of the user's has this key.
    #[error("there is no such interview")]
    UnknownInterview,
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

/// The service: store + interviewer + bank. Cheap to clone; clones share the store.
#[derive(Clone, Debug)]
pub struct Practice {
    store: Store,
    interviewer: Interviewer,
    bank: Arc<Bank>,
}

impl Practice {
    /// Over what it needs.
    pub fn new(store: Store, interviewer: Interviewer, bank: Arc<Bank>) -> Self {
        Self {
            store,
            interviewer,
            bank,
        }
    }

    /// Takes one turn. Turns of one user are taken one after the other.
    pub fn turn(&self, turn: TurnRequest) -> BoxStream<'static, Result<TurnEvent, PracticeError>> {
        turn::take(self.clone(), turn).boxed()
    }

    /// The current interview; empty before the first.
    pub async fn current(
        &self,
        user: &UserId,
        limit: Option<u32>,
        now: &jiff::Zoned,
    ) -> Result<Conversation, PracticeError> {
        let context = self.store.turn_context(user, now.date(), None).await?;
        Ok(Conversation {
            count: Some(context.turns),
            limit: limit.map(u64::from),
            ..context.transcript.map(conversation).unwrap_or_default()
        })
    }

    /// The report of an interview, the current one by default, its times by the clock of `zone`.
    pub async fn report(
        &self,
        user: &UserId,
        id: Option<&InterviewId>,
        zone: jiff::tz::TimeZone,
    ) -> Result<Report, PracticeError> {
        let transcript = match id {
            Some(id) => self
                .store
                .interview(user, id)
                .await?
                .ok_or(PracticeError::UnknownInterview)?,
            None => self
                .store
                .current_interview(user)
                .await?
                .ok_or(PracticeError::NoInterview)?,
        };
        Ok(report::of(&transcript, &self.bank, zone))
    }

    /// The language in which `turn` will be answered.
    pub async fn language_of(&self, turn: &TurnRequest) -> Result<Language, PracticeError> {
        let begun = match &turn.input {
            TurnInput::Start(start) => return Ok(start.language),
            _ => {
                self.store
                    .interview_language(&turn.user, turn.interview.as_ref())
                    .await?
            }
        };
        Ok(begun.unwrap_or(match &turn.input {
            TurnInput::Answer { otherwise, .. } => otherwise.language,
            _ => Language::default(),
        }))
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
    let Transcript {
        interview,
        messages,
    } = transcript;
    Conversation {
        messages: messages.into_iter().map(|stored| stored.message).collect(),
        topic: Some(interview.topic),
        language: Some(interview.language),
        question,
        finished: interview.finished,
        ..Conversation::default()
    }
}
