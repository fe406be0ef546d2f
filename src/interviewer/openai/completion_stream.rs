//! Reads a chat completion as deltas of text. The server may send server-sent events or, although a
//! stream was requested, one JSON object.
//!
//! A reply is whole only if the server says so. Nothing is waited for after that: some servers keep
//! the connection open.

use futures_util::stream::{BoxStream, StreamExt};
use reqwest::Response;

use super::completion_chunk::{self, ChunkError, CompletionChunk, ReplyEnd};
use crate::upstream::event_reader::Event;
use crate::upstream::event_stream::{self, StreamError, StreamPart};
use crate::upstream::http2_pool::PooledClient;
use crate::upstream::model_endpoint::ModelEndpoint;
use crate::upstream::{CutOff, Flaw, UpstreamError, error_message};

const NO_COMPLETION: &str = "its response is not a chat completion";

/// The deltas of a completion as they arrive. An error after the first text means that the reply is
/// cut off there.
pub type CompletionStream = BoxStream<'static, Result<CompletionDelta, UpstreamError>>;

/// The content of one delta.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompletionDelta {
    /// Text for the candidate.
    Text(String),
    /// The text so far was thinking, and the reply begins here.
    Restart,
    /// A sign of life without text: a comment, the model's role, or its hidden reasoning.
    Silent,
}

/// Reads `response`, and keeps `client` reserved until the end.
pub fn read(endpoint: ModelEndpoint, response: Response, client: PooledClient) -> CompletionStream {
    let stream = async_stream::try_stream! {
        let _reserved_until_read = client;
        let mut parts = event_stream::read(response);
        let mut reply = ReplyReader::new(endpoint);
        while let Some(part) = parts.next().await {
            let part = part.map_err(|error| reply.broken(error))?;
            let chunk = reply.read(part)?;
            yield reply.continue_with(&chunk);
            match chunk.end {
                None => {}
                Some(ReplyEnd::Whole) => {
                    reply.accepted()?;
                    return;
                }
                Some(ReplyEnd::CutOff(reason)) => {
                    reply.accepted()?;
                    Err(reply.cut_off(reason))?;
                }
            }
        }
        reply.end()?;
    };
    stream.boxed()
}

/// The state of reading one reply.
struct ReplyReader {
    endpoint: ModelEndpoint,
    /// The text so far.
    text: String,
    has_message: bool,
    /// The words with which the model declines, which are no part of the reply.
    refusal: String,
}

impl ReplyReader {
    fn new(endpoint: ModelEndpoint) -> Self {
        Self {
            endpoint,
            text: String::new(),
            has_message: false,
            refusal: String::new(),
        }
    }

    fn read(&self, part: StreamPart) -> Result<CompletionChunk, UpstreamError> {
        let StreamPart::Event(event) = part else {
            return Ok(CompletionChunk::default());
        };
        completion_chunk::parse(&event).map_err(|error| self.unreadable(error, &event))
    }

    /// Returns what `chunk` adds to the reply. A whole message repeats the deltas before it.
    fn continue_with(&mut self, chunk: &CompletionChunk) -> CompletionDelta {
        self.refusal.push_str(&chunk.refusal);
        let message = chunk.message.as_deref();
        self.has_message |= message.is_some();
        let rest = message.and_then(|message| message.strip_prefix(self.text.as_str()));
        let text = match chunk.delta.as_str() {
            "" => rest.unwrap_or_default(),
            delta => delta,
        };
        self.text.push_str(text);
        match text {
            "" => CompletionDelta::Silent,
            text => CompletionDelta::Text(text.to_owned()),
        }
    }

    /// Ends the reply where the response ends.
    fn end(&self) -> Result<(), UpstreamError> {
        self.accepted()?;
        if self.has_message {
            Ok(())
        } else {
            Err(self.cut_off(CutOff::ConnectionEnded))
        }
    }

    /// Returns the model's refusal as an error, if it declined to answer.
    fn accepted(&self) -> Result<(), UpstreamError> {
        match error_message::bounded_words(&self.refusal) {
            Some(words) => Err(self.cut_off(CutOff::Refusal(words))),
            None => Ok(()),
        }
    }

