//! The account of whoever calls: what it is, a new password, its end.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};

use super::auth::SignedIn;
use super::body::Fields;
use super::connection::Peers;
use super::error::ApiError;
use super::responses::{InvalidBody, ServerFailure, TooManyFailures, Unauthorized, WrongPassword};
use super::throttle::Attempt;
use super::{Shared, credentials, turn};
use crate::api::interviews::{
    AccountResponse, MessageResponse, PasswordChangeRequest, PasswordRequest,
};
use crate::store::User;

/// `GET /api/user/me/`.
#[utoipa::path(
    get,
    path = "/api/user/me/",
    summary = "Who calls, and how many turns are left",
    tag = "users",
    responses((status = 200, description = "Who calls.", body = AccountResponse), Unauthorized, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn me(
    State(shared): State<Arc<Shared>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
) -> Result<Json<AccountResponse>, ApiError> {
    let count = shared
        .service
        .store
        .turns_on(&user.id, shared.now().date())
        .await?;
    let limit = u64::from(turn::daily_limit(&shared, &user));
    Ok(Json(AccountResponse {
        username: user.username,
        email: user.email,
        count,
        limit,
    }))
}

/// `POST /api/user/password/`. The login it comes by stays, the others end.
#[utoipa::path(
    post,
    path = "/api/user/password/",
    summary = "Changes the password and ends every other login",
    tag = "users",
    request_body(content((PasswordChangeRequest = "application/json"), (PasswordChangeRequest = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "Changed; every other login has ended.", body = MessageResponse), Unauthorized, WrongPassword, TooManyFailures, InvalidBody, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn password(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<SignedIn>,
    peers: Option<Extension<Peers>>,
    fields: Fields,
) -> Result<Json<MessageResponse>, ApiError> {
    let (Some(old), Some(new)) = (fields.text("password"), fields.text("new_password")) else {
        return Err(ApiError::invalid("password and new_password are required."));
    };
    credentials::check_password(new).map_err(|refusal| ApiError::invalid(refusal.to_string()))?;
    prove(&shared, &caller.user, address(peers), old).await?;
    let hash = shared.passwords.hash(new.to_owned()).await?;
    if shared
        .service
        .store
        .change_password(&caller.user, &hash, &caller.token_hash)
        .await?
    {
        Ok(Json(MessageResponse::new("Password changed.")))
    } else {
        Err(wrong_password())
    }
}

/// `DELETE /api/user/me/`. Everything of the user's goes with the account.
#[utoipa::path(
    delete,
    operation_id = "delete_me",
    path = "/api/user/me/",
    summary = "Deletes the account and everything that belongs to it",
    tag = "users",
    request_body(content((PasswordRequest = "application/json"), (PasswordRequest = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "Deleted with everything that belonged to it.", body = MessageResponse), Unauthorized, WrongPassword, TooManyFailures, InvalidBody, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Extension(SignedIn { user, .. }): Extension<SignedIn>,
    peers: Option<Extension<Peers>>,
    fields: Fields,
) -> Result<Json<MessageResponse>, ApiError> {
    let password = fields
        .text("password")
        .ok_or_else(|| ApiError::invalid("password is required."))?;
    prove(&shared, &user, address(peers), password).await?;
    shared.service.store.delete_user(&user.id).await?;
    Ok(Json(MessageResponse::new("User deleted.")))
}

fn address(peers: Option<Extension<Peers>>) -> Option<IpAddr> {
    peers.map(|Extension(peers)| peers.remote.ip())
}

/// A token may have been left behind on somebody's screen: what cannot be undone asks for the password as well, and
/// guessing it is as slow as at the login.
async fn prove(
    shared: &Shared,
    user: &User,
    address: Option<IpAddr>,
    password: &str,
) -> Result<(), ApiError> {
    let attempt = Attempt::begin(&shared.service.store, &user.username, address).await?;
    if shared
        .passwords
        .verify(password.to_owned(), Some(user.password_hash.clone()))
        .await?
    {
        attempt.succeeded().await?;
        Ok(())
    } else {
        attempt.failed().await?;
        Err(wrong_password())
    }
}

/// Not 401: the token is good.
fn wrong_password() -> ApiError {
    ApiError::application(StatusCode::FORBIDDEN, "The password is wrong.")
}
