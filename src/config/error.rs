//! The errors of settings. Each names the origin of the value.

use std::path::PathBuf;

use super::Allowed;
use crate::interview::bank::BankError;

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
        problem: Problem,
    },
    /// An option or an environment variable is wrong.
    #[error("{origin}: {reason}")]
    Setting {
        /// The option or variable, such as `--mode` or `MOCK_INTERVIEWER_MODE`.
        origin: String,
        /// The problem and the allowed values.
        reason: String,
        problem: Problem,
    },
    /// A value has the right type, but cannot be used.
    #[error("{key}: {value:?} cannot be used; allowed: {allowed}")]
    Value {
        key: String,
        value: String,
        /// A description of the allowed values.
        allowed: String,
    },
    /// A folder of questions cannot be used.
    #[error("interview.question_folders: {0}")]
    Questions(BankError),
    /// The server cannot be reached with `--offline`.
    #[error("--offline: mode \"server\" needs the network to reach {url}")]
    Offline { url: String },
}

/// The kind of problem with a setting. Its details are words of a parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The file is not TOML.
    Syntax,
    /// There is no such setting.
    UnknownKey,
    /// The name is that of a table with settings.
    Table,
    /// The value is not one of those that are allowed.
    Value(Allowed),
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
