//! Pages of other origins: none may call the API but those the administrator named.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Shared;

/// Scheme, host and port of a web page, as a browser writes it in `Origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// Not the origin of a web page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an origin such as https://interview.example or http://localhost:3000")]
pub struct OriginError(String);

impl std::str::FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let refusal = || OriginError(text.to_owned());
        let url = url::Url::parse(text).map_err(|_| refusal())?;
        let bare =
            matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        if !(url.origin().is_tuple() && bare && anonymous) {
            return Err(refusal());
        }
        HeaderValue::from_str(&url.origin().ascii_serialization())
            .map(Self)
            .map_err(|_| refusal())
    }
}

/// Answers preflights of the named origins and marks every answer to them, errors too.
pub(super) async fn allow(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let allowed = &shared.settings().allow_origins;
    let origin = request
        .headers()
        .get(header::ORIGIN)
        .filter(|origin| allowed.iter().any(|known| known.0 == **origin))
        .cloned();
    let mut response = match &origin {
        Some(_) if is_preflight(&request) => preflight(),
        _ => next.run(request).await,
    };
    mark(response.headers_mut(), origin);
    response
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, DELETE"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, idempotency-key, range",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

fn mark(headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    // Caches must not give one origin's answer to another.
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("retry-after, www-authenticate"),
        );
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://localhost:3000", Some("http://localhost:3000"))]
    #[case("https://Interview.example/", Some("https://interview.example"))]
    #[case("https://interview.example:443", Some("https://interview.example"))]
    #[case("*", None)]
    #[case("null", None)]
    #[case("interview.example", None)]
    #[case("https://interview.example/page", None)]
    #[case("https://me@interview.example", None)]
    fn an_origin_is_written_as_browsers_write_it_or_refused(
        #[case] text: &str,
        #[case] expected: Option<&str>,
    ) {
        let origin = text.parse::<Origin>().ok();
        assert_eq!(
            origin.as_ref().map(|origin| origin.0.to_str().unwrap()),
            expected
        );
    }
}
