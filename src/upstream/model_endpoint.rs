//! An OpenAI-compatible endpoint: its address, its key, and the errors read from its responses.

use std::fmt;

use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

use super::base_address::BaseAddress;
use super::error_message::ProviderError;
use super::http2_pool::{Http2Pool, PooledClient};
use super::key::is_readable_on_the_way;
use super::retry_after::retry_after_in;
use super::{
    ConnectionFailure, UpstreamError, host_of, join_path, redacted, response, root_cause,
    unsupported,
};
use crate::config::is_azure;

/// The most bytes read of a list. The longest lists of models have about 1 MB.
const MAX_RESOURCE_BYTES: usize = 16 * 1024 * 1024;

/// The host whose list of models wants the key in its own headers.
const ANTHROPIC: &str = "api.anthropic.com";
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// Serialises the body for [`ModelEndpoint::post`], once for all attempts.
pub fn json(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body)
        .expect("the bodies contain only texts and numbers")
        .into_boxed_slice()
        .into()
}

/// The address and key of an OpenAI-compatible endpoint. Debug output shows neither the key nor
/// credentials in the address.
#[derive(Clone)]
pub struct ModelEndpoint {
    pool: Http2Pool,
    base_url: BaseAddress,
    key: Option<SecretString>,
}

impl fmt::Debug for ModelEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelEndpoint")
            .field("host", &self.host())
            .field("has_key", &self.key.is_some())
            .finish_non_exhaustive()
    }
}

impl ModelEndpoint {
    /// Creates an endpoint at `base_url`, such as `https://api.openai.com/v1`, reached through
    /// `pool`. Local servers may need no `key`.
    pub fn new(pool: Http2Pool, base_url: Url, key: Option<SecretString>) -> Self {
        Self {
            pool,
            base_url: BaseAddress::new(base_url),
            key,
        }
    }

    /// Returns the host and port, as in [`host_of`].
    pub fn host(&self) -> String {
        host_of(self.base_url.url())
    }

    /// Returns the base address in use.
    pub fn base_url(&self) -> &Url {
        self.base_url.url()
    }

    /// Posts once, and once more below `/v1` if the address lacks it. Returns the response if it is
    /// a success, with its body unread, and the client that is reserved until the body is read.
    pub async fn post(
        &self,
        path: &[&str],
        accept: &str,
        json: Bytes,
    ) -> Result<(Response, PooledClient), UpstreamError> {
        let request = |client: &PooledClient, base: &Url| {
            client
                .post(join_path(base, path))
                .header(ACCEPT, accept)
                .header(CONTENT_TYPE, "application/json")
                .body(json.clone())
        };
        self.send_where_the_api_is(request).await
    }

    /// Reads a whole resource, such as the list of models.
    pub async fn get(&self, path: &[&str]) -> Result<Bytes, UpstreamError> {
        let request = |client: &PooledClient, base: &Url| {
            let request = client
                .get(join_path(base, path))
                .header(ACCEPT, "application/json");
            match &self.key {
                Some(key) if base.host_str() == Some(ANTHROPIC) => request
                    .header("x-api-key", sensitive(key.expose_secret()))
                    .header("anthropic-version", ANTHROPIC_VERSION),
                _ => request,
            }
        };
        let (mut response, _reserved_until_read) = self.send_where_the_api_is(request).await?;
        let body = response::read_bounded(&mut response, MAX_RESOURCE_BYTES).await;
        Ok(body.map_err(|error| self.connection_error(&error))?.bytes)
    }

    /// Sends a request to the address as it is, and below `/v1` if nothing of the API is found
    /// there. What is found once is remembered.
    async fn send_where_the_api_is(
        &self,
        request: impl Fn(&PooledClient, &Url) -> RequestBuilder,
    ) -> Result<(Response, PooledClient), UpstreamError> {
        let first = self.send(&request, self.base_url.url()).await;
        let Some(versioned) = self.base_url.with_version().filter(|_| is_no_api(&first)) else {
            return first;
        };
        let second = self.send(&request, &versioned).await;
        if is_no_api(&second) {
            return first.map_err(with_address_hint);
        }
        self.base_url.complete(versioned);
        second
    }

