//! Why settings cannot be used, always with where they came from.

use std::path::PathBuf;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// A line of the file is wrong.
    #[error("{}:{line}: {key}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// The key on that line.
        key: String,
        /// What is wrong, and what is allowed.
        reason: String,
    },
    /// A flag or an environment variable is wrong.
    #[error("{origin}: {reason}")]
    Setting {
        /// `--mode` or `MOCK_INTERVIEWER_MODE`.
        origin: String,
        /// What is wrong, and what is allowed.
        reason: String,
    },
    /// Well-typed, but of no use.
    #[error("{key}: {value:?} cannot be used; allowed: {allowed}")]
    Value {
        /// Which.
        key: String,
        /// As given.
        value: String,
        /// What would do.
        allowed: String,
    },
}

impl ConfigError {
    pub(super) fn value(key: &str, value: &str, allowed: &str) -> Self {
        Self::Value {
            key: key.into(),
            value: value.into(),
            allowed: allowed.into(),
        }
    }
}
