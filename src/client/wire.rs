//! Sending a request and reading its answer, which is bounded in time and size.

use reqwest::header::LOCATION;
use reqwest::{Request, RequestBuilder, Response};
use serde::de::DeserializeOwned;

use super::error::Refusal;
use super::{Client, ClientError};
use crate::upstream::response;

/// The largest answer in bytes: room for an interview of hundreds of long turns.
const MAX_BYTES: usize = 8 * 1024 * 1024;

impl Client {
    /// Sends a request. Returns a successful answer with its body unread.
    pub(super) async fn send(&self, call: RequestBuilder) -> Result<Response, ClientError> {
        self.attempt(call).await?.map_err(ClientError::from)
    }

    /// Sends a chat turn, which may exceed the daily limit.
    pub(super) async fn send_turn(&self, call: RequestBuilder) -> Result<Response, ClientError> {
        self.attempt(call).await?.map_err(|refusal| {
            Refusal {
                on_chat: true,
                ..refusal
            }
            .into()
        })
    }

    /// Returns `call` with a change that its builder does not support.
    pub(super) fn modified(
        &self,
        call: RequestBuilder,
        change: impl FnOnce(&mut Request),
    ) -> Result<RequestBuilder, ClientError> {
        let mut request = call.build().map_err(|error| self.unreachable(&error))?;
        change(&mut request);
        Ok(RequestBuilder::from_parts(self.http.clone(), request))
    }

    async fn attempt(
        &self,
        call: RequestBuilder,
    ) -> Result<Result<Response, Refusal>, ClientError> {
        let response = call
            .send()
            .await
            .map_err(|error| self.unreachable(&error))?;
        Ok(if response.status().is_success() {
            Ok(response)
        } else {
            Err(self.refusal(response).await)
        })
    }

    /// Reads the JSON of an answer.
    pub(super) async fn json<T: DeserializeOwned>(
        &self,
        mut response: Response,
    ) -> Result<T, ClientError> {
        let status = response.status().as_u16();
        let body = response::read_bounded(&mut response, MAX_BYTES)
            .await
            .map_err(|error| self.unreachable(&error))?;
        if body.truncated {
            return Err(self.unusable(status, "its answer does not end"));
        }
        // The parser's message may quote the body, which may contain a token.
        serde_json::from_slice(&body.bytes).map_err(|_| self.foreign_answer_of(status))
    }

    /// Returns the error for a successful answer that is not the API's.
    pub(super) fn foreign_answer(&self) -> ClientError {
        self.foreign_answer_of(200)
    }

    fn foreign_answer_of(&self, status: u16) -> ClientError {
        self.unusable(status, "its answer is not the interview API's")
    }

    pub(super) fn unreachable(&self, error: &reqwest::Error) -> ClientError {
        ClientError::Unreachable {
            host: self.host(),
            reason: crate::upstream::root_cause(error),
        }
    }

    pub(super) fn unusable(&self, status: u16, message: &str) -> ClientError {
        ClientError::Server {
            host: self.host(),
            status,
            message: message.to_owned(),
        }
    }

    async fn refusal(&self, response: Response) -> Refusal {
        let status = response.status();
        let headers = response.headers();
        let location = headers
            .get(LOCATION)
            .and_then(|target| target.to_str().ok());
        let location = location
            .and_then(|target| self.base().join(target).ok())
            .map(|url| url.origin().ascii_serialization());
        let retry_after = response::retry_after(headers);
        let message = response::read_error_message(response).await;
        let message =
            message.map(|message| crate::upstream::redacted(&message, self.token.as_ref()));
        Refusal {
            host: self.host(),
            status,
            message,
            location,
            retry_after,
            on_chat: false,
        }
    }
}
