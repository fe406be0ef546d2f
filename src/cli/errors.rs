//! Exit codes: 0 done, 1 failed, 2 wrong use or config, 3 not signed in, 4 quota reached, 130 interrupted.

use crate::backend::{BackendError, ConnectError};
use crate::client::ClientError;
use crate::config::ConfigError;
use crate::interview::UnknownValue;
use crate::practice::PracticeError;

/// A failure that the command itself finds.
#[derive(Debug, thiserror::Error)]
pub enum Fail {
    /// The words of the command line do not fit.
    #[error("{0}")]
    Usage(String),
    /// Nobody is signed in.
    #[error("{0}")]
    SignedOut(String),
    /// By Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

/// The exit code of a failure, by the kind of its causes, never by their text.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    error.chain().find_map(code_of).unwrap_or(1)
}

/// The reader of standard output went away.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind =
        |cause: &(dyn std::error::Error + 'static)| cause.downcast_ref().map(std::io::Error::kind);
    error
        .chain()
        .any(|cause| kind(cause) == Some(std::io::ErrorKind::BrokenPipe))
}

/// Writes a result to standard output; a reader that went away is an error like any other, not a panic.
pub fn say(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes a notice to standard error. Nobody may read it any more, which changes nothing.
pub fn tell(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn code_of(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if cause.is::<ConfigError>() || cause.is::<UnknownValue>() {
        return Some(2);
    }
    match cause.downcast_ref() {
        Some(Fail::Usage(_)) => return Some(2),
        Some(Fail::SignedOut(_)) => return Some(3),
        Some(Fail::Interrupted) => return Some(130),
        None => {}
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

    #[test]
    fn the_exit_code_follows_the_cause() {
        let limit = || ClientError::LimitReached {
            message: String::new(),
            retry_after: None,
        };
        let cases: Vec<(anyhow::Error, u8)> = vec![
            (anyhow!("disk full"), 1),
            (Fail::Usage("no such topic".into()).into(), 2),
            (Fail::Interrupted.into(), 130),
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
        let unknown: Result<(), _> = Err(UnknownValue::new("mode", "cloud", "local"));
        assert_eq!(exit_code(&unknown.context("flags").unwrap_err()), 2);
    }
}
