//! Accounts: register, log in, log out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};

use super::auth::{self, SignedIn};
use super::body::Fields;
use super::connection::Peers;
use super::error::ApiError;
use super::responses::{
    InvalidBody, NameTaken, ServerFailure, TooManyFailures, Unauthorized, WrongCredentials,
};
use super::throttle::Attempt;
use super::{Shared, credentials};
use crate::api::interviews::MessageResponse;
use crate::api::{LoginRequest, LoginResponse, RegisterRequest};
use crate::store::NewUser;

/// `POST /api/user/register/`.
#[utoipa::path(
    post,
    path = "/api/user/register/",
    summary = "Makes an account",
    tag = "users",
    request_body(content((RegisterRequest = "application/json"), (RegisterRequest = "application/x-www-form-urlencoded"))),
    responses((status = 201, description = "Created.", body = MessageResponse), NameTaken, InvalidBody, ServerFailure),
)]
pub(super) async fn register(
    State(shared): State<Arc<Shared>>,
    fields: Fields,
) -> Result<(StatusCode, Json<MessageResponse>), ApiError> {
    if fields
        .value("password2")
        .is_some_and(|again| Some(again) != fields.value("password"))
    {
        return Err(ApiError::invalid("Passwords do not match"));
    }
    let (Some(username), Some(password), Some(email)) = (
        fields.text("username"),
        fields.text("password"),
        fields.text("email"),
    ) else {
        return Err(ApiError::invalid(
            "Username, password, and email are required.",
        ));
    };
    let username = &credentials::normal_name(username);
    credentials::check(username, email, password)
        .map_err(|refusal| ApiError::invalid(refusal.to_string()))?;
    let password_hash = shared.passwords.hash(password.to_owned()).await?;
    let user = NewUser {
        username,
        email,
        password_hash: &password_hash,
    };
    shared
        .service
        .store
        .create_user(user, jiff::Timestamp::now())
        .await?;
    Ok((
        StatusCode::CREATED,
        Json(MessageResponse::new("User registered successfully.")),
    ))
}

/// `POST /api/user/login/`.
#[utoipa::path(
    post,
    path = "/api/user/login/",
    summary = "Signs in",
    tag = "users",
    request_body(content((LoginRequest = "application/json"), (LoginRequest = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "Signed in.", body = LoginResponse), WrongCredentials, TooManyFailures, InvalidBody, ServerFailure),
)]
pub(super) async fn login(
    State(shared): State<Arc<Shared>>,
    peers: Option<Extension<Peers>>,
    fields: Fields,
) -> Result<Json<LoginResponse>, ApiError> {
    let (Some(username), Some(password)) = (fields.text("username"), fields.text("password"))
    else {
        return Err(ApiError::invalid("Username and password are required."));
    };
    let username = &credentials::normal_name(username);
    let address = peers.map(|Extension(peers)| peers.remote.ip());
    let store = &shared.service.store;
    let attempt = Attempt::begin(store, username, address).await?;

    let user = store
        .user_by_name(username)
        .await?
        .filter(|user| user.active);
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let verified = shared.passwords.verify(password.to_owned(), stored).await?;
    let Some(user) = user.filter(|_| verified) else {
        attempt.failed().await?;
        return Err(ApiError::application(
            StatusCode::UNAUTHORIZED,
            "Invalid credentials.",
        ));
    };
    attempt.succeeded().await?;

    let token = auth::new_token()?;
    if !store
        .add_token(&user, &auth::hash(token.as_bytes()), jiff::Timestamp::now())
        .await?
    {
        return Err(ApiError::application(
            StatusCode::UNAUTHORIZED,
            "Invalid credentials.",
        ));
    }
    Ok(Json(LoginResponse {
        message: "User logged in successfully.".to_owned(),
        token,
    }))
}

/// `POST /api/user/logout/`; a body is not looked at.
#[utoipa::path(
    post,
    path = "/api/user/logout/",
    summary = "Signs out: ends the login that it comes by",
    tag = "users",
    responses((status = 200, description = "Signed out.", body = MessageResponse), Unauthorized, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn logout(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<SignedIn>,
) -> Result<Json<MessageResponse>, ApiError> {
    shared
        .service
        .store
        .revoke_token(&caller.token_hash)
        .await?;
    Ok(Json(MessageResponse::new("User logged out successfully.")))
}

/// `GET /api/user/logout/`: the same, as the original's documentation has it.
#[utoipa::path(
    get,
    path = "/api/user/logout/",
    summary = "The same, as the original's documentation has it",
    tag = "users",
    responses((status = 200, description = "Signed out.", body = MessageResponse), Unauthorized, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn logout_by_get(
    shared: State<Arc<Shared>>,
    caller: Extension<SignedIn>,
) -> Result<Json<MessageResponse>, ApiError> {
    logout(shared, caller).await
}

/// Any other method of `/api/user/logout/`; also `HEAD`, which is asked for by what only looks around and must not end a
/// login.
pub(super) async fn no_logout() -> impl IntoResponse {
    (
        StatusCode::METHOD_NOT_ALLOWED,
        [(header::ALLOW, "GET,POST")],
    )
}
