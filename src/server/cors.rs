//! Cross-origin requests: only web pages on origins that the administrator named may call the API.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// The scheme, host and port of a web page, as a browser writes them in `Origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// The error of a text that is not the origin of a web page.
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

/// Returns the layer that answers preflights and marks all answers for the named origins; `None`
/// without any.
pub(super) fn layer(origins: &[Origin]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let origins = origins.iter().map(|origin| origin.0.clone());
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            header::RANGE,
        ])
        .expose_headers([header::RETRY_AFTER, header::WWW_AUTHENTICATE])
        .max_age(Duration::from_mins(10))
        .vary([header::ORIGIN]);
    Some(layer)
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
