//! Reads responses: a bounded number of bytes, and error messages that a person can use.

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap};

pub use super::error_message::error_message;
pub use super::retry_after::retry_after;

/// The most bytes read of an error's body. Some servers send error pages of 200 kB.
pub const MAX_ERROR_BYTES: usize = 64 * 1024;

/// A body, or its beginning up to a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundedBody {
    pub bytes: Bytes,
    /// True if the body was longer than the bound.
    pub truncated: bool,
}

/// Reads at most `bound` bytes and leaves the rest unread.
pub async fn read_bounded(
    response: &mut Response,
    bound: usize,
) -> Result<BoundedBody, reqwest::Error> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        let room = bound - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return Ok(BoundedBody {
                bytes: bytes.freeze(),
                truncated: true,
            });
        }
    }
    Ok(BoundedBody {
        bytes: bytes.freeze(),
        truncated: false,
    })
}

/// Reads the message in an error's body, as described at [`error_message`].
pub async fn read_error_message(response: Response) -> Option<String> {
    error_message(&read_error(response).await)
}

/// Reads an error's body. An HTML page says nothing to a person, so nothing of it is returned.
pub async fn read_error(mut response: Response) -> Bytes {
    if has_content_type(response.headers(), "html") {
        return Bytes::new();
    }
    match read_bounded(&mut response, MAX_ERROR_BYTES).await {
        Ok(body) => body.bytes,
        Err(_) => Bytes::new(),
    }
}

/// Returns whether the content type contains `kind`.
pub fn has_content_type(headers: &HeaderMap, kind: &str) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains(kind))
}
