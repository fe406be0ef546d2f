//! Failures in words for the screen, in its language; the log keeps the technical ones.

use rust_i18n::t;

use crate::app::action::Failure;
use crate::backend::{BackendError, ConnectError};
use crate::client::ClientError;
use crate::interview::Language;
use crate::interviewer::InterviewerError;
use crate::practice::PracticeError;
use crate::store::StoreError;

/// What a failed request means to the app.
pub fn failure(error: &BackendError, language: Language) -> Failure {
    tracing::warn!(kind = kind(error), "a request failed");
    match error {
        BackendError::Practice(error) => practice(error, language),
        BackendError::Client(error) => client(error, language),
        BackendError::NotOffered => {
            Failure::Refused(t!("runtime.not_offered", locale = language.code()).into())
        }
    }
}

/// For the log: the words of a server or a model may quote what was said.
fn kind(error: &BackendError) -> &'static str {
    match error {
        BackendError::Practice(PracticeError::Interviewer(error)) => error.kind(),
        BackendError::Practice(PracticeError::Store(_)) => "the database",
        BackendError::Client(ClientError::Unreachable { .. }) => "the server is unreachable",
        BackendError::Client(ClientError::Server { .. }) => "the server failed",
        _ => "refused",
    }
}

fn practice(error: &PracticeError, language: Language) -> Failure {
    let locale = language.code();
    match error {
        PracticeError::LimitReached => {
            Failure::LimitReached(t!("runtime.limit", locale = locale).into())
        }
        PracticeError::NoInterview | PracticeError::NothingToFinish => {
            Failure::Refused(t!("runtime.no_interview", locale = locale).into())
        }
        PracticeError::Finished => Failure::Refused(t!("runtime.finished", locale = locale).into()),
        PracticeError::Interviewer(error) => Failure::Retry(interviewer(error, language)),
        PracticeError::Store(error) => Failure::Retry(store(error, language)),
        PracticeError::IdempotencyMismatch | PracticeError::UnknownInterview => {
            Failure::Refused(error.to_string())
        }
    }
}

fn interviewer(error: &InterviewerError, language: Language) -> String {
    let locale = language.code();
    match error {
        InterviewerError::Failed { engine, reason } => {
            t!(
                "runtime.interviewer_failed",
                locale = locale,
                engine = engine,
                reason = reason
            )
        }
        InterviewerError::TimedOut { engine } => {
            t!("runtime.interviewer_slow", locale = locale, engine = engine)
        }
        InterviewerError::Overloaded { engine, .. } => {
            t!("runtime.interviewer_busy", locale = locale, engine = engine)
        }
    }
    .into()
}

fn store(error: &StoreError, language: Language) -> String {
    t!(
        "runtime.database",
        locale = language.code(),
        reason = chain(error)
    )
    .into()
}

/// What a failed call to the server means to the app.
pub fn client(error: &ClientError, language: Language) -> Failure {
    let locale = language.code();
    match error {
        ClientError::Unauthorized(_) => Failure::Unauthorized,
        ClientError::LimitReached { message, .. } => Failure::LimitReached(
            t!("runtime.limit_server", locale = locale, message = message).into(),
        ),
        ClientError::Refused { message, .. } => Failure::Refused(message.clone()),
        ClientError::Unreachable { host, reason } => Failure::Retry(
            t!(
                "runtime.unreachable",
                locale = locale,
                host = host,
                reason = reason
            )
            .into(),
        ),
        ClientError::Server { host, message, .. } => Failure::Retry(
            t!(
                "runtime.server_failed",
                locale = locale,
                host = host,
                reason = message
            )
            .into(),
        ),
    }
}

/// Why there is no interview at all.
pub fn connect(error: &ConnectError, language: Language) -> Failure {
    tracing::warn!(%error, "cannot connect");
    match error {
        ConnectError::Store(error) => Failure::Retry(store(error, language)),
        ConnectError::Client(error) => client(error, language),
        ConnectError::Embedded(_) | ConnectError::NoServer => Failure::Refused(chain(error)),
    }
}

/// An error with its causes on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes =
        std::iter::successors(error.source(), |cause| cause.source()).map(ToString::to_string);
    std::iter::once(error.to_string())
        .chain(causes)
        .collect::<Vec<_>>()
        .join(": ")
}

/// Why signing in failed: a 401 there means a wrong password, not a lost session.
pub fn sign_in(error: &ClientError, language: Language) -> Failure {
    match error {
        ClientError::Unauthorized(message) => Failure::Refused(message.clone()),
        error => client(error, language),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ails_the_database_is_told_once_and_in_plain_words() {
        let cause = sqlx::Error::Decode("driver's words, code 13".into());
        let error = BackendError::Practice(
            StoreError::Query {
                action: "saving a turn",
                cause,
            }
            .into(),
        );
        let expected = "The interview could not be saved: the database failed while saving a turn: \
                        it gave an unexpected answer";
        assert_eq!(
            failure(&error, Language::English),
            Failure::Retry(expected.into())
        );
    }
}
