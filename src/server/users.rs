//! Accounts: register, log in, log out.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::auth::{self, SignedIn};
use super::body::Fields;
use super::connection::Ends;
use super::error::ApiError;
use super::throttle::Attempt;
use super::{Shared, credentials};
use crate::api::LoginReply;
use crate::store::NewUser;

/// `POST /api/user/register/`.
pub(super) async fn register(
    State(shared): State<Arc<Shared>>,
    fields: Fields,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    if fields.value("password2").is_some_and(|again| Some(again) != fields.value("password")) {
        return Err(ApiError::invalid("Passwords do not match"));
    }
    let (Some(username), Some(password), Some(email)) =
        (fields.text("username"), fields.text("password"), fields.text("email"))
    else {
        return Err(ApiError::invalid("Username, password, and email are required."));
    };
    credentials::check(username, email, password).map_err(|refusal| ApiError::invalid(refusal.to_string()))?;
    let password_hash = shared.passwords.hash(password.to_owned()).await?;
    let user = NewUser { username, email, password_hash: &password_hash };
    shared.service.store.create_user(user, jiff::Timestamp::now()).await?;
    Ok((StatusCode::CREATED, Json(json!({"message": "User registered successfully."}))))
}

/// `POST /api/user/login/`.
pub(super) async fn login(
    State(shared): State<Arc<Shared>>,
    ends: Option<Extension<Ends>>,
    fields: Fields,
) -> Result<Json<LoginReply>, ApiError> {
    let (Some(username), Some(password)) = (fields.text("username"), fields.text("password")) else {
        return Err(ApiError::invalid("Username and password are required."));
    };
    let address = ends.map(|Extension(ends)| ends.remote.ip());
    let store = &shared.service.store;
    let attempt = Attempt::begin(store, username, address).await?;

    let user = store.user_by_name(username).await?.filter(|user| user.active);
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let verified = shared.passwords.verify(password.to_owned(), stored).await?;
    let Some(user) = user.filter(|_| verified) else {
        attempt.failed().await?;
        return Err(ApiError::application(StatusCode::UNAUTHORIZED, "Invalid credentials."));
    };
    attempt.succeeded().await?;

    let token = auth::new_token()?;
    store.add_token(&user.id, &auth::hash(token.as_bytes()), jiff::Timestamp::now()).await?;
    Ok(Json(LoginReply { message: "User logged in successfully.".to_owned(), token }))
}

/// `POST` and `GET /api/user/logout/`; a body is not looked at.
pub(super) async fn logout(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<SignedIn>,
) -> Result<Json<Value>, ApiError> {
    shared.service.store.revoke_token(&caller.token_hash).await?;
    Ok(Json(json!({"message": "User logged out successfully."})))
}

/// `HEAD /api/user/logout/`: asked for by what only looks around, which must not end a login.
pub(super) async fn no_logout() -> impl IntoResponse {
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET,POST")])
}
