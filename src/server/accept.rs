//! The format that a client prefers, from `Accept` (RFC 9110, 12.5.1).

use axum::http::{HeaderMap, header};

pub(super) const JSON: &str = "application/json";
pub(super) const EVENTS: &str = "text/event-stream";
pub(super) const MARKDOWN: &str = "text/markdown";
pub(super) const HTML: &str = "text/html";

/// Returns the offer with the highest weight; the earlier one of equals, and the first if none is
/// accepted, since an answer in another format says more than a refusal.
pub(super) fn preferred(headers: &HeaderMap, offers: &[&'static str]) -> &'static str {
    let lines = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let ranges: Vec<(String, f32)> = lines.flat_map(|line| line.split(',')).map(range).collect();
    let mut best = offers[0];
    let mut best_weight = 0.0;
    for offer in offers {
        let weight = weight(&ranges, offer);
        if weight > best_weight {
            best = offer;
            best_weight = weight;
        }
    }
    best
}

/// Returns the weight that the narrowest range covering `offer` gives it.
fn weight(ranges: &[(String, f32)], offer: &str) -> f32 {
    let kind = offer.split('/').next().unwrap_or_default();
    let covers = |wanted: &str| {
        ranges
            .iter()
            .find(|(range, _)| range == wanted)
            .map(|(_, weight)| *weight)
    };
    covers(offer)
        .or_else(|| covers(&format!("{kind}/*")))
        .or_else(|| covers("*/*"))
        .unwrap_or(0.0)
}

/// Reads one element such as `text/html;q=0.9`. Other parameters are ignored.
fn range(element: &str) -> (String, f32) {
    let mut parts = element
        .split(';')
        .map(|part| part.trim().to_ascii_lowercase());
    let kind = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| {
        part.strip_prefix("q=")
            .map(|weight| weight.parse().unwrap_or(0.0))
    });
    (kind, weight.unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(None, JSON)]
    #[case(Some("*/*"), JSON)]
    #[case(Some("text/html,application/xhtml+xml,*/*;q=0.8"), HTML)]
    #[case(Some("Text/Markdown; charset=utf-8"), MARKDOWN)]
    #[case(Some("text/*"), MARKDOWN)]
    #[case(Some("text/html;q=0.2, application/json;q=0.5"), JSON)]
    #[case(Some("application/json;q=0, */*"), MARKDOWN)]
    #[case(Some("image/png"), JSON)]
    fn the_format_with_the_highest_weight_is_chosen(
        #[case] accept: Option<&str>,
        #[case] expected: &str,
    ) {
        let headers = accept
            .map(|accept| (header::ACCEPT, accept.parse().unwrap()))
            .into_iter()
            .collect();
        assert_eq!(preferred(&headers, &[JSON, MARKDOWN, HTML]), expected);
    }
}
