//! What is wrong with a response that cannot be used.

/// What is wrong with a response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("the reply is empty")]
    EmptyReply,
    #[error("the reply is too long")]
    LongReply,
    #[error("its list of models cannot be read")]
    NoList,
    #[error("it has no model yet; install one there, or set {setting}")]
    NoModel { setting: &'static str },
    /// The server's own words, or what only a developer can act on.
    #[error("{0}")]
    Other(String),
}

impl From<String> for Flaw {
    fn from(words: String) -> Self {
        Self::Other(words)
    }
}

impl From<&str> for Flaw {
    fn from(words: &str) -> Self {
        Self::Other(words.to_owned())
    }
}
