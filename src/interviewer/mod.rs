//! Who asks: `question_bank` is the question bank, `openai` a model behind chat completions.

pub mod openai;
pub mod question_bank;
#[cfg(test)]
pub mod scripted;

use std::sync::Arc;

use futures_util::stream::BoxStream;

use crate::interview::bank::Bank;
use crate::interview::bank_interviewer::Exchange;
use crate::interview::{Language, Level, Message, Topic};

/// What is wanted of the interviewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InterviewerTask {
    /// The next question or follow-up.
    Ask,
    /// Closing feedback; no question.
    Close,
}

/// Everything an interviewer knows when it is to speak.
#[derive(Clone, Debug)]
pub struct Brief {
    /// What to do.
    pub task: InterviewerTask,
    /// Of the interview.
    pub language: Language,
    /// What it is about.
    pub topic: Topic,
    /// For whom.
    pub level: Option<Level>,
    /// Questions still to be put, this one included.
    pub remaining: Option<u32>,
    /// Fixes the question bank's choices.
    pub seed: u64,
    /// System prompt first, the newest answer last.
    pub messages: Vec<Message>,
    /// The same as questions and answers.
    pub exchanges: Vec<Exchange>,
    /// Questions of earlier interviews, oldest first.
    pub asked_before: Vec<String>,
}

/// What the interviewer says, as it is said.
pub struct Reply {
    /// Pieces of markdown; their concatenation is the whole reply.
    pub deltas: BoxStream<'static, Result<String, InterviewerError>>,
    /// Name of the bank question put, see [`Exchange::asked`].
    pub asked: Option<String>,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum InterviewerError {
    /// Not reached, refused, or broken off.
    #[error("{engine} failed: {reason}")]
    Failed {
        /// Model at host.
        engine: String,
        /// Without secrets.
        reason: String,
    },
    /// Took too long.
    #[error("{engine} did not answer in time")]
    TimedOut {
        /// Model at host.
        engine: String,
    },
    /// Asks to come back later, still after the retries.
    #[error("{engine} is overloaded")]
    Overloaded {
        /// Model at host.
        engine: String,
        /// Seconds.
        retry_after: Option<u64>,
    },
}

impl InterviewerError {
    /// Model at host.
    pub fn engine(&self) -> &str {
        match self {
            Self::Failed { engine, .. }
            | Self::TimedOut { engine }
            | Self::Overloaded { engine, .. } => engine,
        }
    }

    /// One word for the log, where an endpoint's own words have no place: they may quote what was said.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Failed { .. } => "failed",
            Self::TimedOut { .. } => "timed out",
            Self::Overloaded { .. } => "overloaded",
        }
    }
}

/// Who is asking, for the screen and the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The built-in question bank.
    QuestionBank,
    /// A model at a host.
    Model {
        /// Its name.
        model: String,
        /// Host and port of the endpoint.
        host: String,
    },
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::QuestionBank => f.write_str("question bank"),
            Self::Model { model, host } => write!(f, "{model} at {host}"),
        }
    }
}

/// An engine that asks.
#[derive(Clone, Debug)]
pub enum Interviewer {
    /// The question bank.
    QuestionBank(question_bank::BankInterviewer),
    /// An OpenAI-compatible endpoint.
    OpenAi(openai::OpenAiInterviewer),
    /// What a test has written down.
    #[cfg(test)]
    Scripted(scripted::ScriptedInterviewer),
}

impl Interviewer {
    /// The question bank as interviewer.
    pub fn question_bank(bank: Arc<Bank>) -> Self {
        Self::QuestionBank(question_bank::BankInterviewer::new(bank))
    }
    /// Says the next line.
    pub async fn reply(&self, brief: Brief) -> Result<Reply, InterviewerError> {
        match self {
            Self::QuestionBank(question_bank) => Ok(question_bank.reply(&brief)),
            Self::OpenAi(openai) => openai.reply(brief).await,
            #[cfg(test)]
            Self::Scripted(scripted) => Ok(scripted.reply(&brief)),
        }
    }
    /// Who is asking.
    pub fn identity(&self) -> Identity {
        match self {
            Self::QuestionBank(_) => Identity::QuestionBank,
            Self::OpenAi(openai) => openai.identity(),
            #[cfg(test)]
            Self::Scripted(_) => Identity::QuestionBank,
        }
    }
}
