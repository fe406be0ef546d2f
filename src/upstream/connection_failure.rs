//! The reasons why a connection to a server failed or broke.

use std::error::Error;
use std::io;

use super::tls;

/// The reason why a connection failed or broke, without an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectionFailure {
    #[error("no answer in time")]
    NoAnswer,
    #[error("the connection was lost")]
    Lost,
    #[error("the reply broke off")]
    BrokeOff,
    /// The request could not be made at all.
    #[error("the request failed")]
    NotMade,
    /// The system refused it, in its own words.
    #[error("{words}")]
    System { kind: io::ErrorKind, words: String },
    /// This computer trusts no server at all.
    #[error("{0}")]
    NoCertificates(&'static str),
    /// The words of a library.
    #[error("{0}")]
    Other(String),
}

/// Returns the innermost cause of a failed call, which contains no address.
pub fn root_cause(error: &reqwest::Error) -> ConnectionFailure {
    if error.is_timeout() {
        return ConnectionFailure::NoAnswer;
    }
    let chain = std::iter::successors(Error::source(error), |inner: &&(dyn Error + 'static)| {
        (*inner).source()
    });
    let Some(last) = chain.last() else {
        return ConnectionFailure::NotMade;
    };
    if let Some(reason) = tls::distrust_reason(last) {
        return ConnectionFailure::NoCertificates(reason);
    }
    let words = last.to_string();
    match last.downcast_ref::<io::Error>() {
        Some(error) => ConnectionFailure::System {
            kind: error.kind(),
            words,
        },
        None => ConnectionFailure::Other(words),
    }
}

impl ConnectionFailure {
    /// Returns the failure after `change` to words that are not the program's own.
    #[must_use]
    pub fn map_words(self, change: impl FnOnce(&str) -> String) -> Self {
        match self {
            Self::System { kind, words } => Self::System {
                kind,
                words: change(&words),
            },
            Self::Other(words) => Self::Other(change(&words)),
            own => own,
        }
    }
}
