//! Reads the events of a response while it arrives, bounded in size.

use futures_util::stream::{BoxStream, StreamExt};
use reqwest::Response;

use super::event_reader::{Event, EventReader};

/// The most bytes read of one response, the framing of the events included. Most of a long one is
/// the hidden reasoning of a model, a few hundred bytes a word.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// What arrives of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamPart {
    Event(Event),
    /// Bytes that complete no event, such as a comment that keeps the connection alive.
    SignOfLife,
}

/// The reason why a response could not be read to its end.
#[derive(Debug)]
pub enum StreamError {
    /// The connection broke.
    Connection(reqwest::Error),
    /// The response, or one event of it, does not end.
    TooLong,
    /// The response is a web page or plain text.
    Foreign,
}

/// Reads the events of `response`, whatever its content type says.
pub fn read(response: Response) -> BoxStream<'static, Result<StreamPart, StreamError>> {
    let stream = async_stream::try_stream! {
        let mut reader = EventReader::default();
        let mut body = Box::pin(response.bytes_stream());
        let mut left = MAX_BYTES;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(StreamError::Connection)?;
            left = left.checked_sub(chunk.len()).ok_or(StreamError::TooLong)?;
            let events = reader.push(&chunk).map_err(|_| StreamError::TooLong)?;
            if events.is_empty() {
                yield StreamPart::SignOfLife;
            }
            for event in events {
                yield StreamPart::Event(event);
            }
        }
        for event in reader.finish() {
            yield StreamPart::Event(event);
        }
        if reader.is_foreign() {
            Err(StreamError::Foreign)?;
        }
    };
    stream.boxed()
}
