//! Registration, login and logout.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::{Extension, Json};

use super::accept_language;
use super::auth::{self, SignedIn};
use super::body::Fields;
use super::connection::ConnectionInfo;
use super::credentials;
use super::error::ApiError;
use super::invitations;
use super::responses::{
    InvalidBody, InvalidCredentials, RegistrationRefused, ServerFailure, TooManyFailures,
    Unauthorized, UsernameTaken,
};
use super::state::AppState;
use super::throttle::{self, LoginAttempt, Slot};
use crate::api::interviews::MessageResponse;
use crate::api::{LoginRequest, LoginResponse, RegisterRequest};
use crate::config::Registration;
use crate::interview::Language;
use crate::store::{NewUser, Store, StoreError, User};

/// Creates an account for a new user.
#[utoipa::path(
    post,
    path = "/api/user/register/",
    summary = "Register",
    tag = "users",
    request_body(content((RegisterRequest = "application/json"), (RegisterRequest = "application/x-www-form-urlencoded"))),
    responses((status = 201, description = "The account was created.", body = MessageResponse), UsernameTaken, RegistrationRefused, InvalidBody, ServerFailure),
)]
pub(super) async fn register(
    State(state): State<Arc<AppState>>,
    connection: Option<Extension<ConnectionInfo>>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<(StatusCode, Json<MessageResponse>), ApiError> {
    let settings = state.settings();
    if settings.registration == Registration::Closed {
        return Err(ApiError::registration_closed());
    }
    let (username, email, password) = registration(&fields, accept_language::preferred(&headers))?;
    let invitation = invitation(&state, &fields).await?;
    // Hashing is dear, so whatever can be refused is refused before.
    state.store().check_available(&username, email).await?;
    let address = connection.map(|Extension(info)| info.client.ip());
    let per_hour = settings.registrations_per_hour;
    let slot = throttle::begin_registration(state.store(), per_hour, address).await?;
    let password_hash = state.passwords.hash(password.to_owned()).await?;
    let user = NewUser {
        username: &username,
        email,
        password_hash: &password_hash,
    };
    create(state.store(), user, invitation.as_deref()).await?;
    let known = throttle::login_subject(&username, address);
    if let Err(error) = remember(state.store(), slot, &known).await {
        tracing::warn!(%error, "an account was created, but not counted");
    }
    let message = MessageResponse::new("User registered successfully.");
    Ok((StatusCode::CREATED, Json(message)))
}

/// Returns the hash of the invitation, if this server asks for one.
async fn invitation(state: &AppState, fields: &Fields) -> Result<Option<String>, ApiError> {
    if state.settings().registration != Registration::Invite {
        return Ok(None);
    }
    let code = fields.text("invite").ok_or_else(ApiError::not_invited)?;
    let hash = invitations::hash(code);
    let now = jiff::Timestamp::now();
    if state.store().has_invitation(&hash, now).await? {
        Ok(Some(hash))
    } else {
        Err(ApiError::not_invited())
    }
}

async fn create(
    store: &Store,
    user: NewUser<'_>,
    invitation: Option<&str>,
) -> Result<(), StoreError> {
    let now = jiff::Timestamp::now();
    match invitation {
        Some(hash) => store.create_invited_user(user, hash, now).await.map(drop),
        None => store.create_user(user, now).await.map(drop),
    }
}

/// Counts an account that was created, and makes its name known at the address.
async fn remember(store: &Store, slot: Option<Slot>, known: &str) -> Result<(), StoreError> {
    if let Some(slot) = slot {
        slot.count().await?;
    }
    store.add_known_login(known, jiff::Timestamp::now()).await
}

/// Returns the username, email address and password of a registration, checked in the order of the
/// API's contract.
fn registration(fields: &Fields, language: Language) -> Result<(String, &str, &str), ApiError> {
    let repeated = fields.value("password2");
    if repeated.is_some() && repeated != fields.value("password") {
        return Err(ApiError::invalid("Passwords do not match"));
    }
    let (Some(username), Some(password), Some(email)) = (
        fields.text("username"),
        fields.text("password"),
        fields.text("email"),
    ) else {
        let text = "Username, password, and email are required.";
        return Err(ApiError::invalid(text));
    };
    let username = crate::username::normalize(username);
    credentials::check(&username, email, password)
        .map_err(|error| ApiError::invalid(error.message(language)))?;
    Ok((username, email, password))
}

/// Returns a token for a username and its password.
#[utoipa::path(
    post,
    path = "/api/user/login/",
    summary = "Log in",
    tag = "users",
    request_body(content((LoginRequest = "application/json"), (LoginRequest = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "Logged in.", body = LoginResponse), InvalidCredentials, TooManyFailures, InvalidBody, ServerFailure),
)]
pub(super) async fn login(
    State(state): State<Arc<AppState>>,
    connection: Option<Extension<ConnectionInfo>>,
    fields: Fields,
) -> Result<Json<LoginResponse>, ApiError> {
    let (Some(username), Some(password)) = (fields.text("username"), fields.text("password"))
    else {
        return Err(ApiError::invalid("Username and password are required."));
    };
    let username = crate::username::normalize(username);
    let address = connection.map(|Extension(info)| info.client.ip());
    let attempt = LoginAttempt::begin(state.store(), &username, address).await?;
    let Some(user) = authenticate(&state, &username, password).await? else {
        attempt.failed().await?;
        return Err(invalid_credentials());
    };
    attempt.succeeded().await?;
    let token = auth::new_token()?;
    let hash = auth::hash(token.as_bytes());
    let now = jiff::Timestamp::now();
    // The account may have been deleted, or its password changed, in the meantime.
    if !state.store().add_token(&user, &hash, now).await? {
        return Err(invalid_credentials());
    }
    let message = "User logged in successfully.".to_owned();
    Ok(Json(LoginResponse { message, token }))
}

