//! Exit codes: 0 done, 1 failed, 2 wrong use or config, 3 not signed in, 4 quota reached, 130 interrupted.

use crate::backend::{BackendError, ConnectError};
use crate::client::ClientError;
use crate::config::ConfigError;
use crate::interview::{Language, UnknownValue};
use crate::interviewer::InterviewerError;
use crate::practice::PracticeError;
use crate::runtime::wording;

/// A failure that a command finds by itself.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The command line asks for something that cannot be done.
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    SignedOut(String),
    /// The user pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// A reply is not whole, in words for the user.
    #[error("{0}")]
    CutOff(String),
}

impl CommandError {
    /// Returns why a turn failed. That a reply is not whole is said in `language`.
    pub fn of_turn(error: BackendError, language: Language) -> anyhow::Error {
        match &error {
            BackendError::Practice(PracticeError::Interviewer(
                cut @ (InterviewerError::CutOff { .. } | InterviewerError::NoWords { .. }),
            )) => Self::CutOff(wording::of_interviewer(cut, language)).into(),
            _ => error.into(),
        }
    }
}

/// Returns the exit code of a failure, by the types of its causes.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(code_of).unwrap_or(1)
}

/// Returns whether the reader of standard output has gone away.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind =
        |cause: &(dyn std::error::Error + 'static)| cause.downcast_ref().map(std::io::Error::kind);
    error
        .chain()
        .any(|cause| kind(cause) == Some(std::io::ErrorKind::BrokenPipe))
}

fn code_of(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if cause.is::<ConfigError>() || cause.is::<UnknownValue>() {
        return Some(2);
    }
    match cause.downcast_ref() {
        Some(CommandError::Usage(_)) => return Some(2),
        Some(CommandError::SignedOut(_)) => return Some(3),
        Some(CommandError::Interrupted) => return Some(130),
        Some(CommandError::CutOff(_)) | None => {}
    }
    // Transparent errors hide their cause from the chain: look through them.
    match (
        cause.downcast_ref(),
        cause.downcast_ref(),
        cause.downcast_ref(),
        cause.downcast_ref(),
    ) {
        (Some(BackendError::Client(client)), ..)
        | (_, Some(ConnectError::Client(client)), ..)
        | (.., Some(client), _) => client_code(client),
        (Some(BackendError::Practice(PracticeError::LimitReached)), ..)
        | (.., Some(PracticeError::LimitReached)) => Some(4),
        _ => None,
    }
}

fn client_code(error: &ClientError) -> Option<u8> {
    match error {
        ClientError::Unauthorized(_) => Some(3),
        ClientError::LimitReached { .. } => Some(4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;
    use crate::interview::ValueKind;

    #[test]
    fn the_exit_code_follows_the_cause() {
        let limit = || ClientError::LimitReached {
            message: String::new(),
            retry_after: None,
        };
        let cases: Vec<(anyhow::Error, u8)> = vec![
            (anyhow!("disk full"), 1),
            (CommandError::Usage("no such topic".into()).into(), 2),
            (CommandError::Interrupted.into(), 130),
            (
                anyhow::Error::from(BackendError::Client(ClientError::Unauthorized(
                    String::new(),
                )))
                .context("sending"),
                3,
            ),
            (limit().into(), 4),
            (BackendError::Client(limit()).into(), 4),
            (
                BackendError::Practice(PracticeError::LimitReached).into(),
                4,
            ),
        ];
        for (error, code) in cases {
            assert_eq!(exit_code(&error), code, "{error:#}");
        }
        let unknown: Result<(), _> = Err(UnknownValue::new(ValueKind::Level, "expert", "junior"));
        assert_eq!(exit_code(&unknown.context("flags").unwrap_err()), 2);
    }
}
