//! HTTP to model servers and download mirrors: one way to build a client, bounded reading of
//! responses, and retries that give up.
//!
//! Keys are [`SecretString`]s. They are removed from everything an endpoint says before it is
//! passed on, because some services quote the key they refuse.

mod base_address;
mod connection_failure;
pub mod discovery;
pub mod error_message;
pub mod event_reader;
pub mod event_stream;
mod flaw;
pub mod http2_pool;
mod json_nesting;
pub mod key;
mod lenient_json;
pub mod model_choice;
pub mod model_endpoint;
pub mod model_list;
pub mod model_name;
pub mod response;
pub mod retry;
mod retry_after;
mod tls;
pub mod unsupported;

pub use connection_failure::{ConnectionFailure, root_cause};
pub use flaw::Flaw;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// The longest wait for a connection, name resolution included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

const MAX_REDIRECTS: usize = 5;

/// The time limits and attempts of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time from the request to the first part of the response.
    pub first: Duration,
    /// The time between two parts of the response.
    pub between: Duration,
    /// The number of attempts, the first one included.
    pub attempts: u32,
    /// The wait before the second attempt. It doubles for each further one.
    pub back_off: Duration,
    /// The longest `Retry-After` that is honoured. A longer one becomes an error for the user.
    pub longest_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(30),
            between: Duration::from_secs(20),
            attempts: 3,
            back_off: Duration::from_millis(500),
            longest_wait: Duration::from_secs(10),
        }
    }
}

/// The reason an endpoint gave no usable response. No variant contains a key or a page of HTML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// The connection failed or broke.
    #[error("cannot reach it: {0}")]
    Unreachable(ConnectionFailure),
    /// Status 429, 503 or 529.
    #[error("it cannot answer now ({status}): {message}")]
    Overloaded {
        status: u16,
        /// The server's own message.
        message: String,
        /// The requested wait in seconds.
        retry_after: Option<u64>,
    },
    /// Another 5xx status, or 408 or 425.
    #[error("it failed ({status}): {message}")]
    Down {
        status: u16,
        /// The server's own message.
        message: String,
        /// The requested wait in seconds.
        retry_after: Option<u64>,
    },
    /// The request cannot succeed, however often it is sent.
    #[error("it refused ({status}): {message}")]
    Refused {
        status: u16,
        /// The server's own message.
        message: String,
    },
    /// The server refuses a part of the request that it can be asked without.
    #[error("it refused ({status}): {message}")]
    Unsupported {
        what: unsupported::Unsupported,
        status: u16,
        /// The server's own message.
        message: String,
    },
    /// The response cannot be used.
    #[error("{0}")]
    Unusable(Flaw),
    /// The reply began, and is not whole.
    #[error("the reply was cut off: {0}")]
    CutOff(CutOff),
    /// The reply ended before its first word.
    #[error("the reply is empty: {0}")]
    NoWords(CutOff),
    #[error("it did not answer in time")]
    TimedOut,
}

/// The reason why a reply is not whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CutOff {
    /// The model wrote as much as it may.
    #[error("it reached the length limit")]
    LengthLimit,
    #[error("the content filter stopped it")]
    ContentFilter,
    /// The connection ended, and the server had not said that the reply was whole.
    #[error("the connection ended")]
    ConnectionEnded,
    /// The model thought, and its reply ended before it said anything.
    #[error("the model only thought and said nothing")]
    OnlyThinking,
    /// The model declined to answer, in its own words.
    #[error("the model refused: {0}")]
    Refusal(String),
    /// The server reported an error in the middle of the reply.
    #[error("the model server failed: {0}")]
    Failed(String),
}

/// Creates an HTTP client that identifies this program and never sends a key or a password to
/// another server.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    builder().build()
}

/// Creates an [`http_client`] for one server. A server on this machine is reached directly,
/// whatever proxy the environment names.
pub fn http_client_for(base: &Url) -> Result<reqwest::Client, reqwest::Error> {
    builder_for(base).build()
}