/// Returns the active user called `username` if the password is right. An unknown name takes as
/// long as a known one.
async fn authenticate(
    state: &AppState,
    username: &str,
    password: &str,
) -> Result<Option<User>, ApiError> {
    let user = state.store().user_by_name(username).await?;
    let user = user.filter(|user| user.active);
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let verified = state.passwords.verify(password.to_owned(), hash).await?;
    Ok(user.filter(|_| verified))
}

fn invalid_credentials() -> ApiError {
    ApiError::application(StatusCode::UNAUTHORIZED, "Invalid credentials.")
}

/// Revokes the token that the request carries. The body is not read.
#[utoipa::path(
    post,
    path = "/api/user/logout/",
    summary = "Log out",
    tag = "users",
    responses((status = 200, description = "Logged out.", body = MessageResponse), Unauthorized, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn logout(
    State(state): State<Arc<AppState>>,
    Extension(caller): Extension<SignedIn>,
) -> Result<Json<MessageResponse>, ApiError> {
    state.store().revoke_token(&caller.token_hash).await?;
    let message = MessageResponse::new("User logged out successfully.");
    Ok(Json(message))
}

/// Does the same as `POST`, because the original's documentation names this method.
#[utoipa::path(
    get,
    path = "/api/user/logout/",
    summary = "Log out with GET",
    tag = "users",
    responses((status = 200, description = "Logged out.", body = MessageResponse), Unauthorized, ServerFailure),
    security(("token" = [])),
)]
pub(super) async fn logout_by_get(
    state: State<Arc<AppState>>,
    caller: Extension<SignedIn>,
) -> Result<Json<MessageResponse>, ApiError> {
    logout(state, caller).await
}

/// Refuses any other method, and `HEAD` as well: programs that only look at a page send it, and
/// must not end a login.
pub(super) async fn refuse_logout(
    method: Method,
) -> ([(header::HeaderName, &'static str); 1], ApiError) {
    let allow = [(header::ALLOW, "GET,POST")];
    (allow, ApiError::method_not_allowed(&method))
}
