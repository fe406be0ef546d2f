//! What every HTTP caller shares: one way to build a client, bounded reading of answers, and retries that give up.
//!
//! Keys are [`SecretString`]s, and what an endpoint says is searched for the key before it is passed on:
//! some services quote the key they refuse.

pub mod http2_pool;
pub mod model_endpoint;
pub mod response;
pub mod retry;
mod tls;

use std::time::Duration;

use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Longest wait for a connection, name resolution included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Most redirects followed.
const MAX_REDIRECTS: usize = 5;

/// How long an endpoint may take, and how often it is asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// From the request to the first piece of the answer.
    pub first: Duration,
    /// Between two pieces.
    pub between: Duration,
    /// Attempts in all.
    pub attempts: u32,
    /// Wait before the second attempt; doubled for each further one.
    pub back_off: Duration,
    /// A `Retry-After` beyond this is not waited for: the user is told instead.
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

/// Why an endpoint gave no answer. No variant carries a key or a page of HTML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// No connection, or it broke.
    #[error("cannot reach it: {0}")]
    Unreachable(String),
    /// 429 or 503.
    #[error("it is overloaded ({status}): {message}")]
    Overloaded {
        /// HTTP status.
        status: u16,
        /// Its words.
        message: String,
        /// Seconds.
        retry_after: Option<u64>,
    },
    /// Another 5xx.
    #[error("it failed ({status}): {message}")]
    Down {
        /// HTTP status.
        status: u16,
        /// Its words.
        message: String,
        /// Seconds.
        retry_after: Option<u64>,
    },
    /// It will not, however often it is asked.
    #[error("it refused ({status}): {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Its words.
        message: String,
    },
    /// An answer that is none.
    #[error("{0}")]
    Unusable(String),
    /// Nothing within the limits.
    #[error("it did not answer in time")]
    TimedOut,
}

/// A client for `https` and `http` that names this program, and never carries a key or a password to another server.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    builder().build()
}

/// [`http_client`] for one server: on this machine it is reached directly, whatever proxy the environment names.
pub fn http_client_for(base: &Url) -> Result<reqwest::Client, reqwest::Error> {
    builder_for(base).build()
}

/// A client for files that anybody may have: it follows redirects to other servers, where large files usually lie.
/// Credentials in an address stay with its host. On this machine `base` is reached directly.
pub fn http_client_for_files(base: &Url) -> Result<reqwest::Client, reqwest::Error> {
    builder_for(base).redirect(anywhere()).build()
}

fn builder_for(base: &Url) -> reqwest::ClientBuilder {
    if is_loopback(base) {
        builder().no_proxy()
    } else {
        builder()
    }
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config())
        .user_agent(concat!("mock-interviewer/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(same_server_only())
}

/// A redirect to another server would take the password in the body, or the key in the header, along.
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

/// To any server, but never from a protected connection to an open one.
fn anywhere() -> Policy {
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

/// Whether `base` is on this machine.
pub fn is_loopback(base: &Url) -> bool {
    match base.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// Host, and the port where it is not the scheme's own: what a person is shown of an address.
pub fn host_of(base: &Url) -> String {
    let host = base.host_str().unwrap_or("an address without a host");
    base.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// `base` with `path` below it, whether or not `base` ends with a slash; its query stays.
/// A last segment of `""` gives a trailing slash.
pub fn join_path(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    // Addresses such as `data:…` have no path; sending to them fails with a reason of its own.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// The innermost cause of a failed call, which names no address.
pub fn root_cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let chain = std::iter::successors(std::error::Error::source(error), |inner| inner.source());
    match chain.last() {
        Some(last) => tls::reason(last).map_or_else(|| last.to_string(), str::to_owned),
        None => "the request failed".to_owned(),
    }
}

/// `text` without `key`, should an endpoint quote it.
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
    fn a_path_is_put_below_any_base(#[case] base: &str, #[case] expected: &str) {
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
    fn this_machine_is_known(#[case] base: &str, #[case] expected: bool) {
        assert_eq!(is_loopback(&base.parse().unwrap()), expected);
    }

    #[rstest]
    #[case("https://api.openai.com/v1", "api.openai.com")]
    #[case("http://user:pass@127.0.0.1:8000/", "127.0.0.1:8000")]
    fn a_host_is_shown_without_credentials(#[case] base: &str, #[case] expected: &str) {
        assert_eq!(host_of(&base.parse().unwrap()), expected);
    }

    #[test]
    fn a_quoted_key_is_cut_out() {
        let key = SecretString::from("sk-1");
        assert_eq!(redacted("wrong key sk-1.", Some(&key)), "wrong key [key].");
        assert_eq!(
            redacted("as it is", Some(&SecretString::from(""))),
            "as it is"
        );
    }
}
