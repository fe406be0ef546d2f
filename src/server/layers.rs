//! The layers that every request passes.
//!
//! ```text
//! request id ─► log and metrics ─► security headers ─► CORS ─► trusted proxies ─► JSON errors ─► panics ─► time-out ─► router
//! ```

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{
    MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tracing::Instrument;

use super::error::ApiError;
use super::metrics::Cause;
use super::{Shared, cors, proxies};

/// The longest time for a response once the request is complete: longer than a login waits for its slot, and SQLite for a
/// lock.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// Bounds the time of every route added so far. A turn takes as long as its model, so its route is added later.
pub(super) fn with_timeout(router: Router<Arc<Shared>>, shared: &Shared) -> Router<Arc<Shared>> {
    let longest = shared.settings().client_timeout + RESPONSE_TIMEOUT;
    router.layer(TimeoutLayer::with_status_code(
        StatusCode::SERVICE_UNAVAILABLE,
        longest,
    ))
}

/// Keeps caches from storing what the routes added so far respond, since it concerns one user at one moment.
pub(super) fn without_caching(router: Router<Arc<Shared>>) -> Router<Arc<Shared>> {
    router.layer(SetResponseHeaderLayer::overriding(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store"),
    ))
}

/// Wraps all routes in the layers they share.
pub(super) fn with_layers(
    router: Router<Arc<Shared>>,
    shared: &Arc<Shared>,
) -> Router<Arc<Shared>> {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    router.layer(
        ServiceBuilder::new()
            .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
            .layer(middleware::from_fn_with_state(shared.clone(), record))
            .layer(PropagateRequestIdLayer::x_request_id())
            .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(header(header::REFERRER_POLICY, "same-origin"))
            .layer(option_layer(cors::layer(&shared.settings().allow_origins)))
            .layer(middleware::from_fn_with_state(
                shared.clone(),
                resolve_proxies,
            ))
            .layer(middleware::from_fn(json_errors))
            .layer(CatchPanicLayer::custom(|_: Box<dyn Any + Send>| {
                ApiError::internal().into_response()
            })),
    )
}

/// Refuses ambiguous requests, then replaces the addresses of trusted proxies by those they forward for.
async fn resolve_proxies(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    // The check comes first, since a proxy's word replaces the host.
    if let Some(refusal) = refuse_ambiguous(&request) {
        return refusal.into_response();
    }
    proxies::look_through(&shared.settings().trusted_proxies, &mut request);
    next.run(request).await
}

/// Refuses what HTTP/1.1 demands to refuse, since a proxy may have understood it differently: no host or several
/// (RFC 9112, 3.2), and a transfer coding other than chunked (6.1).
fn refuse_ambiguous(request: &Request) -> Option<ApiError> {
    let values = |name| request.headers().get_all(name).iter();
    if request.version() == Version::HTTP_11 && values(header::HOST).count() != 1 {
        return Some(ApiError::protocol(
            StatusCode::BAD_REQUEST,
            "The request must name one host.",
        ));
    }
    let chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    let unknown = !values(header::TRANSFER_ENCODING).all(chunked);
    unknown.then(|| {
        ApiError::protocol(
            StatusCode::NOT_IMPLEMENTED,
            "The only supported transfer coding is chunked.",
        )
        .closing()
    })
}

/// Counts and logs the response.
async fn record(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    // The pattern keeps names of spoken replies, and whatever else a client puts into a path, out of the log.
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .unwrap_or_default();
    let span = tracing::info_span!("request", id);
    let response = next.run(request).instrument(span.clone()).await;
    let took = began.elapsed();
    shared
        .metrics
        .responded(&method, &path, response.status(), took);
    if let Some(cause) = response.extensions().get::<Cause>() {
        shared.metrics.refused(*cause);
    }
    span.in_scope(|| log(&method, &path, response.status(), took));
    response
}

/// Logs server errors as warnings. Everything else is a debug message: clients may send any number of requests, and the
/// log is bounded.
fn log(method: &Method, path: &str, status: StatusCode, took: Duration) {
    let code = status.as_u16();
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if status.is_server_error() {
        tracing::warn!(%method, path, status = code, millis, "responded");
    } else {
        tracing::debug!(%method, path, status = code, millis, "responded");
    }
}

/// Gives the empty errors of the router and of the time-out their JSON body.
async fn json_errors(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let response = next.run(request).await;
    if response.headers().contains_key(header::CONTENT_TYPE) {
        return response;
    }
    match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => method_not_allowed(&method, &response),
        StatusCode::SERVICE_UNAVAILABLE => {
            ApiError::overloaded("The server is overloaded.", 5).into_response()
        }
        _ => response,
    }
}

/// Keeps the `Allow` header that the refusing handler or router has set.
fn method_not_allowed(method: &Method, refusal: &Response) -> Response {
    let text = format!("Method \"{method}\" not allowed.");
    let error = ApiError::protocol(StatusCode::METHOD_NOT_ALLOWED, text);
    match refusal.headers().get(header::ALLOW) {
        Some(allow) => error.with(header::ALLOW, allow.clone()).into_response(),
        None => error.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_request_that_hangs_gets_503_with_a_json_body() {
        let router: Router = Router::new()
            .route("/", get(std::future::pending::<()>))
            .layer(TimeoutLayer::with_status_code(
                StatusCode::SERVICE_UNAVAILABLE,
                Duration::from_millis(1),
            ))
            .layer(middleware::from_fn(json_errors));
        let response = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "5");
        let body = to_bytes(response.into_body(), 1_000).await.unwrap();
        assert_eq!(body, r#"{"error":"The server is overloaded."}"#);
    }
}
