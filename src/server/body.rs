//! The body of a request: bounded in size and time, JSON or a form, always a flat set of named fields.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use futures_util::StreamExt;
use percent_encoding::percent_decode;
use serde_json::{Map, Value};

use super::Shared;
use super::error::ApiError;

/// Most bytes of a body. The longest answer fits in UTF-8 of any script (four bytes a character at most), and with
/// every character as one JSON escape (six bytes).
const MAX_BYTES: usize = 64 * 1024;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// The named fields of a request.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// As sent, unless it counts as absent: `null`, `""` and blanks do.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| match value {
            Value::Null => false,
            Value::String(text) => !text.trim().is_empty(),
            _ => true,
        })
    }

    /// A text; `None` when absent or of another type.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::as_str)
    }
}

impl FromRequest<Arc<Shared>> for Fields {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = read(body, shared.settings().client_timeout).await?;
        parse(&parts.headers, &bytes)
    }
}

/// The whole body, or a refusal as soon as it is known to be too large or too slow.
async fn read(body: Body, patience: Duration) -> Result<Vec<u8>, ApiError> {
    // The declared length first: a client that asks before it sends is then never told to go on.
    if body.size_hint().lower() > MAX_BYTES as u64 {
        return Err(too_large());
    }
    tokio::time::timeout(patience, collect(body))
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
        // What serde_json says names a position, never the text found there.
        Err(error) => Err(malformed(&error.to_string())),
    }
}

fn parse_form(bytes: &[u8]) -> Result<Fields, ApiError> {
    // The parser puts U+FFFD where it cannot read on.
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

fn malformed(why: &str) -> ApiError {
    ApiError::protocol(StatusCode::BAD_REQUEST, format!("JSON parse error - {why}"))
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
