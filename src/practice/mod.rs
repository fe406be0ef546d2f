//! The interview service: start, answer, repeat, finish, history and report, over a store and an
//! interviewer. Local mode calls it in-process, and the server in its HTTP handlers.
//!
//! ```text
//! TurnRequest ─► user lock ─► repeat of a request? ─► plan ─► quota ─► interviewer ─deltas► caller
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
use crate::interview::{
    Answer, Background, Language, Level, Message, Progress, QuestionRef, Topic,
};
use crate::interviewer::{Identity, Interviewer, InterviewerError};
use crate::store::{Counting, InterviewId, Store, StoreError, Transcript, UserId};
pub use history::summary;
pub use idempotency::Idempotency;
pub use questions::{numbers_of_messages, progress};

/// The settings of a new interview.
#[derive(Clone, Debug, PartialEq)]
pub struct NewInterview {
    /// `None` for a general interview.
    pub topic: Option<Topic>,
    pub language: Language,
    pub level: Option<Level>,
    /// The number of main questions; `None` for an interview that goes on until another one is
    /// started. A model's questions all count, since its follow-ups cannot be told apart.
    pub questions: Option<u32>,
    /// The texts about the candidate and the job that a model receives. The question bank ignores it.
    pub background: Background,
    /// Seeds the question bank's choices; drawn at random by the caller.
    pub seed: u64,
}

/// The action of the candidate in a turn.
#[derive(Clone, Debug, PartialEq)]
pub enum TurnInput {
    /// Begins a new interview. The earlier one is kept and closed.
    Start(NewInterview),
    /// Answers in the current interview.
    Answer {
        answer: Answer,
        /// The interview to open first if none is current.
        otherwise: NewInterview,
    },
    /// Asks for the interviewer's last message again; not counted.
    Repeat,
    /// Ends the current interview early with feedback, after a last answer if there is one; not
    /// counted.
    Finish(Option<Answer>),
}

/// A turn to take.
#[derive(Clone, Debug)]
pub struct TurnRequest {
    pub user: UserId,
    /// An earlier interview to continue, which becomes the current one; `None` for the current one.
    pub interview: Option<InterviewId>,
    pub input: TurnInput,
    /// The question that is answered, as the number of messages the interviewer has said so far.
    /// The turn is refused if the interview has moved on since; `None` accepts any question.
    pub answers: Option<u32>,
    /// Turns per day; `None` without limit.
    pub limit: Option<u32>,
    /// The time, in the time zone that decides which day it is.
    pub now: jiff::Zoned,
    pub idempotency: Option<Idempotency>,
}

impl TurnRequest {
    /// Returns how the turn counts. Ending is free: a candidate at the limit still gets the feedback
    /// on what they answered.
    fn counting(&self) -> Counting {
        match self.input {
            TurnInput::Repeat | TurnInput::Finish(_) => Counting::Free,
            TurnInput::Start(_) | TurnInput::Answer { .. } => {
                Counting::Counted { limit: self.limit }
            }
        }
    }
}

/// A part of a turn as it happens. Dropping the stream before [`TurnEvent::Done`] stores and counts
/// nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum TurnEvent {
    /// The next piece of the reply.
    Delta(String),
    /// A sentence of the reply that a server has spoken. Local mode narrates replies itself.
    SpokenSentence(SpokenSentence),
    /// The turn was committed. Always the last event.
    Done(CompletedTurn),
}

/// A sentence and the address of its speech.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpokenSentence {
    /// The position in the order of speaking, from 0.
    pub index: u32,
    /// The sentence as it stands in the reply.
    pub text: String,
    pub url: String,
}

/// A turn that was taken.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CompletedTurn {
    /// The whole reply.
    pub response: String,
    /// The address of the spoken reply on a server. Local mode narrates replies itself.
    pub audio_url: Option<String>,
    /// `None` where a server does not name its interviews.
    pub interview_id: Option<String>,
    /// The question just asked; `None` after the last one, or where it is unknown.
    pub question: Option<Progress>,
    /// The question of the bank that was asked, or followed up on, as `topic/question`.
    #[serde(default)]
    pub asked: Option<String>,
    /// The question that waits for an answer now; filled in by [`crate::backend`].
    #[serde(skip)]
    pub open: Option<QuestionRef>,
    /// Set if the server went on with an earlier interview instead of the one that was begun.
    #[serde(skip)]
    pub topic_ignored: bool,
    /// Set if the interview is over.
    pub finished: bool,
    /// The turns taken today, where known.
    pub count: Option<u64>,
    /// Turns per day, where known and limited.
    pub limit: Option<u64>,
}

