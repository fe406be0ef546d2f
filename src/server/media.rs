//! Spoken replies as files: no login, since a browser's audio element sends none; the name is the secret.

use std::ops::Range;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::error::ApiError;
use super::range::{self, Wanted};
use super::responses::ServerFailure;
use crate::api::ErrorBody;
use crate::store::{SpeechInfo, Store};

/// `GET` and `HEAD /media/<32 hexadecimal digits>.<extension>`. Only what is sent is read from the database.
#[utoipa::path(
    get,
    operation_id = "sound",
    path = "/media/{name}",
    summary = "The sound of a reply",
    tag = "chat",
    params(
        ("name" = String, Path, pattern = "^[0-9a-f]{32}[.](wav|mp3|ogg|flac)$", description = "Secret: it is all one needs to listen."),
        ("Range" = Option<String>, Header, description = "One range of bytes."),
    ),
    responses(
        (status = 200, description = "The sound of a reply or of a sentence.", body = Vec<u8>, content_type = "audio/*"),
        (status = 206, description = "The range asked for.", body = Vec<u8>, content_type = "audio/*"),
        (status = 304, description = "The client has it already."),
        (status = 404, description = "Unknown, or not kept any longer.", body = ErrorBody),
        (status = 416, description = "The range lies beyond the end.", body = ErrorBody), ServerFailure),
)]
pub(super) async fn get(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let name = uri
        .path()
        .strip_prefix("/media/")
        .filter(|name| is_name(name))
        .ok_or_else(ApiError::not_found)?;
    let info = shared
        .service
        .store
        .speech(name)
        .await?
        .ok_or_else(ApiError::not_found)?;
    let sound = Sound::new(&shared.service.store, name, &info);
    if is_among(headers.get(header::IF_NONE_MATCH), &sound.etag) {
        return Ok((StatusCode::NOT_MODIFIED, sound.headers()).into_response());
    }
    // A range is a matter of GET alone: RFC 9110, 14.2.
    let wanted = if method == Method::HEAD {
        Wanted::Everything
    } else {
        range::wanted(&headers, &sound.etag, sound.length)
    };
    match wanted {
        Wanted::Everything if method == Method::HEAD => Ok(sound.head()),
        Wanted::Everything => {
            Ok((sound.headers(), sound.bytes(0..sound.length).await?).into_response())
        }
        Wanted::Part(part) => sound.part(part).await,
        Wanted::Nothing => Err(sound.unsatisfiable()),
    }
}

struct Sound<'a> {
    store: &'a Store,
    name: &'a str,
    content_type: HeaderValue,
    etag: HeaderValue,
    length: usize,
}

impl<'a> Sound<'a> {
    /// What is behind a name never changes, and nobody can guess it: it is its own entity tag.
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

    /// Not found when it was purged in between.
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
        .with(
            header::CONTENT_RANGE,
            HeaderValue::from_str(&length).expect("digits"),
        )
    }
}

fn is_name(name: &str) -> bool {
    let lower_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    name.split_once('.').is_some_and(|(stem, extension)| {
        stem.len() == 32
            && stem.bytes().all(lower_hex)
            && extension.bytes().all(|c| c.is_ascii_alphanumeric())
    })
}

/// `If-None-Match` compares weakly: `W/` does not matter.
fn is_among(tags: Option<&HeaderValue>, etag: &HeaderValue) -> bool {
    let Some(tags) = tags.and_then(|tags| tags.to_str().ok()) else {
        return false;
    };
    tags.split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || etag == tag.trim_start_matches("W/"))
}
