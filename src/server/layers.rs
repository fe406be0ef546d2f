//! The layers that every request passes: request ids, logging, metrics, headers, CORS, and JSON
//! even after a panic.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use tracing::Span;

use super::error::ApiError;
use super::metrics::RefusalCause;
use super::state::AppState;
use super::{cors, proxies};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_REQUEST_ID_LENGTH: usize = 64;

/// Wraps `router` in the layers that every request passes, the outermost first.
pub(super) fn wrap(router: Router<Arc<AppState>>, state: &Arc<AppState>) -> Router<Arc<AppState>> {
    let trusted = state.settings().trusted_proxies.clone();
    let count = middleware::from_fn_with_state(state.clone(), count);
    let trace = TraceLayer::new_for_http()
        .make_span_with(request_span)
        .on_request(())
        .on_response(log_response)
        .on_body_chunk(())
        .on_eos(())
        .on_failure(());
    let layers = ServiceBuilder::new()
        .map_request(discard_unusable_id)
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .map_request(move |request| proxies::resolve_client(&trusted, request))
        .layer(trace)
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(count)
        .layer(fixed_header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(fixed_header(header::REFERRER_POLICY, "same-origin"))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            cache_control,
        ))
        .option_layer(cors::layer(&state.settings().allow_origins))
        .layer(middleware::from_fn(refuse_ambiguous))
        .layer(CatchPanicLayer::custom(panicked));
    router.layer(layers)
}

/// Adds a header to every answer that does not set it itself.
fn fixed_header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// Keeps caches from storing an answer, which concerns one user at one moment. Only audio files, the
/// one kind of answer that has ranges, never change and may be cached.
fn cache_control(response: &Response) -> Option<HeaderValue> {
    let is_audio = response.headers().contains_key(header::ACCEPT_RANGES);
    (!is_audio).then(|| HeaderValue::from_static("no-store"))
}

/// Removes a request id that would not be a plain word in the log, so that a new one takes its
/// place.
fn discard_unusable_id(mut request: Request) -> Request {
    let usable = |id: &HeaderValue| {
        let id = id.as_bytes();
        (1..=MAX_REQUEST_ID_LENGTH).contains(&id.len())
            && id
                .iter()
                .all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(c))
    };
    if !request.headers().get(REQUEST_ID).is_some_and(usable) {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

/// Returns the pattern of a request's path. Names of spoken replies and whatever else a client puts
/// into a path stay out of the log and the metrics.
fn path_pattern(request: &Request) -> &str {
    request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
}

fn request_span(request: &Request) -> Span {
    let id = request.headers().get(REQUEST_ID);
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", id, method = %request.method(), path = path_pattern(request))
}

/// Logs an answer. Only a failure of the server is a warning: clients make mistakes at any rate,
/// and the log is bounded.
fn log_response(response: &Response, latency: Duration, _: &Span) {
    let status = response.status().as_u16();
    let millis = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    if response.status().is_server_error() {
        tracing::warn!(status, millis, "answered");
    } else {
        tracing::debug!(status, millis, "answered");
    }
}

async fn count(State(state): State<Arc<AppState>>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = path_pattern(&request).to_owned();
    let response = next.run(request).await;
    let status = response.status();
    state
        .metrics
        .count_answer(&method, &path, status, started.elapsed());
    if let Some(cause) = response.extensions().get::<RefusalCause>() {
        state.metrics.count_refusal(*cause);
    }
    response
}

/// Answers a request whose handler panicked. The panic hook has reported the panic already.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    ApiError::internal().into_response()
}

/// Refuses what a proxy in front may have understood differently.
async fn refuse_ambiguous(request: Request, next: Next) -> Result<Response, ApiError> {
    check_unambiguous(&request)?;
    Ok(next.run(request).await)
}

/// Checks that the request names exactly one host (RFC 9112, 3.2) and that its body is in a known
/// transfer coding (6.1).
fn check_unambiguous(request: &Request) -> Result<(), ApiError> {
    let values = |name| request.headers().get_all(name).iter();
    if request.version() == Version::HTTP_11 && values(header::HOST).count() != 1 {
        let text = "The request must name one host.";
        return Err(ApiError::protocol(StatusCode::BAD_REQUEST, text));
    }
    let is_chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    if !values(header::TRANSFER_ENCODING).all(is_chunked) {
        let text = "The only supported transfer coding is chunked.";
        return Err(ApiError::protocol(StatusCode::NOT_IMPLEMENTED, text).closing());
    }
    Ok(())
}
