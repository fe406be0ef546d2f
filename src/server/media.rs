//! Spoken replies as audio files. They need no login, since a browser's audio element sends no
//! token: the name is the secret.

use std::ops::Range;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::error::ApiError;
use super::range::{self, Selection};
use super::responses::ServerFailure;
use super::state::AppState;
use crate::api::ErrorResponse;
use crate::store::{SpeechInfo, Store};

/// Returns an audio file, or the part of it that the client asks for. No login is needed.
#[utoipa::path(
    get,
    operation_id = "audio",
    path = "/media/{name}",
    summary = "Get the audio of a reply",
    tag = "chat",
    params(
        ("name" = String, Path, pattern = "^[0-9a-f]{32}[.](wav|mp3|ogg|flac)$", description = "The name from an `audio_url`. It is secret: whoever knows it can listen."),
        ("Range" = Option<String>, Header, description = "A single range of bytes."),
    ),
    responses(
        (status = 200, description = "The audio of a reply or of a sentence.", body = Vec<u8>, content_type = "audio/*"),
        (status = 206, description = "The requested range.", body = Vec<u8>, content_type = "audio/*"),
        (status = 304, description = "The client has the file already."),
        (status = 404, description = "The name is unknown, or the file has expired.", body = ErrorResponse),
        (status = 416, description = "The range lies beyond the end of the file.", body = ErrorResponse), ServerFailure),
)]
pub(super) async fn get(
    State(state): State<Arc<AppState>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let name = uri
        .path()
        .strip_prefix("/media/")
        .filter(|name| is_name(name))
        .ok_or_else(ApiError::not_found)?;
    let info = state.store().speech(name).await?;
    let info = info.ok_or_else(ApiError::not_found)?;
    let file = AudioFile::new(state.store(), name, &info);
    if lists_tag(headers.get(header::IF_NONE_MATCH), &file.etag) {
        return Ok((StatusCode::NOT_MODIFIED, file.headers()).into_response());
    }
    // Ranges are defined for GET only: RFC 9110, 14.2.
    let selection = if method == Method::HEAD {
        Selection::Whole
    } else {
        range::select(&headers, &file.etag, file.length)
    };
    match selection {
        Selection::Whole if method == Method::HEAD => Ok(file.head()),
        Selection::Whole => Ok((file.headers(), file.bytes(0..file.length).await?).into_response()),
        Selection::Part(part) => file.part(part).await,
        Selection::Unsatisfiable => Err(file.unsatisfiable()),
    }
}

/// An audio file in the store. Only the bytes that are sent are read from the database.
struct AudioFile<'a> {
    store: &'a Store,
    name: &'a str,
    content_type: HeaderValue,
    etag: HeaderValue,
    length: usize,
}

impl<'a> AudioFile<'a> {
    /// The file behind a name never changes, so the name is its entity tag.
    fn new(store: &'a Store, name: &'a str, info: &SpeechInfo) -> Self {
        let unknown = HeaderValue::from_static("application/octet-stream");
        Self {
            store,
            name,
            content_type: HeaderValue::from_str(&info.content_type).unwrap_or(unknown),
            etag: HeaderValue::from_str(&format!("\"{name}\""))
                .expect("letters, digits and a full stop in quotes"),
            length: info.length,
        }
    }

    fn headers(&self) -> HeaderMap {
        HeaderMap::from_iter([
            (header::CONTENT_TYPE, self.content_type.clone()),
            (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
            (header::ETAG, self.etag.clone()),
        ])
    }

    fn head(&self) -> Response {
        (
            self.headers(),
            [(header::CONTENT_LENGTH, HeaderValue::from(self.length))],
        )
            .into_response()
    }

    /// Fails with 404 if the file was purged in the meantime.
    async fn bytes(&self, part: Range<usize>) -> Result<Bytes, ApiError> {
        let bytes = self.store.speech_bytes(self.name, part).await?;
        bytes.map(Bytes::from).ok_or_else(ApiError::not_found)
    }

    async fn part(&self, part: Range<usize>) -> Result<Response, ApiError> {
        let content_range = format!("bytes {}-{}/{}", part.start, part.end - 1, self.length);
        let bytes = self.bytes(part).await?;
        let headers = [(header::CONTENT_RANGE, content_range)];
        Ok((StatusCode::PARTIAL_CONTENT, self.headers(), headers, bytes).into_response())
    }

    fn unsatisfiable(&self) -> ApiError {
        let length = format!("bytes */{}", self.length);
        ApiError::protocol(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "The range lies beyond the end.",
        )
        .with_header(
            header::CONTENT_RANGE,
            HeaderValue::from_str(&length).expect("digits"),
        )
    }
}

/// Returns whether `name` is 32 lower-case hexadecimal digits and an extension.
fn is_name(name: &str) -> bool {
    let lower_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    name.split_once('.').is_some_and(|(stem, extension)| {
        stem.len() == 32
            && stem.bytes().all(lower_hex)
            && extension.bytes().all(|c| c.is_ascii_alphanumeric())
    })
}

/// Returns whether `If-None-Match` lists the tag. The comparison is weak: `W/` is ignored.
fn lists_tag(tags: Option<&HeaderValue>, etag: &HeaderValue) -> bool {
    let Some(tags) = tags.and_then(|tags| tags.to_str().ok()) else {
        return false;
    };
    tags.split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || etag == tag.trim_start_matches("W/"))
}
