//! The domain of an interview, free of any input or output: who speaks, in which language,
//! about what, and what is known of how an answer was spoken.

pub mod bank;
pub mod bank_interviewer;
pub mod delivery;
pub mod prompt;
pub mod report;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language the program speaks, both on the screen and in the interview.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Korean.
    #[serde(rename = "ko")]
    Korean,
}

impl Language {
    /// Every language, in the order a list shows them.
    pub const ALL: [Self; 2] = [Self::English, Self::Korean];

    /// The ISO 639-1 code, `en` or `ko`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    /// The language of a POSIX locale such as `ko_KR.UTF-8`; English for any other.
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
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        Self::ALL
            .into_iter()
            .find(|language| language.code() == text)
            .ok_or_else(|| Unknown::new("language", text, "en, ko"))
    }
}

/// How experienced a candidate the questions are meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum Level {
    /// First job.
    Junior,
    /// Works alone.
    Middle,
    /// Leads others.
    Senior,
}

impl Level {
    /// Every level, easiest first.
    pub const ALL: [Self; 3] = [Self::Junior, Self::Middle, Self::Senior];

    /// `junior`, `middle` or `senior`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Junior => "junior",
            Self::Middle => "middle",
            Self::Senior => "senior",
        }
    }
}

impl FromStr for Level {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        Self::ALL
            .into_iter()
            .find(|level| level.code() == text)
            .ok_or_else(|| Unknown::new("level", text, "junior, middle, senior"))
    }
}

/// A word that names none of the allowed values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is no {what}; allowed: {allowed}")]
pub struct Unknown {
    what: &'static str,
    given: String,
    allowed: &'static str,
}

impl Unknown {
    /// `given` is not one of `allowed` (a comma-separated list) for a `what`.
    pub fn new(what: &'static str, given: &str, allowed: &'static str) -> Self {
        Self {
            what,
            given: given.to_owned(),
            allowed,
        }
    }
}

/// What an interview is about: the name of a built-in topic or the candidate's own words.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Topic(String);

/// A topic that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// Nothing but blanks.
    #[error("a topic needs at least one character")]
    Empty,
    /// Longer than [`Topic::MAX_CHARS`].
    #[error("a topic has at most {} characters", Topic::MAX_CHARS)]
    TooLong,
}

impl Topic {
    /// Longest topic accepted, in characters.
    pub const MAX_CHARS: usize = 8_000;

    /// A topic of one line, without surrounding blanks or control characters.
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

    /// The topic as written.
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

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum Role {
    /// The instructions an interview is held under.
    System,
    /// The candidate.
    User,
    /// The interviewer.
    Assistant,
}

/// One line of an interview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// Markdown.
    pub content: String,
}

impl Message {
    /// A message of `role`.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self {
            role,
            content: content.into(),
        }
    }
}

/// One spoken word and when it was said, in seconds from the start of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Word {
    /// As written, punctuation included.
    pub text: String,
    /// Seconds.
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 86400))]
    pub start: f64,
    /// Seconds, never before `start`.
    pub end: f64,
}

/// A stretch of time, in seconds from the start of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Span {
    /// Seconds.
    pub start: f64,
    /// Seconds, never before `start`.
    pub end: f64,
}

impl Span {
    /// Its length in seconds.
    pub fn seconds(self) -> f64 {
        self.end - self.start
    }
}

/// How an answer was spoken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Spoken {
    /// Length of the recording in seconds.
    #[cfg_attr(feature = "server", schema(minimum = 0, maximum = 86400))]
    pub seconds: f64,
    /// The words heard, in order.
    #[cfg_attr(feature = "server", schema(max_items = 5000))]
    pub words: Vec<Word>,
    /// The stretches with a voice, words or not, in order; empty where nobody looked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voiced: Vec<Span>,
}

/// A candidate's answer; typed when `spoken` is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// What was said or typed.
    pub text: String,
    /// How it was said.
    pub spoken: Option<Spoken>,
}

/// What a candidate shows of themselves and of the job they want; it shapes the questions of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Background {
    /// Of the candidate, as text.
    pub resume: Option<String>,
    /// Of the job, as text.
    pub job_description: Option<String>,
}

impl Background {
    /// Whether there is anything in it.
    pub fn is_given(&self) -> bool {
        self.resume.is_some() || self.job_description.is_some()
    }
}

/// Most questions one may ask for, wherever one does.
pub const MOST_QUESTIONS: u32 = 50;

/// How far an interview is: question `number` of `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Progress {
    /// From 1.
    pub number: u32,
    /// How many will be put; `None` when the interview goes on until another is started.
    pub of: Option<u32>,
}

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
