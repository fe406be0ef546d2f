//! The domain of an interview, free of input and output: the people who speak, the language, the
//! topic, and how an answer was spoken.

pub mod bank;
pub mod bank_interviewer;
pub mod delivery;
pub mod numbering;
pub mod prompt;
pub mod report;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use numbering::{Progress, QuestionNumber, QuestionRef};

/// A language that the program supports on the screen and in the interview.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "ko")]
    Korean,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Korean];

    /// Returns the ISO 639-1 code, `en` or `ko`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    /// Returns the language of a POSIX locale such as `ko_KR.UTF-8`, and English for any locale
    /// that is not Korean.
    pub fn of_locale(locale: &str) -> Self {
        if locale.starts_with("ko") {
            Self::Korean
        } else {
            Self::English
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Language {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == text)
            .ok_or_else(|| UnknownValue::new(ValueKind::Language, text, "en, ko"))
    }
}

/// The experience a question is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum Level {
    /// A candidate in or before their first job.
    Junior,
    /// A candidate who works independently.
    Middle,
    /// A candidate who leads others.
    Senior,
}

impl Level {
    /// All levels, easiest first.
    pub const ALL: [Self; 3] = [Self::Junior, Self::Middle, Self::Senior];

    /// Returns `junior`, `middle` or `senior`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Junior => "junior",
            Self::Middle => "middle",
            Self::Senior => "senior",
        }
    }
}

impl FromStr for Level {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        Self::ALL
            .into_iter()
            .find(|level| level.code() == text)
            .ok_or_else(|| UnknownValue::new(ValueKind::Level, text, "junior, middle, senior"))
    }
}

/// The error for a word that is not one of the allowed values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not a {what}; allowed: {allowed}")]
pub struct UnknownValue {
    pub what: ValueKind,
    pub given: String,
    /// The allowed values, separated by commas.
    pub allowed: &'static str,
}

/// What a word should have named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    Language,
    Level,
    Registration,
    ReportFormat,
}

impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Language => "language",
            Self::Level => "level",
            Self::Registration => "registration",
            Self::ReportFormat => "report format",
        })
    }
}

impl UnknownValue {
    /// Creates the error for `given`, which is not among the comma-separated values of `allowed`
    /// for a `what`.
    pub fn new(what: ValueKind, given: &str, allowed: &'static str) -> Self {
        Self {
            what,
            given: given.to_owned(),
            allowed,
        }
    }
}

/// The topic of an interview: the name of a built-in topic or the candidate's own words.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Topic(String);

/// The reason a topic cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    #[error("a topic needs at least one character")]
    Empty,
    #[error("a topic has at most {} characters", Topic::MAX_CHARS)]
    TooLong,
}

impl Topic {
    /// The longest topic accepted, in characters.
    pub const MAX_CHARS: usize = 8_000;

    /// Turns `text` into a topic of one line, without surrounding blanks or control characters.
    pub fn parse(text: &str) -> Result<Self, TopicError> {
        let line: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        match line.trim() {
            "" => Err(TopicError::Empty),
            name if name.chars().count() > Self::MAX_CHARS => Err(TopicError::TooLong),
            name => Ok(Self(name.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Topic {
    type Error = TopicError;

    fn try_from(text: String) -> Result<Self, TopicError> {
        Self::parse(&text)
    }
}

impl From<Topic> for String {
    fn from(topic: Topic) -> Self {
        topic.0
    }
}

/// The speaker of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum Role {
    /// The instructions the interview is held under.
    System,
    User,
    Assistant,
}

/// One message of an interview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Message {
    pub role: Role,
    /// The message as Markdown.
    pub content: String,
}

impl Message {
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
        }
    }
}

/// One spoken word with its times in seconds from the start of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Word {
    /// The word as written, punctuation included.
    pub text: String,
    /// Start in seconds.
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 86400))]
    pub start: f64,
    /// End in seconds, never before `start`.
    pub end: f64,
}

/// A stretch of time in seconds from the start of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Span {
    /// Start in seconds.
    pub start: f64,
    /// End in seconds, never before `start`.
    pub end: f64,
}

impl Span {
    /// Returns the length in seconds.
    pub fn seconds(self) -> f64 {
        self.end - self.start
    }
}

/// The recording data of a spoken answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Spoken {
    /// Length of the recording in seconds.
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 86400))]
    pub seconds: f64,
    /// The recognised words, in order.
    #[cfg_attr(feature = "server", schema(max_items = 5000))]
    pub words: Vec<Word>,
    /// The stretches that contain a voice, with or without words, in order. Empty if voice was not
    /// measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voiced: Vec<Span>,
}

/// A candidate's answer. An answer without `spoken` was typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    pub text: String,
    pub spoken: Option<Spoken>,
}

/// The candidate and the job they want, in their own words. A model bases its
/// questions on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Background {
    /// The candidate's resume as text.
    pub resume: Option<String>,
    /// The description of the job as text.
    pub job_description: Option<String>,
}

impl Background {
    /// Returns whether a resume or a job description was given.
    pub fn is_given(&self) -> bool {
        self.resume.is_some() || self.job_description.is_some()
    }
}

/// The most questions a user can ask for, on the command line and through the API.
pub const MOST_QUESTIONS: u32 = 50;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topic_is_one_trimmed_line() {
        assert_eq!(
            Topic::parse(" Rust\nand C \t").unwrap().as_str(),
            "Rust and C"
        );
        assert_eq!(Topic::parse(" \n "), Err(TopicError::Empty));
        assert_eq!(Topic::parse(&"가".repeat(8_001)), Err(TopicError::TooLong));
    }

    #[test]
    fn locale_names_the_language() {
        assert_eq!(Language::of_locale("ko_KR.UTF-8"), Language::Korean);
        assert_eq!(Language::of_locale("C"), Language::English);
    }
}
