//! What every answer has in common: its headers, JSON even where the router itself answers, a line in the log.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::Instrument;

use super::error::ApiError;
use super::metrics::Cause;
use super::{Shared, proxies, unread};

/// See [`id_of`].
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Most letters of a name that came with the request.
const MOST_ID: usize = 64;

/// How long an answer may take once the request is there: longer than a login waits for its place, and SQLite for a lock.
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// Outermost: completes, counts and logs an answer.
pub(super) async fn dress(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    // As it came: a proxy's word for the host comes in its place.
    let refusal = unclear(&request);
    proxies::look_through(&shared.settings().trusted_proxies, &mut request);
    let method = request.method().clone();
    // The pattern and not the path: names of spoken replies and whatever else a client puts there stay out of the log.
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("-", MatchedPath::as_str)
        .to_owned();
    let id = id_of(request.headers());
    let span = tracing::info_span!("request", id = %id.to_str().unwrap_or_default());
    let (request, body) = unread::watch(request);
    let mut response = match refusal {
        None => next.run(request).instrument(span.clone()).await,
        Some(refusal) => refusal.into_response(),
    };
    response.headers_mut().insert(REQUEST_ID, id);
    if body.is_left() {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    set_common_headers(&mut response, &path);
    let took = began.elapsed();
    shared
        .metrics
        .answered(&method, &path, response.status(), took);
    if let Some(cause) = response.extensions().get::<Cause>() {
        shared.metrics.refused(*cause);
    }
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| log(&method, &path, response.status(), millis));
    response
}

/// What HTTP/1.1 demands to be refused, since a proxy may have taken it otherwise: no host or two (RFC 9112, 3.2), and a
/// body in a form that is not understood (6.1).
fn unclear(request: &Request) -> Option<ApiError> {
    let values = |name| request.headers().get_all(name).iter();
    if request.version() == Version::HTTP_11 && values(header::HOST).count() != 1 {
        return Some(ApiError::protocol(
            StatusCode::BAD_REQUEST,
            "The request has to name one host.",
        ));
    }
    let chunked = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    let unknown = !values(header::TRANSFER_ENCODING).all(chunked);
    unknown.then(|| {
        ApiError::protocol(
            StatusCode::NOT_IMPLEMENTED,
            "A body may be sent in chunks, and coded in no other way.",
        )
        .closing()
    })
}

/// Names a request in the log and to the client: as a proxy or the client named it, if that is a plain name, or else by
/// chance.
fn id_of(headers: &HeaderMap) -> HeaderValue {
    let plain = |value: &&HeaderValue| {
        let letters = value.as_bytes();
        (1..=MOST_ID).contains(&letters.len())
            && letters
                .iter()
                .all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(c))
    };
    let given = headers.get(REQUEST_ID).filter(plain);
    // A copy: a clone would be a view of the connection's buffer, and keep it.
    given
        .and_then(|id| HeaderValue::from_bytes(id.as_bytes()).ok())
        .unwrap_or_else(|| {
            let random = getrandom::u64().unwrap_or_default();
            HeaderValue::try_from(format!("{random:016x}")).expect("hexadecimal digits")
        })
}

/// Only what went wrong here is worth a line by itself: clients come at any rate, and the log is bounded.
fn log(method: &Method, path: &str, status: StatusCode, millis: u64) {
    let code = status.as_u16();
    if status.is_server_error() {
        tracing::warn!(%method, path, status = code, millis, "answered");
    } else {
        tracing::debug!(%method, path, status = code, millis, "answered");
    }
}

/// Innermost: an answer comes in any case, and is JSON. What hangs in a database that does not answer for `longest` is given
/// up; a turn takes as long as its model, and sees to its own steps.
pub(super) async fn complete(
    State(longest): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    let is_turn =
        request.method() == Method::POST && request.uri().path().starts_with("/api/chat/");
    let method = request.method().clone();
    let answer = in_json(&method, next.run(request));
    if is_turn {
        return answer.await;
    }
    tokio::time::timeout(longest, answer)
        .await
        .unwrap_or_else(|_| {
            tracing::error!("an answer took too long: the database does not answer");
            ApiError::overloaded("The server is overloaded.", 5).into_response()
        })
}

/// A panic becomes a 500 that tells nothing (the process's panic hook was told, which by default writes to standard error),
/// and a 405 gets its body.
async fn in_json(method: &Method, answer: impl Future<Output = Response>) -> Response {
    match AssertUnwindSafe(answer).catch_unwind().await {
        Ok(response) if response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            method_not_allowed(method, &response)
        }
        Ok(response) => response,
        Err(_) => ApiError::internal().into_response(),
    }
}

/// The router adds `Allow` itself, after this, where it refuses; where a handler did, its own stays.
fn method_not_allowed(method: &Method, refusal: &Response) -> Response {
    let text = format!("Method \"{method}\" not allowed.");
    let error = ApiError::protocol(StatusCode::METHOD_NOT_ALLOWED, text);
    match refusal.headers().get(header::ALLOW) {
        Some(allow) => error.with(header::ALLOW, allow.clone()).into_response(),
        None => error.into_response(),
    }
}

fn set_common_headers(response: &mut Response, path: &str) {
    // Spoken replies never change under their name; everything else is about one user at one moment.
    let sound = path.starts_with("/media/") && !response.status().is_client_error();
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    if !sound {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use axum::{Router, middleware};
    use tower::ServiceExt;

    use super::*;

    #[test]
    fn a_request_keeps_a_plain_name_and_gets_one_instead_of_anything_else() {
        let named = |name: &str| {
            id_of(
                &[(REQUEST_ID, HeaderValue::from_str(name).unwrap())]
                    .into_iter()
                    .collect(),
            )
        };
        assert_eq!(named("4bf92f35-77b3.4d"), "4bf92f35-77b3.4d");
        for wrong in ["", "two words", "a\tb", "\"quoted\"", &"x".repeat(65)] {
            assert_eq!(named(wrong).len(), 16, "{wrong}");
        }
        assert_ne!(id_of(&HeaderMap::new()), id_of(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn what_hangs_is_answered_in_the_end_and_a_turn_may_take_longer() {
        let late = async || tokio::time::sleep(Duration::from_millis(300)).await;
        let router = Router::new()
            .route("/api/interviews/", get(late))
            .route("/api/chat/gpt/", get(late).post(late))
            .layer(middleware::from_fn_with_state(
                Duration::from_millis(20),
                complete,
            ));
        let status = async |method: Method, path: &str| {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .body(Body::empty())
                .unwrap();
            router.clone().oneshot(request).await.unwrap().status()
        };
        assert_eq!(
            status(Method::GET, "/api/interviews/").await,
            StatusCode::SERVICE_UNAVAILABLE
        );
        assert_eq!(
            status(Method::GET, "/api/chat/gpt/").await,
            StatusCode::SERVICE_UNAVAILABLE
        );
        assert_eq!(status(Method::POST, "/api/chat/gpt/").await, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_panic_in_a_handler_is_answered_without_a_detail() {
        async fn fails() -> &'static str {
            panic!("secret detail")
        }
        let router = Router::new()
            .route("/", get(fails))
            .layer(middleware::from_fn_with_state(LONGEST, complete));
        let response = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = to_bytes(response.into_body(), 1_000).await.unwrap();
        assert_eq!(body, r#"{"error":"Internal server error."}"#);
    }
}
