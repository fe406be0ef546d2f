//! The language of a new interview, from `Accept-Language`.

use axum::http::{HeaderMap, header};

use crate::interview::Language;

/// The most wanted of the languages spoken here; English when none is named.
pub(super) fn of(headers: &HeaderMap) -> Language {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut best = (0.0, Language::English);
    for (language, weight) in accepted.split(',').filter_map(range) {
        // Only more is better: of equals the first stays.
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

/// One element such as `ko-KR;q=0.9`; `None` when it names no language spoken here.
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
    fn the_most_wanted_language_spoken_here_is_taken(
        #[case] accepted: &str,
        #[case] expected: Language,
    ) {
        let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, accepted.parse().unwrap())]);
        assert_eq!(of(&headers), expected);
    }
}