    fn cut_off(&self, reason: CutOff) -> UpstreamError {
        let reason = match reason {
            CutOff::Failed(message) => CutOff::Failed(self.endpoint.redacted(&message)),
            reason => reason,
        };
        match reason {
            reason if self.has_words() => UpstreamError::CutOff(reason),
            CutOff::Failed(message) => UpstreamError::Unusable(message.into()),
            CutOff::ConnectionEnded => UpstreamError::Unusable(Flaw::EmptyReply),
            reason => UpstreamError::NoWords(reason),
        }
    }

    fn has_words(&self) -> bool {
        !self.text.trim().is_empty()
    }

    fn broken(&self, error: StreamError) -> UpstreamError {
        match error {
            StreamError::Connection(_) if self.has_words() => self.cut_off(CutOff::ConnectionEnded),
            StreamError::Connection(error) => self.endpoint.connection_error(&error),
            StreamError::TooLong => UpstreamError::Unusable(Flaw::LongReply),
            StreamError::Foreign => self.cut_off(CutOff::Failed(NO_COMPLETION.to_owned())),
        }
    }

    fn unreadable(&self, error: ChunkError, event: &Event) -> UpstreamError {
        tracing::debug!(?error, bytes = event.data.len(), "an unreadable event");
        self.cut_off(match error {
            ChunkError::Unfinished if self.has_words() => CutOff::ConnectionEnded,
            ChunkError::Unfinished | ChunkError::Malformed => {
                CutOff::Failed(NO_COMPLETION.to_owned())
            }
        })
    }
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

    fn deltas_of(body: &[u8]) -> CompletionStream {
        let base = "http://127.0.0.1:9".parse().unwrap();
        let client = Http2Pool::new(&base).unwrap().acquire().unwrap();
        let response = http::Response::new(reqwest::Body::from(body.to_vec()));
        read(endpoint(), response.into(), client)
    }

    /// Returns the text of a reply with this body, and how it ended.
    async fn reply(body: &[u8]) -> (String, Result<(), UpstreamError>) {
        let mut deltas = deltas_of(body);
        let mut text = String::new();
        while let Some(delta) = deltas.next().await {
            match delta {
                Ok(CompletionDelta::Text(more)) => text.push_str(&more),
                Ok(CompletionDelta::Restart | CompletionDelta::Silent) => {}
                Err(error) => return (text, Err(error)),
            }
        }
        (text, Ok(()))
    }

    const A: &str = r#"data: {"choices":[{"delta":{"content":"A"}}]}"#;
    const STOP: &str = r#"data: {"choices":[{"delta":{"content":" B"},"finish_reason":"stop"}]}"#;

    #[rstest]
    #[case::finish(format!("{A}\n\n{STOP}\n\n"))]
    #[case::junk_after_the_end(format!("{A}\n\n{STOP}\n\ndata: {{oops\n\n{A}\n\n"))]
    #[case::done(format!("{A}\n\ndata: {{\"choices\":[{{\"delta\":{{\"content\":\" B\"}}}}]}}\n\ndata: [DONE]\n\ndata: oops\n\n"))]
    #[case::message_last(format!("{A}\n\ndata: {{\"choices\":[{{\"message\":{{\"content\":\"A B\"}},\"finish_reason\":\"stop\"}}]}}\n\n"))]
    #[case::messages_that_grow("data: {\"choices\":[{\"message\":{\"content\":\"A\"}}]}\n\ndata: {\"choices\":[{\"message\":{\"content\":\"A B\"}}]}\n\n".to_owned())]
    #[case::object("\u{feff}\n{\n \"choices\": [{\"message\": {\"content\": \"A B\"}}]\n}".to_owned())]
    #[case::lines("{\"choices\":[{\"delta\":{\"content\":\"A\"}}]}\n{\"choices\":[{\"delta\":{\"content\":\" B\"},\"finish_reason\":\"stop\"}]}\n".to_owned())]
    #[tokio::test]
    async fn a_whole_reply_is_read_once(#[case] body: String) {
        assert_eq!(reply(body.as_bytes()).await, ("A B".to_owned(), Ok(())));
    }

