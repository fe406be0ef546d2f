//! The reasons why a call failed, in words that can be shown to users.

use reqwest::StatusCode;

use crate::upstream::ConnectionFailure;

/// The message where a server answered with an HTML page instead of JSON.
const PAGE: &str = "it answered with an error page";

/// The reason why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The server was not reached, or the connection broke: the request may have been processed.
    #[error("cannot reach {host}: {reason}")]
    Unreachable {
        host: String,
        reason: ConnectionFailure,
    },
    /// The server answered 401, or there is no token to send.
    #[error("not signed in: {0}")]
    Unauthorized(String),
    /// The server failed at the login as the original does when the user is signed in already.
    #[error(
        "{host} refused the sign-in. It may allow one sign-in at a time: sign out where you are signed in first"
    )]
    SignedInElsewhere { host: String },
    /// The server answered 429 to a chat turn.
    #[error("{message}")]
    LimitReached {
        message: String,
        /// The seconds until the next day, where known.
        retry_after: Option<u64>,
    },
    /// The server answered 409 to a chat turn: the question was answered elsewhere, or the interview
    /// is over.
    #[error("{message}")]
    MovedOn { message: String },
    /// The server answered another 4xx status.
    #[error("{message}")]
    Refused { status: u16, message: String },
    /// The server answered a 5xx status, or with a body that is not the API's.
    #[error("{host} failed ({status}): {message}")]
    Server {
        host: String,
        status: u16,
        /// The server's message; never an HTML page.
        message: String,
    },
}

/// An answer that is not a success.
pub(super) struct Refusal {
    pub(super) host: String,
    pub(super) status: StatusCode,
    /// The message in its body, if there is one.
    pub(super) message: Option<String>,
    /// The target of a redirect.
    pub(super) location: Option<String>,
    /// The value of `Retry-After` in seconds.
    pub(super) retry_after: Option<u64>,
    /// Set if a chat turn was refused. Only chat turns have a daily limit.
    pub(super) on_chat: bool,
}

impl From<Refusal> for ClientError {
    fn from(refusal: Refusal) -> Self {
        let Refusal {
            host,
            status,
            message,
            location,
            retry_after,
            on_chat,
        } = refusal;
        let status_code = status.as_u16();
        let name = status.canonical_reason().unwrap_or("no reason given");
        match status_code {
            300..400 => {
                let target = location.unwrap_or_else(|| "another address".to_owned());
                Self::Server {
                    host,
                    status: status_code,
                    message: format!("it redirects to {target}"),
                }
            }
            401 => Self::Unauthorized(message.unwrap_or_else(|| name.to_owned())),
            429 if on_chat => Self::LimitReached {
                message: message.unwrap_or_else(|| name.to_owned()),
                retry_after,
            },
            409 if on_chat => Self::MovedOn {
                message: message.unwrap_or_else(|| name.to_owned()),
            },
            400..500 => Self::Refused {
                status: status_code,
                message: message.unwrap_or_else(|| name.to_owned()),
            },
            _ => Self::Server {
                host,
                status: status_code,
                message: message.unwrap_or_else(|| PAGE.to_owned()),
            },
        }
    }
}

impl ClientError {
    /// Explains the HTML page with which the original fails on a second login.
    pub(super) fn explain_login_failure(self) -> Self {
        match self {
            Self::Server {
                host,
                status: 500,
                message,
            } if message == PAGE => Self::SignedInElsewhere { host },
            other => other,
        }
    }
}