/// The current interview.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conversation {
    /// All messages, the system prompt first.
    pub messages: Vec<Message>,
    /// The turns taken today, where known.
    pub count: Option<u64>,
    /// Turns per day, where known and limited.
    pub limit: Option<u64>,
    pub topic: Option<Topic>,
    pub language: Option<Language>,
    /// The number of the question that waits for an answer, where known.
    pub question: Option<Progress>,
    /// The question that waits for an answer.
    pub open: Option<QuestionRef>,
    /// Set once feedback was given.
    pub finished: bool,
}

/// The reason why a turn was not taken. Nothing was stored or counted.
#[derive(Debug, thiserror::Error)]
pub enum PracticeError {
    /// There is no message to repeat.
    #[error("there is no interview yet")]
    NoInterview,
    #[error("there is no interview to finish")]
    NothingToFinish,
    /// The user has no interview with this ID.
    #[error("there is no such interview")]
    UnknownInterview,
    /// The question that was answered is no longer the open one: it was answered elsewhere, or the
    /// interview was ended.
    #[error("the interview has moved on: this question was answered elsewhere")]
    MovedOn,
    /// The interview that was to be continued is over.
    #[error("this interview is over")]
    Finished,
    #[error("the daily limit of turns is reached")]
    LimitReached,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    #[error(transparent)]
    Interviewer(#[from] InterviewerError),
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for PracticeError {
    /// The limit may be noticed before the interviewer is asked or at the commit; callers see the
    /// same error.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LimitReached => Self::LimitReached,
            other => Self::Store(other),
        }
    }
}

/// The interview service. Cheap to clone; clones share the store.
#[derive(Clone, Debug)]
pub struct Practice {
    store: Store,
    interviewer: Interviewer,
    bank: Arc<Bank>,
}

impl Practice {
    pub fn new(store: Store, interviewer: Interviewer, bank: Arc<Bank>) -> Self {
        Self {
            store,
            interviewer,
            bank,
        }
    }

    /// Takes a turn. Turns of one user are taken one after the other.
    pub fn turn(&self, turn: TurnRequest) -> BoxStream<'static, Result<TurnEvent, PracticeError>> {
        turn::stream(self.clone(), turn).boxed()
    }

    /// Returns the current interview; empty before the first.
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

    /// Returns one of the user's interviews, whether or not it is the current one.
    pub async fn conversation(
        &self,
        user: &UserId,
        id: &InterviewId,
    ) -> Result<Conversation, PracticeError> {
        let transcript = self.store.interview(user, id).await?;
        transcript
            .map(conversation)
            .ok_or(PracticeError::UnknownInterview)
    }

    /// Returns the report of an interview, the current one by default, with its times in `zone`.
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
        Ok(report::new_report(&transcript, &self.bank, zone))
    }

    /// Returns the language in which `turn` will be answered.
    pub async fn language_of(&self, turn: &TurnRequest) -> Result<Language, PracticeError> {
        let current = match &turn.input {
            TurnInput::Start(start) => return Ok(start.language),
            _ => {
                self.store
                    .interview_language(&turn.user, turn.interview.as_ref())
                    .await?
            }
        };
        Ok(current.unwrap_or(match &turn.input {
            TurnInput::Answer { otherwise, .. } => otherwise.language,
            _ => Language::default(),
        }))
    }

    /// Returns who asks the questions.
    pub fn identity(&self) -> Identity {
        self.interviewer.identity()
    }

    /// Returns the question bank, which lists the topics.
    pub fn bank(&self) -> &Bank {
        &self.bank
    }
}

fn conversation(transcript: Transcript) -> Conversation {
    let question = progress(&transcript);
    let open = questions::open(&transcript);
    let Transcript {
        interview,
        messages,
    } = transcript;
    Conversation {
        messages: messages.into_iter().map(|stored| stored.message).collect(),
        topic: Some(interview.topic),
        language: Some(interview.language),
        question,
        open,
        finished: interview.finished,
        ..Conversation::default()
    }
}
