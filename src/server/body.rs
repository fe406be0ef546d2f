//! The body of a request. It is limited in size and time, comes as JSON or as a form, and is a set
//! of named fields.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use percent_encoding::percent_decode;
use serde_json::{Map, Value};

use super::error::ApiError;
use super::state::AppState;

/// The largest body in bytes. It has room for the longest answer in any script (at most four bytes
/// a character in UTF-8), even with every character as a JSON escape (six bytes).
const MAX_BYTES: usize = 64 * 1024;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The named fields of a request.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Returns a field as sent, unless it counts as absent: `null`, `""` and blanks do.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.trim().is_empty(),
            _ => true,
        })
    }

    /// Returns a string field; `None` if it is absent or of another type.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::as_str)
    }
}

impl FromRequest<Arc<AppState>> for Fields {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &Arc<AppState>) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = read(body, state.settings().client_timeout).await?;
        parse(&parts.headers, &bytes)
    }
}

/// Returns the whole body, or a refusal as soon as it is known to be too large or too slow.
async fn read(body: Body, max_time: Duration) -> Result<Vec<u8>, ApiError> {
    // Checked before anything is read, so that a client that sends `Expect: 100-continue` never
    // sends the body.
    if body.size_hint().lower() > MAX_BYTES as u64 {
        return Err(too_large());
    }
    tokio::time::timeout(max_time, collect(body))
        .await
        .unwrap_or_else(|_| Err(too_slow()))
}

async fn collect(body: Body) -> Result<Vec<u8>, ApiError> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.map_err(|_| malformed("the body broke off").closing())?);
        if bytes.len() > MAX_BYTES {
            return Err(too_large());
        }
    }
    Ok(bytes)
}

fn parse(headers: &HeaderMap, bytes: &[u8]) -> Result<Fields, ApiError> {
    let Some(content_type) = headers.get(header::CONTENT_TYPE) else {
        return if bytes.is_empty() {
            Ok(Fields::default())
        } else {
            Err(unsupported(""))
        };
    };
    let content_type = String::from_utf8_lossy(content_type.as_bytes());
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case(JSON) {
        if bytes.is_empty() {
            return Ok(Fields::default());
        }
        parse_json(bytes)
    } else if media_type.eq_ignore_ascii_case(FORM) {
        parse_form(bytes)
    } else {
        Err(unsupported(content_type.trim()))
    }
}

fn parse_json(bytes: &[u8]) -> Result<Fields, ApiError> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(Fields(fields)),
        Ok(_) => Err(malformed("the body is not an object")),
        // The message of serde_json names a position, but does not quote the text found there.
        Err(error) => Err(malformed(&error.to_string())),
    }
}

fn parse_form(bytes: &[u8]) -> Result<Fields, ApiError> {
    // The parser would replace invalid bytes by U+FFFD.
    if percent_decode(bytes).decode_utf8().is_err() {
        return Err(malformed("the form is not UTF-8"));
    }
    let fields = url::form_urlencoded::parse(bytes);
    Ok(Fields(
        fields
            .map(|(name, text)| (name.into_owned(), Value::String(text.into_owned())))
            .collect(),
    ))
}

fn malformed(reason: &str) -> ApiError {
    ApiError::protocol(
        StatusCode::BAD_REQUEST,
        format!("JSON parse error - {reason}"),
    )
}

fn unsupported(content_type: &str) -> ApiError {
    let text = format!("Unsupported media type \"{content_type}\" in request.");
    ApiError::protocol(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)
}

fn too_large() -> ApiError {
    let text = format!("The request body is larger than {MAX_BYTES} bytes.");
    ApiError::protocol(StatusCode::PAYLOAD_TOO_LARGE, text).closing()
}

fn too_slow() -> ApiError {
    ApiError::protocol(
        StatusCode::REQUEST_TIMEOUT,
        "The request body did not arrive in time.",
    )
    .closing()
}
