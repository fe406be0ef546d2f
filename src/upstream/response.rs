//! Reads responses: a bounded number of bytes, and error messages that a person can use.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use serde_json::Value;

/// The most bytes read of an error's body. Some servers send error pages of 200 kB.
pub const MAX_ERROR_BYTES: usize = 64 * 1024;

/// The most characters of an error message that are passed on.
const MAX_MESSAGE_CHARS: usize = 300;

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

/// Reads the message in an error's body: `error` (text, or an object with a `message`), `message`,
/// `detail`, or plain text. Returns `None` for an empty body, for HTML, and for other JSON, which
/// may contain anything.
pub async fn read_error_message(mut response: Response) -> Option<String> {
    let is_html = has_content_type(response.headers(), "html");
    let body = read_bounded(&mut response, MAX_ERROR_BYTES).await.ok()?;
    if is_html {
        None
    } else {
        error_message(&body.bytes)
    }
}

/// Returns whether the content type contains `kind`.
pub fn has_content_type(headers: &HeaderMap, kind: &str) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains(kind))
}

/// Returns the message in an error's body, as described at [`read_error_message`].
pub fn error_message(body: &[u8]) -> Option<String> {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(value) => message_in(&value)?,
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // The text is an HTML page or truncated JSON.
    if line.is_empty() || line.starts_with(['<', '{', '[']) {
        None
    } else {
        Some(shortened(&line))
    }
}

fn message_in(value: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    match value.get("error") {
        Some(Value::String(error)) => return Some(error.clone()),
        Some(error) if error.get("message").is_some_and(Value::is_string) => {
            return error.get("message").and_then(text);
        }
        _ => {}
    }
    ["message", "detail"]
        .iter()
        .find_map(|key| value.get(key).and_then(text))
}

fn shortened(line: &str) -> String {
    let mut text: String = line
        .chars()
        .filter(|c| !c.is_control())
        .take(MAX_MESSAGE_CHARS)
        .collect();
    if line.chars().count() > MAX_MESSAGE_CHARS {
        text.push('…');
    }
    text
}

/// Returns `Retry-After` in seconds. The header holds a number or a date.
pub fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    value
        .parse()
        .ok()
        .or_else(|| seconds_until(value, jiff::Timestamp::now()))
}

/// Returns whole seconds from `now` to an HTTP date, rounded up, and 0 for a date in the past.
fn seconds_until(date: &str, now: jiff::Timestamp) -> Option<u64> {
    let at = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    let wait = Duration::try_from(at.duration_since(now)).unwrap_or_default();
    Some(wait.as_millis().div_ceil(1000) as u64)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        r#"{"error":{"message":"no such model","code":404}}"#,
        Some("no such model")
    )]
    #[case(r#"{"error":"quota"}"#, Some("quota"))]
    #[case(r#"{"message":"taken"}"#, Some("taken"))]
    #[case(r#"{"detail":"Invalid token."}"#, Some("Invalid token."))]
    #[case(r#"{"username":["taken"]}"#, None)]
    #[case(r#"{"error":{"code":1},"request":"what the user said"}"#, None)]
    #[case(r#"{"request":"what the user said, cut o"#, None)]
    #[case(r#""what the user said""#, None)]
    #[case("model  not\nloaded", Some("model not loaded"))]
    #[case("  <!DOCTYPE html><html>…", None)]
    #[case("", None)]
    #[case("{}", None)]
    fn the_message_of_an_error_is_found(#[case] body: &str, #[case] expected: Option<&str>) {
        assert_eq!(error_message(body.as_bytes()).as_deref(), expected);
    }

    #[test]
    fn a_long_error_is_shortened_by_characters() {
        assert_eq!(
            error_message("가".repeat(1000).as_bytes()).unwrap(),
            format!("{}…", "가".repeat(300))
        );
    }

    #[test]
    fn an_http_date_becomes_seconds() {
        let now: jiff::Timestamp = "1994-11-06T08:49:30Z".parse().unwrap();
        assert_eq!(seconds_until("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(7));
        assert_eq!(seconds_until("Sun, 06 Nov 1994 08:40:00 GMT", now), Some(0));
        assert_eq!(seconds_until("tomorrow", now), None);
    }
}