    async fn send(
        &self,
        request: impl Fn(&PooledClient, &Url) -> RequestBuilder,
        base: &Url,
    ) -> Result<(Response, PooledClient), UpstreamError> {
        let client = self
            .pool
            .acquire()
            .map_err(|error| self.connection_error(&error))?;
        let mut request = request(&client, base);
        if let Some(key) = self.key_for(base)? {
            request = request.header(key.0, key.1);
        }
        let response = request
            .send()
            .await
            .map_err(|error| self.connection_error(&error))?;
        if response.status().is_success() {
            Ok((response, client))
        } else {
            Err(self.error_status(response).await)
        }
    }

    /// Returns the header with the key, or an error where the key could be read on its way.
    fn key_for(&self, base: &Url) -> Result<Option<(HeaderName, HeaderValue)>, UpstreamError> {
        let Some(key) = &self.key else {
            return Ok(None);
        };
        if is_readable_on_the_way(base) {
            let reason = "a key is sent by https only";
            return Err(UpstreamError::Unusable(reason.into()));
        }
        let key = key.expose_secret();
        Ok(Some(if is_azure(base) {
            (HeaderName::from_static("api-key"), sensitive(key))
        } else {
            (AUTHORIZATION, sensitive(&format!("Bearer {key}")))
        }))
    }

    /// Converts the error of a connection that failed or broke.
    pub fn connection_error(&self, error: &reqwest::Error) -> UpstreamError {
        match (error.is_timeout(), error.is_connect()) {
            (true, true) => return UpstreamError::TimedOut,
            // An established connection that gives no sign of life may be replaced at once.
            (true, false) => {
                return UpstreamError::Unreachable(ConnectionFailure::Lost);
            }
            (false, _) => {}
        }
        let cause = root_cause(error);
        UpstreamError::Unreachable(cause.map_words(|words| redacted(words, self.key.as_ref())))
    }

    /// Creates the error for a response that cannot be used; `reason` may contain the endpoint's
    /// own words.
    pub fn unusable(&self, reason: &str) -> UpstreamError {
        UpstreamError::Unusable(self.redacted(reason).into())
    }

    /// Returns the endpoint's own words without the key.
    pub fn redacted(&self, text: &str) -> String {
        redacted(text, self.key.as_ref())
    }

    async fn error_status(&self, response: Response) -> UpstreamError {
        let status = response.status();
        let retry_after = response::retry_after(response.headers());
        let body = response::read_error(response).await;
        // The key is removed first: the border of a shortened message could cut it.
        let body = redacted(&String::from_utf8_lossy(&body), self.key.as_ref());
        status_error(status, ProviderError::parse(body.as_bytes()), retry_after)
    }
}

/// Returns a header's value that is not shown in logs. Characters that a header cannot hold are left
/// out.
fn sensitive(text: &str) -> HeaderValue {
    let sendable: String = text.chars().filter(|c| matches!(c, ' '..='~')).collect();
    let mut value = HeaderValue::from_str(&sendable).expect("printable ASCII is a header value");
    value.set_sensitive(true);
    value
}

/// Returns whether a response shows that the API lies elsewhere: nothing is found, or a web page.
fn is_no_api(outcome: &Result<(Response, PooledClient), UpstreamError>) -> bool {
    match outcome {
        Ok((response, _)) => response::has_content_type(response.headers(), "html"),
        Err(UpstreamError::Refused { status, .. }) => matches!(status, 404 | 405),
        Err(_) => false,
    }
}

/// Adds what usually is wrong where nothing of the API is found.
fn with_address_hint(error: UpstreamError) -> UpstreamError {
    match error {
        UpstreamError::Refused { status, message } => UpstreamError::Refused {
            status,
            message: format!("{message} (the address of an API usually ends in /v1)"),
        },
        other => other,
    }
}

fn reason_phrase(status: StatusCode) -> String {
    status
        .canonical_reason()
        .unwrap_or("no reason given")
        .to_owned()
}