/// Creates a client for public files. It follows redirects to other servers, where large files
/// usually are. Credentials in an address stay with its host, and a `base` on this machine is
/// reached directly.
pub fn http_client_for_files(base: &Url) -> Result<reqwest::Client, reqwest::Error> {
    builder_for(base).redirect(any_server()).build()
}

fn builder_for(base: &Url) -> reqwest::ClientBuilder {
    if !is_loopback(base) {
        return builder();
    }
    let direct = builder().no_proxy();
    // A name of this machine is never looked up, so that it means nothing else.
    match base.domain() {
        Some(name) => direct.resolve_to_addrs(name, &LOOPBACK),
        None => direct,
    }
}

/// The addresses that `localhost` means. The port is that of the request.
const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config())
        .user_agent(concat!("mock-interviewer/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(same_server_only())
}

/// Follows redirects on the same server only. Another server would receive the password in the body
/// or the key in the header.
fn same_server_only() -> Policy {
    Policy::custom(|attempt| {
        let stays = attempt
            .previous()
            .iter()
            .all(|before| before.origin() == attempt.url().origin());
        if stays && attempt.previous().len() <= MAX_REDIRECTS {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}

/// Follows redirects to any server, except from https to http.
fn any_server() -> Policy {
    Policy::custom(|attempt| {
        let was_secure = attempt
            .previous()
            .last()
            .is_some_and(|before| before.scheme() == "https");
        if attempt.previous().len() > MAX_REDIRECTS {
            attempt.error("too many redirects")
        } else if was_secure && attempt.url().scheme() != "https" {
            attempt.error("a redirect from https to http")
        } else {
            attempt.follow()
        }
    })
}

/// Returns whether `base` is on this machine.
pub fn is_loopback(base: &Url) -> bool {
    match base.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Returns the host for display, with the port unless it is the default one of the scheme.
pub fn host_of(base: &Url) -> String {
    let host = base.host_str().unwrap_or("an address without a host");
    base.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Appends `path` to `base`, whether or not `base` ends with a slash, and keeps its query. A last
/// segment of `""` adds a trailing slash.
pub fn join_path(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    // An address such as `data:…` has no path. A request to it fails with an error of its own.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// Returns `text` without `key`, in case an endpoint quotes it.
pub fn redacted(text: &str, key: Option<&SecretString>) -> String {
    match key.map(ExposeSecret::expose_secret) {
        Some(key) if !key.is_empty() => text.replace(key, "[key]"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        "https://api.openai.com/v1",
        "https://api.openai.com/v1/chat/completions"
    )]
    #[case(
        "https://api.openai.com/v1/",
        "https://api.openai.com/v1/chat/completions"
    )]
    #[case("http://127.0.0.1:11434", "http://127.0.0.1:11434/chat/completions")]
    #[case(
        "https://a.example/x?api-version=1",
        "https://a.example/x/chat/completions?api-version=1"
    )]
    fn a_path_is_appended_to_any_base(#[case] base: &str, #[case] expected: &str) {
        assert_eq!(
            join_path(&base.parse().unwrap(), &["chat", "completions"]).as_str(),
            expected
        );
    }

    #[rstest]
    #[case("http://127.0.0.1:8000", true)]
    #[case("http://[::1]/", true)]
    #[case("http://localhost", true)]
    #[case("http://localhost.example.com", false)]
    #[case("http://10.0.0.1", false)]
    fn a_loopback_address_is_recognised(#[case] base: &str, #[case] expected: bool) {
        assert_eq!(is_loopback(&base.parse().unwrap()), expected);
    }

    #[rstest]
    #[case("https://api.openai.com/v1", "api.openai.com")]
    #[case("http://user:pass@127.0.0.1:8000/", "127.0.0.1:8000")]
    fn a_host_is_shown_without_credentials(#[case] base: &str, #[case] expected: &str) {
        assert_eq!(host_of(&base.parse().unwrap()), expected);
    }

    #[test]
    fn a_quoted_key_is_removed() {
        let key = SecretString::from("sk-1");
        assert_eq!(redacted("wrong key sk-1.", Some(&key)), "wrong key [key].");
        assert_eq!(
            redacted("as it is", Some(&SecretString::from(""))),
            "as it is"
        );
    }
}
