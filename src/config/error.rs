//! The errors of settings. Each names the origin of the value.

use std::path::PathBuf;

/// A reason why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    /// A line of the file is wrong.
    #[error("{}:{line}: {key}: {reason}", path.display())]
    File {
        path: PathBuf,
        /// The line number, from 1.
        line: usize,
        /// The key on that line.
        key: String,
        /// The problem and the allowed values.
        reason: String,
    },
    /// An option or an environment variable is wrong.
    #[error("{origin}: {reason}")]
    Setting {
        /// The option or variable, such as `--mode` or `MOCK_INTERVIEWER_MODE`.
        origin: String,
        /// The problem and the allowed values.
        reason: String,
    },
    /// A value has the right type, but cannot be used.
    #[error("{key}: {value:?} cannot be used; allowed: {allowed}")]
    Value {
        key: String,
        value: String,
        /// A description of the allowed values.
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
