//! For whoever runs the server: whether it works, and what it counts.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::Shared;
use super::connection::Peers;
use super::error::ApiError;
use super::responses::ServerFailure;
use crate::api::{ErrorBody, Health};

/// A database that takes longer is as good as gone to whoever balances the load.
const LONGEST_QUERY: Duration = Duration::from_secs(5);

/// `GET /healthz`: asks the database.
#[utoipa::path(
    get,
    path = "/healthz/",
    summary = "Whether the server works",
    tag = "operation",
    responses((status = 200, description = "The server works, its database answers.", body = Health), ServerFailure),
)]
pub(super) async fn health(State(shared): State<Arc<Shared>>) -> Result<Json<Health>, ApiError> {
    match tokio::time::timeout(LONGEST_QUERY, shared.service.store.check()).await {
        Ok(Ok(())) => Ok(Json(Health {
            status: "ok".to_owned(),
        })),
        Ok(Err(error)) => {
            tracing::error!(%error, "not healthy");
            Err(unavailable())
        }
        Err(_) => {
            tracing::error!("not healthy: the database does not answer");
            Err(unavailable())
        }
    }
}

/// `GET /metrics`: for this machine alone unless the administrator opened it.
#[utoipa::path(
    get,
    path = "/metrics/",
    summary = "What it counts",
    tag = "operation",
    responses((status = 200, description = "Counts and latencies of this process, as Prometheus reads them.", body = String, content_type = "text/plain"), (status = 403, description = "Not for this caller.", body = ErrorBody), ServerFailure),
)]
pub(super) async fn metrics(
    State(shared): State<Arc<Shared>>,
    peers: Option<Extension<Peers>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let near = peers.is_some_and(|Extension(peers)| peers.remote.ip().to_canonical().is_loopback());
    if !(shared.settings().open_metrics || near && !is_forwarded(&headers)) {
        let text = "Metrics are served to this machine only.";
        return Err(ApiError::protocol(StatusCode::FORBIDDEN, text));
    }
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    Ok((kind, shared.metrics.text()).into_response())
}

/// A proxy on this machine is near; those it speaks for are not.
fn is_forwarded(headers: &HeaderMap) -> bool {
    ["forwarded", "x-forwarded-for", "x-real-ip"]
        .iter()
        .any(|name| headers.contains_key(*name))
}

fn unavailable() -> ApiError {
    ApiError::overloaded("The database does not answer.", 5)
}
