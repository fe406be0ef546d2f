//! The calls for whoever runs the server: what it is, whether it works, and what it counts.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::connection::ConnectionInfo;
use super::error::ApiError;
use super::responses::ServerFailure;
use super::state::AppState;
use crate::api::{ErrorResponse, HealthResponse, ServiceInfo};
use crate::config::Registration;
use crate::interview::Language;
use crate::narrator::Narrator;

/// The names of the extensions that every server offers. [`SPEECH_FEATURE`] comes with a narrator.
const FEATURES: [&str; 8] = [
    "idempotency",
    "events",
    "interview-options",
    "interviews",
    "account",
    "health",
    "metrics",
    "schema",
];
const SPEECH_FEATURE: &str = "speech";

/// Returns the name of the feature that says who may register, unless everybody may.
fn registration_feature(registration: Registration) -> Option<&'static str> {
    match registration {
        Registration::Open => None,
        Registration::Closed => Some("registration-closed"),
        Registration::Invite => Some("registration-invite"),
    }
}

/// Returns the program, its version, the interview languages and the extensions that this server
/// offers.
#[utoipa::path(
    get,
    path = "/api/",
    summary = "The server's version and extensions",
    tag = "operation",
    responses((status = 200, description = "The server's version and extensions.", body = ServiceInfo), ServerFailure),
)]
pub(super) async fn about(State(state): State<Arc<AppState>>) -> Json<ServiceInfo> {
    let narrates = !matches!(state.service.narrator, Narrator::None);
    let features = FEATURES
        .into_iter()
        .chain(narrates.then_some(SPEECH_FEATURE))
        .chain(registration_feature(state.settings().registration));
    let languages = Language::ALL.map(|language| language.code().to_owned());
    Json(ServiceInfo {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        languages: languages.to_vec(),
        features: features.map(str::to_owned).collect(),
    })
}

/// Tries to write to the database.
#[utoipa::path(
    get,
    path = "/healthz/",
    summary = "Whether the server works",
    tag = "operation",
    responses((status = 200, description = "The server works and its database takes writes.", body = HealthResponse), ServerFailure),
)]
pub(super) async fn health(
    State(state): State<Arc<AppState>>,
) -> Result<Json<HealthResponse>, ApiError> {
    state.health.check(state.store()).await?;
    let status = "ok".to_owned();
    Ok(Json(HealthResponse { status }))
}

/// Returns the metrics of this process in the text format of Prometheus. Unless the administrator
/// opens them, only clients on the same machine may read them.
#[utoipa::path(
    get,
    path = "/metrics/",
    summary = "Metrics for Prometheus",
    tag = "operation",
    responses(
        (status = 200, description = "Counts and latencies of this process.", body = String, content_type = "text/plain"),
        (status = 403, description = "Metrics are not served to this client.", body = ErrorResponse),
        ServerFailure
    ),
)]
pub(super) async fn metrics(
    State(state): State<Arc<AppState>>,
    connection: Option<Extension<ConnectionInfo>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let is_local = connection.is_some_and(|Extension(info)| info.is_from_this_machine());
    if !(state.settings().open_metrics || is_local && !is_forwarded(&headers)) {
        let text = "Metrics are served to this machine only.";
        return Err(ApiError::protocol(StatusCode::FORBIDDEN, text));
    }
    let content_type = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, content_type)], state.metrics.text()).into_response())
}

/// Returns whether a proxy passed the request on. Such a proxy may run on this machine while its
/// client does not.
fn is_forwarded(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-for", "x-real-ip"]
        .iter()
        .any(|name| headers.contains_key(*name))
}