    #[rstest]
    #[case::length(
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n",
        CutOff::LengthLimit
    )]
    #[case::content_filter(
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n",
        CutOff::ContentFilter
    )]
    #[case::no_end("", CutOff::ConnectionEnded)]
    #[case::half_an_event("data: {\"choices\":[{\"del", CutOff::ConnectionEnded)]
    #[case::error("data: {\"error\":{\"message\":\"sk-secret: gone\"}}\n\n", CutOff::Failed("[key]: gone".to_owned()))]
    #[case::malformed("data: {\"choices\":oops}\n\n", CutOff::Failed(NO_COMPLETION.to_owned()))]
    #[tokio::test]
    async fn a_reply_that_is_cut_off_keeps_its_words_and_says_why(
        #[case] rest: &str,
        #[case] reason: CutOff,
    ) {
        let body = format!("{A}\n\n{rest}");
        let expected = ("A".to_owned(), Err(UpstreamError::CutOff(reason)));
        assert_eq!(reply(body.as_bytes()).await, expected);
    }

    #[rstest]
    #[case::length(
        "data: {\"choices\":[{\"finish_reason\":\"length\"}]}\n\n",
        UpstreamError::NoWords(CutOff::LengthLimit)
    )]
    #[case::filter(
        "data: {\"choices\":[{\"finish_reason\":\"content_filter\"}]}\n\n",
        UpstreamError::NoWords(CutOff::ContentFilter)
    )]
    #[case::error("data: {\"error\":{\"message\":\"sk-secret has no credit\"}}\n\n", UpstreamError::Unusable("[key] has no credit".into()))]
    #[case::error_line("error: {\"code\":400,\"message\":\"too long\"}\n\n", UpstreamError::Unusable("too long".into()))]
    #[case::page("<html><p>Sign in.</p></html>", UpstreamError::Unusable(NO_COMPLETION.into()))]
    #[case::nothing("", UpstreamError::Unusable(Flaw::EmptyReply))]
    #[case::refusal("data: {\"choices\":[{\"delta\":{\"refusal\":\"I can't \"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"refusal\":\"help.\"},\"finish_reason\":\"stop\"}]}\n\n", UpstreamError::NoWords(CutOff::Refusal("I can't help.".into())))]
    #[case::refusal_at_once("{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"I can't help.\"},\"finish_reason\":\"stop\"}]}", UpstreamError::NoWords(CutOff::Refusal("I can't help.".into())))]
    #[case::quota("data: {\"error\":{\"message\":\"quota exceeded\",\"code\":429}}\n\n", UpstreamError::Unusable("quota exceeded".into()))]
    #[tokio::test]
    async fn a_reply_without_words_names_the_reason(
        #[case] body: &str,
        #[case] expected: UpstreamError,
    ) {
        assert_eq!(reply(body.as_bytes()).await, (String::new(), Err(expected)));
    }

    #[rstest]
    #[case::comment(": PROCESSING\n\n")]
    #[case::reasoning("data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}\n\n")]
    #[case::blank_line("\n")]
    #[tokio::test]
    async fn what_says_nothing_is_a_sign_of_life(#[case] body: &str) {
        let first = deltas_of(body.as_bytes()).next().await;
        assert_eq!(first, Some(Ok(CompletionDelta::Silent)));
    }

    #[tokio::test]
    async fn invalid_text_is_replaced() {
        let body = b"data: {\"choices\":[{\"delta\":{\"content\":\"a\\ud83d\"}}]}\n\n\
            data: {\"choices\":[{\"delta\":{\"content\":\"\\ude00 \xff.\"}}]}\n\ndata: [DONE]\n\n";
        let expected = "a\u{fffd}\u{fffd} \u{fffd}.".to_owned();
        assert_eq!(reply(body).await, (expected, Ok(())));
    }
}
