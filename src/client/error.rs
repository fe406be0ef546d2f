//! Why a call failed, in words for a person.

use reqwest::StatusCode;

/// Said where a server answered with a page instead of the API's JSON.
const PAGE: &str = "it answered with an error page";

/// Why a call did not give what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// Not reached, or broken off: the request may or may not have been taken.
    #[error("cannot reach {host}: {reason}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// Why.
        reason: String,
    },
    /// 401, or no token to send.
    #[error("not signed in: {0}")]
    Unauthorized(String),
    /// 429 on a chat turn.
    #[error("{message}")]
    LimitReached {
        /// The server's words.
        message: String,
        /// Seconds to the next day, where said.
        retry_after: Option<u64>,
    },
    /// Another 4xx: the server's words.
    #[error("{message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },
    /// 5xx, or a body that is not the API's.
    #[error("{host} failed ({status}): {message}")]
    Server {
        /// Host and port.
        host: String,
        /// HTTP status.
        status: u16,
        /// The server's words; never an HTML page.
        message: String,
    },
}

/// What a server answered instead of what was asked for.
pub(super) struct Refusal {
    pub(super) host: String,
    pub(super) status: StatusCode,
    /// Its words, if it had any.
    pub(super) message: Option<String>,
    /// Where it points to.
    pub(super) location: Option<String>,
    /// Seconds.
    pub(super) retry_after: Option<u64>,
    /// Whether a chat turn was refused: only those have a daily limit.
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
    /// The original breaks on a second login, and says so with a page of HTML.
    pub(super) fn at_login(self) -> Self {
        match self {
            Self::Server {
                host,
                status: 500,
                message,
            } if message == PAGE => {
                let message =
                    format!("{PAGE}; it may allow one sign-in at a time: sign out elsewhere first");
                Self::Server {
                    host,
                    status: 500,
                    message,
                }
            }
            other => other,
        }
    }
}
