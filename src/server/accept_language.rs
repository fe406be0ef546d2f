//! The language of a new interview and of messages, from `Accept-Language` (RFC 9110, 12.5.4).

use axum::http::{HeaderMap, header};

use crate::interview::Language;

/// Returns the supported language with the highest weight; English if none is named.
pub(super) fn preferred(headers: &HeaderMap) -> Language {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut best = Language::English;
    let mut best_weight = 0.0;
    for (language, weight) in accepted.split(',').filter_map(range) {
        // The first of equals wins.
        if weight > best_weight {
            best = language;
            best_weight = weight;
        }
    }
    best
}

/// Reads one element such as `ko-KR;q=0.9`; `None` if it names no supported language.
fn range(element: &str) -> Option<(Language, f32)> {
    let mut parts = element.split(';').map(str::trim);
    let tag = parts.next()?.to_ascii_lowercase();
    let language = tag.split('-').next()?.parse().ok()?;
    let weight = parts.find_map(|part| part.strip_prefix("q="));
    Some((
        language,
        weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)),
    ))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", Language::English)]
    #[case("ko", Language::Korean)]
    #[case("KO-kr", Language::Korean)]
    #[case("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", Language::Korean)]
    #[case("en-US,en;q=0.9,ko;q=0.8", Language::English)]
    #[case("en;q=0.5, ko;q=0.8", Language::Korean)]
    #[case("fr, ko;q=0.3", Language::Korean)]
    #[case("ko;q=0", Language::English)]
    #[case("kok, de", Language::English)]
    #[case("*", Language::English)]
    fn the_supported_language_with_the_highest_weight_is_chosen(
        #[case] accepted: &str,
        #[case] expected: Language,
    ) {
        let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, accepted.parse().unwrap())]);
        assert_eq!(preferred(&headers), expected);
    }
}
