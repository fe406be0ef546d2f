//! Authentication by `Authorization: Token <key>`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use sha2::{Digest, Sha256};

use super::error::ApiError;
use super::state::AppState;
use crate::store::User;

/// The caller of a path that needs a token. [`require_token`] adds it to the request.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    pub user: User,
    /// The hash of the token used, which a logout revokes.
    pub token_hash: String,
}

/// Lets a request pass if its token belongs to an active user. It wraps every method of a path,
/// also those the path does not have: 401 comes before 405.
pub(super) async fn require_token(
    State(state): State<Arc<AppState>>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let token_hash = hash(key(request.headers()).map_err(unauthorized)?);
    let since = state.settings().oldest_login(jiff::Timestamp::now());
    let user = state
        .service
        .store
        .user_by_token(&token_hash, since)
        .await?;
    let user = user.ok_or_else(|| unauthorized("Invalid token."))?;
    if !user.active {
        return Err(unauthorized("User inactive or deleted."));
    }
    request
        .extensions_mut()
        .insert(SignedIn { user, token_hash });
    Ok(next.run(request).await)
}

/// Returns a new token: 160 random bits in hexadecimal, as long as the original's.
pub(super) fn new_token() -> Result<String, ApiError> {
    let mut bits = [0; 20];
    getrandom::fill(&mut bits).map_err(|error| {
        tracing::error!(%error, "no random numbers");
        ApiError::internal()
    })?;
    Ok(hex::encode(bits))
}

/// Returns the hash under which a token is stored. Its 160 random bits need neither salt nor a slow
/// hash.
pub(super) fn hash(token: &[u8]) -> String {
    hex::encode(Sha256::digest(token))
}

/// Returns the key in the header, or an explanation of what is wrong with it.
fn key(headers: &HeaderMap) -> Result<&[u8], &'static str> {
    let header = headers
        .get(header::AUTHORIZATION)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    let mut words = header
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    match words.next() {
        Some(scheme) if scheme.eq_ignore_ascii_case(b"token") => {}
        _ => return Err("Authentication credentials were not provided."),
    }
    match (words.next(), words.next()) {
        (None, _) => Err("Invalid token header. No credentials provided."),
        (Some(key), None) => Ok(key),
        (Some(_), Some(_)) => Err("Invalid token header. Token string should not contain spaces."),
    }
}

fn unauthorized(detail: &'static str) -> ApiError {
    ApiError::protocol(StatusCode::UNAUTHORIZED, detail)
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Token"))
}
