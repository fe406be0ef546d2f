//! What may be wrong with a folder or a file of questions.

/// A problem of a folder or a file of questions.
#[derive(Debug, thiserror::Error)]
pub enum BankProblem {
    #[error("has no folder named en or ko")]
    NoLanguage,
    #[error("cannot be read: {0}")]
    Unreadable(std::io::Error),
    #[error("cannot be listed: {0}")]
    Unlisted(std::io::Error),
    /// The file is not TOML, or lacks a key, in the words of the parser.
    #[error("{0}")]
    Format(String),
    #[error("a topic needs at least one [[question]]")]
    NoQuestion,
    #[error("question {id:?} has {found} points; at least {least} are needed")]
    Points {
        id: String,
        found: usize,
        least: usize,
    },
    #[error("question {id:?} has {found} follow-ups; 1 to {most} are needed")]
    FollowUps {
        id: String,
        found: usize,
        most: usize,
    },
    #[error("{what} {id:?} has no {key}")]
    Missing {
        what: &'static str,
        id: String,
        key: &'static str,
    },
    #[error("point {id:?} has {found} sentences in {key}; at least {least} are needed")]
    Sentences {
        id: String,
        key: &'static str,
        found: usize,
        least: usize,
    },
    #[error("point {id:?} has no terms")]
    NoTerms { id: String },
    #[error("follow-up on {point:?}: no such point, or followed up twice")]
    FollowUpPoint { point: String },
    #[error("{what} id {id:?} is empty or holds a blank, / or #")]
    BadId { what: &'static str, id: String },
    #[error("{what} id {id:?} is used twice")]
    IdTwice { what: &'static str, id: String },
    #[error("{key} is empty")]
    Empty { key: &'static str },
}
