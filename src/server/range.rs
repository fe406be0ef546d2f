//! Which bytes a client wants (RFC 9110, section 14): one range; of several, or of what cannot be read, everything.

use std::ops::Range;

use axum::http::{HeaderMap, HeaderValue, header};

/// What to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Everything,
    /// Never empty.
    Part(Range<usize>),
    /// A range beyond the end.
    Nothing,
}

/// `length` in bytes; a range counts only while `If-Range`, where given, names the present `etag`.
pub(super) fn wanted(headers: &HeaderMap, etag: &HeaderValue, length: usize) -> Wanted {
    let current = headers
        .get(header::IF_RANGE)
        .is_none_or(|seen| seen == etag);
    let range = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok());
    let range = range
        .and_then(|range| range.strip_prefix("bytes="))
        .and_then(|range| range.split_once('-'));
    match range {
        Some((first, last)) if current => {
            part(first.trim(), last.trim(), length).unwrap_or(Wanted::Everything)
        }
        _ => Wanted::Everything,
    }
}

/// `None` when it cannot be read.
fn part(first: &str, last: &str, length: usize) -> Option<Wanted> {
    let (start, end) = match (first, last) {
        ("", suffix) => (length.saturating_sub(number(suffix)?), length),
        (first, "") => (number(first)?, length),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            (first, length.min(last.saturating_add(1)))
        }
    };
    Some(if start < end {
        Wanted::Part(start..end)
    } else {
        Wanted::Nothing
    })
}

/// Digits only: `usize::from_str` would take a sign.
fn number(digits: &str) -> Option<usize> {
    let digits_only = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
    digits_only.then(|| digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("bytes=0-3", Wanted::Part(0..4))]
    #[case("bytes=4-", Wanted::Part(4..10))]
    #[case("bytes=-3", Wanted::Part(7..10))]
    #[case("bytes=-30", Wanted::Part(0..10))]
    #[case("bytes=8-99999999999999999999999", Wanted::Part(8..10))]
    #[case("bytes=10-", Wanted::Nothing)]
    #[case("bytes=-0", Wanted::Nothing)]
    #[case("bytes=5-2", Wanted::Everything)]
    #[case("bytes=0-1,4-5", Wanted::Everything)]
    #[case("bytes=+1-2", Wanted::Everything)]
    #[case("bytes=-", Wanted::Everything)]
    #[case("lines=1-2", Wanted::Everything)]
    fn one_range_of_ten_bytes_is_served_and_nonsense_ignored(
        #[case] range: &str,
        #[case] expected: Wanted,
    ) {
        let headers = HeaderMap::from_iter([(header::RANGE, range.parse().unwrap())]);
        assert_eq!(
            wanted(&headers, &HeaderValue::from_static("\"a\""), 10),
            expected
        );
    }

    #[rstest]
    #[case("\"a\"", Wanted::Part(0..4))]
    #[case("\"b\"", Wanted::Everything)]
    fn a_range_of_something_that_changed_gives_everything(
        #[case] seen: &str,
        #[case] expected: Wanted,
    ) {
        let headers = [(header::RANGE, "bytes=0-3"), (header::IF_RANGE, seen)];
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name, value.parse().unwrap()))
            .collect();
        assert_eq!(
            wanted(&headers, &HeaderValue::from_static("\"a\""), 10),
            expected
        );
    }
}
