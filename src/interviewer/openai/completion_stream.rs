//! Reads a chat completion as deltas of text. The server may send server-sent events or, although a
//! stream was requested, one JSON object.

use bytes::Bytes;
use eventsource_stream::{EventStreamError, Eventsource};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use reqwest::Response;
use serde::Deserialize;
use serde_json::Value;

use crate::upstream::http2_pool::PooledClient;
use crate::upstream::model_endpoint::ModelEndpoint;
use crate::upstream::{UpstreamError, response};

/// The most bytes read for one reply, the framing of the events included.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// The deltas of a completion as they arrive.
pub type CompletionStream = BoxStream<'static, Result<CompletionDelta, UpstreamError>>;

/// The content of one delta.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompletionDelta {
    /// Text for the candidate.
    Text(String),
    /// A sign of life without text: the model's role, or its hidden reasoning.
    Silent,
}

/// The used fields of a completion or of one chunk of it. All others are ignored.
#[derive(Deserialize)]
struct CompletionChunk {
    choices: Option<Vec<CompletionChoice>>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct CompletionChoice {
    delta: Option<CompletionMessage>,
    message: Option<CompletionMessage>,
}

#[derive(Deserialize)]
struct CompletionMessage {
    content: Option<String>,
}

/// Reads `response` according to its content type, and keeps `client` reserved until the end.
pub fn read(endpoint: ModelEndpoint, response: Response, client: PooledClient) -> CompletionStream {
    if response::has_content_type(response.headers(), "json") {
        single_object(endpoint, response, client).boxed()
    } else {
        events(endpoint, response, client).boxed()
    }
}

fn single_object(
    endpoint: ModelEndpoint,
    mut response: Response,
    client: PooledClient,
) -> impl Stream<Item = Result<CompletionDelta, UpstreamError>> {
    stream::once(async move {
        let _reserved_until_read = client;
        let body = response::read_bounded(&mut response, MAX_BYTES)
            .await
            .map_err(|error| endpoint.connection_error(&error))?;
        parse_chunk(&endpoint, &body.bytes)
    })
}

fn events(
    endpoint: ModelEndpoint,
    response: Response,
    client: PooledClient,
) -> impl Stream<Item = Result<CompletionDelta, UpstreamError>> {
    async_stream::try_stream! {
        let _reserved_until_read = client;
        let mut events = Box::pin(bounded(endpoint.clone(), response).eventsource());
        while let Some(event) = events.next().await {
            let data = event.map_err(|error| unreadable(&endpoint, error))?.data;
            match data.trim() {
                "[DONE]" => break,
                "" => {}
                json => yield parse_chunk(&endpoint, json.as_bytes())?,
            }
        }
    }
}

/// Limits the body to the bound. The blank line appended at its end completes an event that the
/// server left open.
fn bounded(
    endpoint: ModelEndpoint,
    response: Response,
) -> impl Stream<Item = Result<Bytes, UpstreamError>> {
    let mut left = MAX_BYTES;
    let body = response.bytes_stream().map(move |chunk| {
        let chunk = chunk.map_err(|error| endpoint.connection_error(&error))?;
        left = left
            .checked_sub(chunk.len())
            .ok_or_else(|| endpoint.unusable("the reply is too long"))?;
        Ok(chunk)
    });
    body.chain(stream::once(async { Ok(Bytes::from_static(b"\n\n")) }))
}

fn unreadable(endpoint: &ModelEndpoint, error: EventStreamError<UpstreamError>) -> UpstreamError {
    match error {
        EventStreamError::Transport(error) => error,
        EventStreamError::Utf8(_) | EventStreamError::Parser(_) => {
            endpoint.unusable("its events are malformed")
        }
    }
}

fn parse_chunk(endpoint: &ModelEndpoint, json: &[u8]) -> Result<CompletionDelta, UpstreamError> {
    let Ok(completion) = serde_json::from_slice::<CompletionChunk>(json) else {
        return Err(endpoint.unusable("its response is not a chat completion"));
    };
    if completion.error.is_some() {
        let message = response::error_message(json)
            .unwrap_or_else(|| "an error without a message".to_owned());
        return Err(endpoint.unusable(&message));
    }
    let choice = completion.choices.into_iter().flatten().next();
    let said = choice
        .and_then(|choice| choice.delta.or(choice.message))
        .and_then(|said| said.content);
    Ok(said
        .filter(|text| !text.is_empty())
        .map_or(CompletionDelta::Silent, CompletionDelta::Text))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::upstream::http2_pool::Http2Pool;

    fn endpoint() -> ModelEndpoint {
        let base = "http://127.0.0.1:9".parse().unwrap();
        ModelEndpoint::new(
            Http2Pool::new(&base).unwrap(),
            base,
            Some("sk-secret".into()),
        )
    }

    #[rstest]
    #[case(r#"{"choices":[{"delta":{"content":"Hi"},"finish_reason":null}],"x":1}"#, CompletionDelta::Text("Hi".into()))]
    #[case(r#"{"choices":[{"message":{"role":"assistant","content":"Hi"}}]}"#, CompletionDelta::Text("Hi".into()))]
    #[case(
        r#"{"choices":[{"delta":{"role":"assistant","content":null}}]}"#,
        CompletionDelta::Silent
    )]
    #[case(
        r#"{"choices":[{"delta":{"content":""}}],"error":null}"#,
        CompletionDelta::Silent
    )]
    #[case(
        r#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#,
        CompletionDelta::Silent
    )]
    #[case(
        r#"{"choices":[],"usage":{"total_tokens":3}}"#,
        CompletionDelta::Silent
    )]
    #[case(r#"{"usage":null}"#, CompletionDelta::Silent)]
    fn a_delta_is_read_whatever_surrounds_it(
        #[case] json: &str,
        #[case] expected: CompletionDelta,
    ) {
        assert_eq!(parse_chunk(&endpoint(), json.as_bytes()), Ok(expected));
    }

    #[rstest]
    #[case(
        r#"{"error":{"message":"sk-secret has no credit"}}"#,
        "[key] has no credit"
    )]
    #[case(r#"{"error":{"code":1}}"#, "an error without a message")]
    #[case("<html>", "its response is not a chat completion")]
    fn an_error_in_the_stream_is_reported_without_the_key(
        #[case] json: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(
            parse_chunk(&endpoint(), json.as_bytes()),
            Err(UpstreamError::Unusable(expected.into()))
        );
    }
}
