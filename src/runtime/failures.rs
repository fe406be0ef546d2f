//! Words failures for the screen, in its language; the log keeps the technical words.

use rust_i18n::t;

use super::wording;
use crate::app::action::Failure;
use crate::backend::{BackendError, ConnectError};
use crate::client::ClientError;
use crate::interview::Language;
use crate::practice::PracticeError;
use crate::store::{Outage, StoreError};

/// Returns what a failed request means to the app.
pub fn of_request(error: &BackendError, language: Language) -> Failure {
    tracing::warn!(kind = kind(error), "a request failed");
    match error {
        BackendError::Practice(error) => of_practice(error, language),
        BackendError::Client(error) => of_client(error, language),
        BackendError::NotOffered => {
            Failure::Refused(t!("runtime.not_offered", locale = language.code()).into())
        }
    }
}

/// Returns what may be logged of an error: the words of a server or a model may quote what the
/// candidate said.
fn kind(error: &BackendError) -> &'static str {
    match error {
        BackendError::Practice(PracticeError::Interviewer(error)) => error.kind(),
        BackendError::Practice(PracticeError::Store(_)) => "the database",
        BackendError::Client(ClientError::Unreachable { .. }) => "the server is unreachable",
        BackendError::Client(ClientError::Server { .. }) => "the server failed",
        _ => "refused",
    }
}

fn of_practice(error: &PracticeError, language: Language) -> Failure {
    let locale = language.code();
    match error {
        PracticeError::LimitReached => {
            Failure::LimitReached(t!("runtime.limit", locale = locale).into())
        }
        PracticeError::NoInterview | PracticeError::NothingToFinish => {
            Failure::Refused(t!("runtime.no_interview", locale = locale).into())
        }
        PracticeError::MovedOn | PracticeError::Finished => Failure::MovedOn,
        PracticeError::Interviewer(error) => {
            Failure::Retry(wording::of_interviewer(error, language))
        }
        PracticeError::Store(error) => Failure::Retry(of_store(error, language)),
        PracticeError::IdempotencyMismatch | PracticeError::UnknownInterview => {
            Failure::Refused(wording::of(error, language))
        }
    }
}

fn of_store(error: &StoreError, language: Language) -> String {
    let locale = language.code();
    match error.outage() {
        Some(Outage::Full) => t!("runtime.disk_full", locale = locale),
        Some(Outage::Unwritable) => t!("runtime.disk_unwritable", locale = locale),
        Some(Outage::Busy | Outage::Away) | None => t!(
            "runtime.database",
            locale = locale,
            reason = wording::of(error, language)
        ),
    }
    .into()
}

/// Returns what a failed call to the server means to the app.
pub fn of_client(error: &ClientError, language: Language) -> Failure {
    let locale = language.code();
    match error {
        ClientError::Unauthorized(_) => Failure::Unauthorized,
        ClientError::LimitReached { message, .. } => Failure::LimitReached(
            t!("runtime.limit_server", locale = locale, message = message).into(),
        ),
        ClientError::SignedInElsewhere { host } => {
            Failure::Refused(t!("runtime.signed_in_elsewhere", locale = locale, host = host).into())
        }
        ClientError::MovedOn { .. } => Failure::MovedOn,
        ClientError::Refused { .. } => Failure::Refused(wording::of(error, language)),
        ClientError::Unreachable { host, reason } => Failure::Retry(
            t!(
                "runtime.unreachable",
                locale = locale,
                host = host,
                reason = wording::of_connection(reason, language)
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

/// Returns why there is no connection to where interviews run.
pub fn of_connection(error: &ConnectError, language: Language) -> Failure {
    tracing::warn!(%error, "cannot connect");
    match error {
        ConnectError::Store(error) => Failure::Retry(of_store(error, language)),
        ConnectError::Client(error) => of_client(error, language),
        ConnectError::Embedded(_) | ConnectError::NoServer => {
            Failure::Refused(wording::of(error, language))
        }
    }
}

/// Returns why signing in failed: a 401 there means a wrong password, not a lost session.
pub fn of_sign_in(error: &ClientError, language: Language) -> Failure {
    match error {
        ClientError::Unauthorized(message) => Failure::Refused(match language {
            Language::English => message.clone(),
            Language::Korean => t!(
                "errors.client.wrong_password",
                locale = language.code(),
                message = message
            )
            .into(),
        }),
        error => of_client(error, language),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Database, Engine, fill_disk};

    #[test]
    fn a_database_error_is_worded_once_without_the_words_of_the_driver() {
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
            of_request(&error, Language::English),
            Failure::Retry(expected.into())
        );
    }

    #[rstest::rstest]
    #[case(
        Language::English,
        "The interview could not be saved: the disk is full. Free some space, then send it again."
    )]
    #[case(
        Language::Korean,
        "디스크가 가득 차서 면접을 저장하지 못했습니다. 공간을 확보한 뒤 다시 보내 주세요."
    )]
    #[tokio::test]
    async fn a_full_disk_is_said_plainly_and_the_answer_can_be_sent_again(
        #[case] language: Language,
        #[case] expected: &str,
    ) {
        let database = Database::new(Engine::Sqlite).await;
        let store = database.open().await;
        fill_disk(&store).await;
        let cause = store.check().await.unwrap_err();
        let error = BackendError::Practice(cause.into());
        assert_eq!(
            of_request(&error, language),
            Failure::Retry(expected.into())
        );
    }
}