fn status_error(
    status: StatusCode,
    error: ProviderError,
    retry_after: Option<u64>,
) -> UpstreamError {
    let code = status.as_u16();
    let unsupported = unsupported::recognise(code, &error);
    let is_out_of_credit = error.is_out_of_credit();
    let message = error.message.unwrap_or_else(|| reason_phrase(status));
    let retry_after = retry_after.or_else(|| retry_after_in(&message));
    if let Some(what) = unsupported {
        return UpstreamError::Unsupported {
            what,
            status: code,
            message,
        };
    }
    match code {
        // No wait changes an account out of credit, whatever its status.
        _ if is_out_of_credit => UpstreamError::Refused {
            status: code,
            message,
        },
        429 | 503 | 529 => UpstreamError::Overloaded {
            status: code,
            message,
            retry_after,
        },
        // The server gave up on the request (408), or did not want to answer it yet (425).
        408 | 425 | 500.. => UpstreamError::Down {
            status: code,
            message,
            retry_after,
        },
        _ => UpstreamError::Refused {
            status: code,
            message,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::ClientBuilder;
    use rstest::rstest;

    use super::*;
    use crate::upstream::unsupported::Unsupported;

    fn error_of(status: u16, body: &str) -> UpstreamError {
        let error = ProviderError::parse(body.as_bytes());
        status_error(StatusCode::from_u16(status).unwrap(), error, None)
    }

    #[rstest]
    #[case(r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","code":"insufficient_quota"}}"#)]
    #[case(r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details."}}"#)]
    #[case(r#"{"error":{"message":"No.","type":"insufficient_quota"}}"#)]
    #[case(r#"{"error":{"message":"Insufficient Balance"}}"#)]
    fn an_account_out_of_credit_is_not_an_overload(#[case] body: &str) {
        let error = error_of(429, body);
        assert!(
            matches!(error, UpstreamError::Refused { status: 429, .. }),
            "{error:?}"
        );
    }

    #[rstest]
    #[case(
        429,
        "You exceeded your current quota. Please retry in 12.5s.",
        Some(13)
    )]
    #[case(429, "Rate limit reached. Please try again in 2.13s.", Some(3))]
    #[case(529, "Overloaded", None)]
    fn a_limit_that_passes_is_an_overload_in_the_providers_words(
        #[case] status: u16,
        #[case] message: &str,
        #[case] retry_after: Option<u64>,
    ) {
        let expected = UpstreamError::Overloaded {
            status,
            message: message.to_owned(),
            retry_after,
        };
        assert_eq!(error_of(status, message), expected);
    }

    #[rstest]
    #[case(408)]
    #[case(425)]
    #[case(500)]
    #[case(504)]
    #[case(520)]
    fn a_status_that_passes_is_worth_another_attempt(#[case] status: u16) {
        let error = error_of(status, "gone");
        assert!(matches!(error, UpstreamError::Down { .. }), "{error:?}");
    }

    #[test]
    fn a_refused_part_of_the_request_is_named() {
        let expected = UpstreamError::Unsupported {
            what: Unsupported::SystemRole,
            status: 400,
            message: "System role not supported".to_owned(),
        };
        assert_eq!(error_of(400, "System role not supported"), expected);
    }

    /// Returns the error for a connection that the system accepts and nobody answers.
    async fn error_of_a_silent_server(
        scheme: &str,
        with_timeout: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> UpstreamError {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base: Url = format!("{scheme}://{}", silent.local_addr().unwrap())
            .parse()
            .unwrap();
        let pool = Http2Pool::with_client(
            &base,
            with_timeout(super::super::builder().no_proxy())
                .build()
                .unwrap(),
        );
        ModelEndpoint::new(pool, base, None)
            .post(&["x"], "*/*", Bytes::new())
            .await
            .unwrap_err()
    }

    #[tokio::test]
    async fn a_slow_connection_times_out_and_a_lost_one_may_be_made_again() {
        let within = Duration::from_millis(20);
        let never_made =
            error_of_a_silent_server("https", |builder| builder.connect_timeout(within)).await;
        assert_eq!(never_made, UpstreamError::TimedOut);
        // An HTTP/2 connection without a sign of life ends in the same error.
        let lost = error_of_a_silent_server("http", |builder| builder.timeout(within)).await;
        assert_eq!(lost, UpstreamError::Unreachable(ConnectionFailure::Lost));
    }

    #[test]
    fn debug_shows_no_key_and_no_credentials() {
        let base: Url = "http://me:hidden@127.0.0.1:9/v1".parse().unwrap();
        let endpoint = ModelEndpoint::new(
            Http2Pool::new(&base).unwrap(),
            base,
            Some(SecretString::from("sk-hidden")),
        );
        assert_eq!(
            format!("{endpoint:?}"),
            r#"ModelEndpoint { host: "127.0.0.1:9", has_key: true, .. }"#
        );
    }
}
