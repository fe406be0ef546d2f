//! The shape of every error answer: a status, a JSON body and perhaps headers. All sentences that
//! errors send over the wire are worded here and in the handlers. Causes go to the log, never to
//! the client.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::metrics::RefusalCause;
use crate::api::{ErrorEvent, ErrorResponse};
use crate::interview::{Topic, TopicError};
use crate::interviewer::InterviewerError;
use crate::practice::PracticeError;
use crate::store::{Outage, StoreError};
use crate::upstream::CutOff;

/// An answer other than success.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    body: ErrorResponse,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<RefusalCause>,
}

impl ApiError {
    /// Refuses a request that the application understood: `{"error": text}`.
    pub fn application(status: StatusCode, text: impl Into<String>) -> Self {
        let body = ErrorResponse {
            error: Some(text.into()),
            ..ErrorResponse::default()
        };
        Self::new(status, body)
    }

    /// Refuses a request that did not reach the application: `{"detail": text}`.
    pub fn protocol(status: StatusCode, text: impl Into<String>) -> Self {
        let body = ErrorResponse {
            detail: Some(text.into()),
            ..ErrorResponse::default()
        };
        Self::new(status, body)
    }

    fn new(status: StatusCode, body: ErrorResponse) -> Self {
        Self {
            status,
            body,
            headers: Vec::new(),
            cause: None,
        }
    }

    pub fn invalid(text: impl Into<String>) -> Self {
        Self::application(StatusCode::BAD_REQUEST, text)
    }

    pub fn not_found() -> Self {
        Self::protocol(StatusCode::NOT_FOUND, "Not found.")
    }

    pub fn unknown_interview() -> Self {
        Self::application(StatusCode::NOT_FOUND, "There is no such interview.")
    }

    /// Answers a request with a method that its path does not have. The router adds the `Allow`
    /// header.
    pub fn method_not_allowed(method: &Method) -> Self {
        let text = format!("Method \"{method}\" not allowed.");
        Self::protocol(StatusCode::METHOD_NOT_ALLOWED, text)
    }

    /// Answers a failure whose details are in the log only.
    pub fn internal() -> Self {
        Self::application(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error.")
    }

    /// Asks the client to try again in `seconds`.
    pub fn overloaded(text: &str, seconds: u64) -> Self {
        Self::application(StatusCode::SERVICE_UNAVAILABLE, text).retry_after(seconds)
    }

    /// Names the error under both keys: the original's documentation shows one, the original sends
    /// the other.
    fn taken(text: &str) -> Self {
        let mut taken = Self::application(StatusCode::CONFLICT, text);
        taken.body.message.clone_from(&taken.body.error);
        taken
    }

    pub fn registration_closed() -> Self {
        Self::application(StatusCode::FORBIDDEN, "Registration is closed.")
    }

    /// Asks for an invitation, and says how our own client sends one.
    pub fn not_invited() -> Self {
        let text = "Registration needs an invitation that was not used and has not expired: \
                    mock-interviewer register --invite CODE";
        Self::application(StatusCode::FORBIDDEN, text)
    }

    fn limit_reached() -> Self {
        let text = "You have exceeded the chat request limit for today.";
        Self::application(StatusCode::TOO_MANY_REQUESTS, text).because(RefusalCause::Quota)
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the error as the last event of a stream that has begun.
    pub fn into_event(self) -> ErrorEvent {
        let error = self.body.text().unwrap_or_default().to_owned();
        let mut headers = self.headers.iter();
        let wait = headers.find(|(name, _)| name == header::RETRY_AFTER);
        let retry_after = wait.and_then(|(_, seconds)| seconds.to_str().ok()?.parse().ok());
        ErrorEvent {
            error,
            status: self.status.as_u16(),
            retry_after,
        }
    }

    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn retry_after(self, seconds: u64) -> Self {
        self.with_header(header::RETRY_AFTER, seconds.into())
    }

    /// Closes the connection after the answer, because part of the request was never read.
    pub fn closing(self) -> Self {
        self.with_header(header::CONNECTION, HeaderValue::from_static("close"))
    }

    /// Makes the metrics count the error under `cause`.
    pub fn because(mut self, cause: RefusalCause) -> Self {
        self.cause = Some(cause);
        self
    }

    /// Returns the cause under which the metrics count the error, if any.
    pub fn cause(&self) -> Option<RefusalCause> {
        self.cause
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers);
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(cause);
        }
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::UsernameTaken | StoreError::EmailTaken => {
                Self::taken("Username already exists.")
            }
            StoreError::UsernameLooksTaken => {
                Self::taken("Username looks like another one that exists.")
            }
            StoreError::NotInvited => Self::not_invited(),
            StoreError::LimitReached => Self::limit_reached(),
            StoreError::Conflict => Self::overloaded(
                "Another turn of this interview was taken at the same time.",
                1,
            ),
            // The message of a store error is safe to log: it never quotes what was to be written.
            error => match error.outage() {
                Some(Outage::Busy) => {
                    tracing::warn!(%error, "the store is busy");
                    Outage::Busy.into()
                }
                Some(outage) => {
                    tracing::error!(%error, "the store is out of order");
                    outage.into()
                }
                None => {
                    tracing::error!(%error, "the store failed");
                    Self::internal()
                }
            },
        }
    }
}

