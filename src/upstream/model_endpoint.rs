//! An OpenAI-compatible endpoint: where it is, its key, and how its refusals are read.

use std::fmt;

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

use super::http2_pool::{Http2Pool, PooledClient};
use super::{UpstreamError, host_of, join_path, redacted, response, root_cause};

/// What [`ModelEndpoint::post`] sends; written once, however often it is sent.
pub fn json(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body)
        .expect("texts and numbers only")
        .into_boxed_slice()
        .into()
}

/// Address and key of an OpenAI-compatible endpoint. Neither key nor credentials in the address are shown.
#[derive(Clone)]
pub struct ModelEndpoint {
    pool: Http2Pool,
    base_url: Url,
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
    /// `base_url` such as `https://api.openai.com/v1`, which `pool` lead to; `key` may be absent for local servers.
    pub fn new(pool: Http2Pool, base_url: Url, key: Option<SecretString>) -> Self {
        Self {
            pool,
            base_url,
            key,
        }
    }

    /// Host and port, see [`host_of`].
    pub fn host(&self) -> String {
        host_of(&self.base_url)
    }

    /// Posts once; gives the answer of a success, its body still unread, and the client it takes until then.
    pub async fn post(
        &self,
        path: &[&str],
        accept: &str,
        json: Bytes,
    ) -> Result<(Response, PooledClient), UpstreamError> {
        let client = self.pool.acquire().map_err(|error| self.broken(&error))?;
        let mut request = client
            .post(join_path(&self.base_url, path))
            .header(ACCEPT, accept);
        request = request.header(CONTENT_TYPE, "application/json").body(json);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.expose_secret());
        }
        let response = request.send().await.map_err(|error| self.broken(&error))?;
        if response.status().is_success() {
            Ok((response, client))
        } else {
            Err(self.refusal(response).await)
        }
    }

    /// A connection that was not made, or broke.
    pub fn broken(&self, error: &reqwest::Error) -> UpstreamError {
        match (error.is_timeout(), error.is_connect()) {
            (true, true) => return UpstreamError::TimedOut,
            // No sign of life on a connection that was there: another may be made at once.
            (true, false) => {
                return UpstreamError::Unreachable("the connection was lost".to_owned());
            }
            (false, _) => {}
        }
        UpstreamError::Unreachable(redacted(&root_cause(error), self.key.as_ref()))
    }

    /// An answer that is of no use, in words of the endpoint's own, perhaps.
    pub fn unusable(&self, reason: &str) -> UpstreamError {
        UpstreamError::Unusable(redacted(reason, self.key.as_ref()))
    }

    async fn refusal(&self, response: Response) -> UpstreamError {
        let status = response.status();
        let retry_after = response::retry_after(response.headers());
        let message = response::read_error_message(response)
            .await
            .unwrap_or_else(|| reason_phrase(status));
        failure(status, redacted(&message, self.key.as_ref()), retry_after)
    }
}

fn reason_phrase(status: StatusCode) -> String {
    status
        .canonical_reason()
        .unwrap_or("no reason given")
        .to_owned()
}

fn failure(status: StatusCode, message: String, retry_after: Option<u64>) -> UpstreamError {
    let (code, out_of_credit) = (
        status.as_u16(),
        message.contains("exceeded your current quota"),
    );
    match code {
        // OpenAI says 429 for an empty account too, which waiting does not fill.
        429 if out_of_credit => UpstreamError::Refused {
            status: code,
            message,
        },
        429 | 503 => UpstreamError::Overloaded {
            status: code,
            message,
            retry_after,
        },
        500.. => UpstreamError::Down {
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

    use super::*;

    #[test]
    fn an_empty_account_is_not_an_overload() {
        let message =
            "You exceeded your current quota, please check your plan and billing details."
                .to_owned();
        let expected = UpstreamError::Refused {
            status: 429,
            message: message.clone(),
        };
        assert_eq!(
            failure(StatusCode::TOO_MANY_REQUESTS, message, None),
            expected
        );
    }

    /// What is told where connections are taken up by the system, and never answered.
    async fn told_by_silence(
        scheme: &str,
        impatient: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> UpstreamError {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base: Url = format!("{scheme}://{}", silent.local_addr().unwrap())
            .parse()
            .unwrap();
        let pool = Http2Pool::with_client(
            &base,
            impatient(super::super::builder().no_proxy())
                .build()
                .unwrap(),
        );
        ModelEndpoint::new(pool, base, None)
            .post(&["x"], "*/*", Bytes::new())
            .await
            .unwrap_err()
    }

    #[tokio::test]
    async fn a_connection_that_is_not_made_in_time_is_waited_for_no_more_and_one_that_is_lost_made_again()
     {
        let within = Duration::from_millis(20);
        let never_made = told_by_silence("https", |builder| builder.connect_timeout(within)).await;
        assert_eq!(never_made, UpstreamError::TimedOut);
        // As a connection of HTTP/2 ends that gives no sign of life.
        let lost = told_by_silence("http", |builder| builder.timeout(within)).await;
        assert_eq!(
            lost,
            UpstreamError::Unreachable("the connection was lost".to_owned())
        );
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
