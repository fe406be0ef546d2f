//! The caller's account: its data, a new password, its deletion.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};

use super::auth::SignedIn;
use super::body::Fields;
use super::connection::ConnectionInfo;
use super::credentials;
use super::error::ApiError;
use super::responses::{InvalidBody, ServerFailure, TooManyFailures, Unauthorized, WrongPassword};
use super::state::AppState;
use super::throttle::LoginAttempt;
use crate::api::interviews::{
    AccountResponse, MessageResponse, PasswordChangeRequest, PasswordRequest,
};
use crate::store::User;

/// Returns the caller's name and address, and how many turns are used and allowed today.
#[utoipa::path(
    get,
    path = "/api/user/me/",
    summary = "The account",
    tag = "users",
    responses((status = 200, description = "The account.", body = AccountResponse), Unauthorized, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn me(
    State(state): State<Arc<AppState>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
) -> Result<Json<AccountResponse>, ApiError> {
    let today = state.now().date();
    let count = state.store().turns_on(&user.id, today).await?;
    let limit = state.daily_limit(&user).map(u64::from);
    Ok(Json(AccountResponse {
        username: user.username,
        email: user.email,
        count,
        limit,
    }))
}

/// Sets a new password and revokes every token but the one that the request carries.
#[utoipa::path(
    post,
    path = "/api/user/password/",
    summary = "Change the password",
    tag = "users",
    request_body(content((PasswordChangeRequest = "application/json"), (PasswordChangeRequest = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "The password was changed and every other login has ended.", body = MessageResponse), Unauthorized, WrongPassword, TooManyFailures, InvalidBody, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn change_password(
    State(state): State<Arc<AppState>>,
    Extension(SignedIn { user, token_hash }): Extension<SignedIn>,
    connection: Option<Extension<ConnectionInfo>>,
    fields: Fields,
) -> Result<Json<MessageResponse>, ApiError> {
    let (Some(old), Some(new)) = (fields.text("password"), fields.text("new_password")) else {
        return Err(ApiError::invalid("password and new_password are required."));
    };
    credentials::check_password(new).map_err(|error| ApiError::invalid(error.to_string()))?;
    verify_password(&state, &user, address(connection), old).await?;
    let hash = state.passwords.hash(new.to_owned()).await?;
    let store = state.store();
    if store.change_password(&user, &hash, &token_hash).await? {
        Ok(Json(MessageResponse::new("Password changed.")))
    } else {
        Err(wrong_password())
    }
}

/// Deletes the account and everything that belongs to it.
#[utoipa::path(
    delete,
    operation_id = "delete_account",
    path = "/api/user/me/",
    summary = "Delete the account",
    tag = "users",
    request_body(content((PasswordRequest = "application/json"), (PasswordRequest = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "The account was deleted.", body = MessageResponse), Unauthorized, WrongPassword, TooManyFailures, InvalidBody, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn delete(
    State(state): State<Arc<AppState>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    connection: Option<Extension<ConnectionInfo>>,
    fields: Fields,
) -> Result<Json<MessageResponse>, ApiError> {
    let password = fields.text("password");
    let password = password.ok_or_else(|| ApiError::invalid("password is required."))?;
    verify_password(&state, &user, address(connection), password).await?;
    state.store().delete_user(&user.id).await?;
    Ok(Json(MessageResponse::new("User deleted.")))
}

fn address(connection: Option<Extension<ConnectionInfo>>) -> Option<IpAddr> {
    connection.map(|Extension(info)| info.client.ip())
}

/// Requires the password for what cannot be undone, because a token may have been left behind on
/// somebody else's screen. Guesses are limited as at the login.
async fn verify_password(
    state: &AppState,
    user: &User,
    address: Option<IpAddr>,
    password: &str,
) -> Result<(), ApiError> {
    let attempt = LoginAttempt::begin_signed_in(state.store(), &user.username, address).await?;
    let hash = Some(user.password_hash.clone());
    if state.passwords.verify(password.to_owned(), hash).await? {
        attempt.succeeded().await?;
        Ok(())
    } else {
        attempt.failed().await?;
        Err(wrong_password())
    }
}

/// Returns 403 rather than 401, since the token is valid.
fn wrong_password() -> ApiError {
    ApiError::application(StatusCode::FORBIDDEN, "The password is wrong.")
}