/// A full or read-only disk waits for a person, so there is no hurry to try again.
impl From<Outage> for ApiError {
    fn from(outage: Outage) -> Self {
        match outage {
            Outage::Busy => Self::overloaded("The server is overloaded.", 1),
            Outage::Away => Self::overloaded("The database does not answer.", 5),
            Outage::Full => {
                Self::overloaded("The disk of the server is full. Nothing was saved.", 60)
            }
            Outage::Unwritable => Self::overloaded(
                "The server cannot save anything now. Nothing was saved.",
                60,
            ),
        }
    }
}

impl From<TopicError> for ApiError {
    fn from(error: TopicError) -> Self {
        Self::invalid(match error {
            TopicError::Empty => "interview_topic needs at least one character.".to_owned(),
            TopicError::TooLong => {
                let max = Topic::MAX_CHARS;
                format!("interview_topic is longer than {max} characters.")
            }
        })
    }
}

impl From<InterviewerError> for ApiError {
    fn from(error: InterviewerError) -> Self {
        tracing::warn!(
            engine = error.engine(),
            kind = error.kind(),
            "the interviewer failed"
        );
        let cause = RefusalCause::from(&error);
        let answer = match error {
            InterviewerError::Failed { .. } => Self::application(
                StatusCode::BAD_GATEWAY,
                "The interviewer failed. Nothing was counted.",
            ),
            InterviewerError::TimedOut { .. } => Self::application(
                StatusCode::GATEWAY_TIMEOUT,
                "The interviewer did not answer in time. Nothing was counted.",
            ),
            InterviewerError::Overloaded { retry_after, .. } => Self::overloaded(
                "The interviewer is overloaded. Nothing was counted.",
                retry_after.unwrap_or(5),
            ),
            InterviewerError::CutOff { reason, .. } => Self::application(
                StatusCode::BAD_GATEWAY,
                format!(
                    "The interviewer's reply was cut off: {}. Nothing was counted.",
                    cut_off_reason(&reason)
                ),
            ),
            InterviewerError::NoWords { reason, .. } => Self::application(
                StatusCode::BAD_GATEWAY,
                format!(
                    "The interviewer's reply is empty: {}. Nothing was counted.",
                    cut_off_reason(&reason)
                ),
            ),
        };
        answer.because(cause)
    }
}

/// Returns why a reply ended too early, without the words of the model's server. A refusal is the
/// model's answer to the candidate.
fn cut_off_reason(reason: &CutOff) -> String {
    let reason = match reason {
        CutOff::LengthLimit => "it reached the length limit",
        CutOff::ContentFilter => "the content filter stopped it",
        CutOff::ConnectionEnded => "the connection to the model ended",
        CutOff::OnlyThinking => "the model only thought and said nothing",
        CutOff::Refusal(words) => return format!("the model refused with “{words}”"),
        CutOff::Failed(_) => "the model failed",
    };
    reason.to_owned()
}

impl From<PracticeError> for ApiError {
    fn from(error: PracticeError) -> Self {
        match error {
            PracticeError::NoInterview => {
                Self::invalid("interview_topic or user_input is required.")
            }
            PracticeError::NothingToFinish => Self::invalid("There is no interview to finish."),
            PracticeError::UnknownInterview => Self::unknown_interview(),
            PracticeError::MovedOn => Self::application(
                StatusCode::CONFLICT,
                "The interview has moved on: this question was answered elsewhere.",
            ),
            PracticeError::Finished => Self::application(
                StatusCode::CONFLICT,
                "This interview is over. Start another one.",
            ),
            PracticeError::LimitReached => Self::limit_reached(),
            PracticeError::IdempotencyMismatch => Self::application(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This Idempotency-Key was already used for another request.",
            ),
            PracticeError::Interviewer(error) => error.into(),
            PracticeError::Store(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::upstream::UpstreamError;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(line)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// Returns what is logged while `error` becomes an answer.
    fn logged(error: impl Into<ApiError>) -> String {
        let log = Log::default();
        let writer = log.clone();
        let lines = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(lines, || drop(error.into()));
        String::from_utf8(log.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn the_log_names_what_failed_and_quotes_nobody() {
        let engine = "model-1 at host".to_owned();
        let reason = UpstreamError::Unusable("cannot answer: my salary is 5".into());
        let interviewer = logged(InterviewerError::Failed { engine, reason });
        assert!(
            interviewer.contains("model-1 at host") && interviewer.contains("failed"),
            "{interviewer}"
        );
        let cause = sqlx::Error::Decode("my salary is 5".into());
        let store = logged(StoreError::Query {
            action: "saving a turn",
            cause,
        });
        assert!(store.contains("while saving a turn"), "{store}");
        assert!(!(interviewer + &store).contains("salary"));
    }

    #[test]
    fn a_busy_database_is_worth_another_try() {
        let error = ApiError::from(StoreError::Query {
            action: "reading",
            cause: sqlx::Error::PoolTimedOut,
        });
        assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(error.headers, [(header::RETRY_AFTER, HeaderValue::from(1))]);
    }
}
