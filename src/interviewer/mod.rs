//! The engines that ask: `question_bank` asks from the question bank, `openai` lets a model ask
//! through chat completions.

pub mod openai;
pub mod question_bank;
#[cfg(test)]
pub mod scripted;

use std::sync::Arc;

use futures_util::stream::BoxStream;
use jiff::civil::Date;

use crate::interview::bank::Bank;
use crate::interview::bank_interviewer::Exchange;
use crate::interview::{Language, Level, Message, Topic};
use crate::upstream::{CutOff, UpstreamError};

/// The kind of line the interviewer is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InterviewerTask {
    Ask,
    /// A follow-up on the answer to the last main question if one is due, else the closing
    /// feedback. A model's follow-ups cannot be told from its main questions, so a model closes.
    FollowUpOrClose,
    /// The closing feedback, without a question.
    Close,
}

/// Everything an interviewer needs to know for its next line.
#[derive(Clone, Debug)]
pub struct Brief {
    pub task: InterviewerTask,
    pub language: Language,
    pub topic: Topic,
    pub level: Option<Level>,
    /// The number of main questions left, this one included.
    pub remaining: Option<u32>,
    /// Determines which questions the question bank selects.
    pub seed: u64,
    /// The conversation, from the system prompt to the newest answer.
    pub messages: Vec<Message>,
    /// The same conversation as questions and answers.
    pub exchanges: Vec<Exchange>,
    /// Names of questions from earlier interviews, oldest first.
    pub asked_before: Vec<String>,
    /// True if the candidate has had another interview.
    pub returning: bool,
}

/// A reply of the interviewer, streamed as it is written.
pub struct Reply {
    /// The pieces that make up the reply.
    pub deltas: BoxStream<'static, Result<ReplyDelta, InterviewerError>>,
    /// The name of the bank question, as in [`Exchange::asked`].
    pub asked: Option<String>,
    /// Set if the reply is the closing feedback.
    pub closes: bool,
}

/// A piece of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplyDelta {
    /// Markdown that continues the reply.
    Text(String),
    /// What came before was the model's thinking, and the reply begins here.
    Restart,
}

/// The reason an interviewer did not reply.
#[derive(Debug, thiserror::Error)]
pub enum InterviewerError {
    /// The engine was not reached, refused the request, or broke off.
    #[error("{engine} failed: {reason}")]
    Failed {
        /// The model and its host.
        engine: String,
        /// The reason, without secrets.
        reason: UpstreamError,
    },
    #[error("{engine} did not answer in time")]
    TimedOut {
        /// The model and its host.
        engine: String,
    },
    /// The engine still asked for a later attempt after all retries.
    #[error("{engine} cannot answer now: {reason}")]
    Overloaded {
        /// The model and its host.
        engine: String,
        /// The provider's own words, without secrets.
        reason: String,
        /// The requested wait in seconds.
        retry_after: Option<u64>,
    },
    /// The reply began, and is not whole.
    #[error("{engine} was cut off: {reason}")]
    CutOff {
        /// The model and its host.
        engine: String,
        reason: CutOff,
    },
    /// The reply ended before its first word.
    #[error("{engine} sent an empty reply: {reason}")]
    NoWords {
        /// The model and its host.
        engine: String,
        reason: CutOff,
    },
}

impl InterviewerError {
    /// Returns the model and its host.
    pub fn engine(&self) -> &str {
        match self {
            Self::Failed { engine, .. }
            | Self::TimedOut { engine }
            | Self::Overloaded { engine, .. }
            | Self::CutOff { engine, .. }
            | Self::NoWords { engine, .. } => engine,
        }
    }

    /// Returns a fixed text for the log. The endpoint's own message may quote what was said, so it
    /// is not logged.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Failed { .. } => "failed",
            Self::TimedOut { .. } => "timed out",
            Self::Overloaded { .. } => "overloaded",
            Self::CutOff { reason, .. } => match reason {
                CutOff::LengthLimit => "cut off by the length limit",
                CutOff::ContentFilter => "cut off by the content filter",
                CutOff::ConnectionEnded => "cut off by the end of the connection",
                CutOff::OnlyThinking => "cut off while thinking",
                CutOff::Refusal(_) => "cut off by a refusal",
                CutOff::Failed(_) => "cut off by an error",
            },
            Self::NoWords { .. } => "empty",
        }
    }
}

/// The identity of the interviewer, for the screen and the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    QuestionBank,
    /// A model at a host.
    Model {
        /// The name, or an empty text until the server has named its models.
        model: String,
        /// Host and port of the endpoint.
        host: String,
    },
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::QuestionBank => f.write_str("question bank"),
            Self::Model { model, host } if model.is_empty() => f.write_str(host),
            Self::Model { model, host } => write!(f, "{model} at {host}"),
        }
    }
}

/// An engine that asks questions.
#[derive(Clone, Debug)]
pub enum Interviewer {
    QuestionBank(question_bank::BankInterviewer),
    /// A model behind an OpenAI-compatible endpoint.
    OpenAi(openai::OpenAiInterviewer),
    /// A script that a test wrote.
    #[cfg(test)]
    Scripted(scripted::ScriptedInterviewer),
}

impl Interviewer {
    /// Creates an interviewer that asks from `bank`.
    pub fn question_bank(bank: Arc<Bank>) -> Self {
        Self::QuestionBank(question_bank::BankInterviewer::new(bank))
    }
    /// Replies with the next line.
    pub async fn reply(&self, brief: Brief) -> Result<Reply, InterviewerError> {
        match self {
            Self::QuestionBank(question_bank) => Ok(question_bank.reply(&brief)),
            Self::OpenAi(openai) => openai.reply(brief).await,
            #[cfg(test)]
            Self::Scripted(scripted) => Ok(scripted.reply(&brief)),
        }
    }
    /// Finds out which model asks, where the settings leave that to the server, and returns the last
    /// day of the model if that has passed or is near.
    pub async fn prepare(&self) -> Result<Option<Date>, InterviewerError> {
        match self {
            Self::QuestionBank(_) => Ok(None),
            Self::OpenAi(openai) => openai.prepare().await,
            #[cfg(test)]
            Self::Scripted(_) => Ok(None),
        }
    }
    /// Returns the identity of the interviewer.
    pub fn identity(&self) -> Identity {
        match self {
            Self::QuestionBank(_) => Identity::QuestionBank,
            Self::OpenAi(openai) => openai.identity(),
            #[cfg(test)]
            Self::Scripted(_) => Identity::QuestionBank,
        }
    }
}
