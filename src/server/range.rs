//! Range requests (RFC 9110, section 14). One range is served as such; several ranges, or a header
//! that cannot be read, are answered with the whole file.

use std::ops::Range;

use axum::http::{HeaderMap, HeaderValue, header};

/// The bytes to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Selection {
    Whole,
    /// A range that is never empty.
    Part(Range<usize>),
    /// A range beyond the end.
    Unsatisfiable,
}

/// Selects the bytes to send of a file of `length` bytes. If `If-Range` is given, the range counts
/// only if it names `etag`.
pub(super) fn select(headers: &HeaderMap, etag: &HeaderValue, length: usize) -> Selection {
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
            part(first.trim(), last.trim(), length).unwrap_or(Selection::Whole)
        }
        _ => Selection::Whole,
    }
}

/// Returns `None` if the range cannot be read.
fn part(first: &str, last: &str, length: usize) -> Option<Selection> {
    let (start, end) = match (first, last) {
        ("", suffix) => (length.saturating_sub(number(suffix)?), length),
        (first, "") => (number(first)?, length),
        (first, last) => {
            let first = number(first)?;
            let last = number(last)?;
            if last < first {
                return None;
            }
            (first, length.min(last.saturating_add(1)))
        }
    };
    Some(if start < end {
        Selection::Part(start..end)
    } else {
        Selection::Unsatisfiable
    })
}

/// Reads digits only; `usize::from_str` would accept a sign.
fn number(digits: &str) -> Option<usize> {
    let digits_only = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
    digits_only.then(|| digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("bytes=0-3", Selection::Part(0..4))]
    #[case("bytes=4-", Selection::Part(4..10))]
    #[case("bytes=-3", Selection::Part(7..10))]
    #[case("bytes=-30", Selection::Part(0..10))]
    #[case("bytes=8-99999999999999999999999", Selection::Part(8..10))]
    #[case("bytes=10-", Selection::Unsatisfiable)]
    #[case("bytes=-0", Selection::Unsatisfiable)]
    #[case("bytes=5-2", Selection::Whole)]
    #[case("bytes=0-1,4-5", Selection::Whole)]
    #[case("bytes=+1-2", Selection::Whole)]
    #[case("bytes=-", Selection::Whole)]
    #[case("lines=1-2", Selection::Whole)]
    fn one_range_of_ten_bytes_is_served_and_an_unreadable_one_is_ignored(
        #[case] range: &str,
        #[case] expected: Selection,
    ) {
        let headers = HeaderMap::from_iter([(header::RANGE, range.parse().unwrap())]);
        assert_eq!(
            select(&headers, &HeaderValue::from_static("\"a\""), 10),
            expected
        );
    }

    #[rstest]
    #[case("\"a\"", Selection::Part(0..4))]
    #[case("\"b\"", Selection::Whole)]
    fn a_range_of_another_version_returns_the_whole_file(
        #[case] seen: &str,
        #[case] expected: Selection,
    ) {
        let headers = [(header::RANGE, "bytes=0-3"), (header::IF_RANGE, seen)];
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name, value.parse().unwrap()))
            .collect();
        assert_eq!(
            select(&headers, &HeaderValue::from_static("\"a\""), 10),
            expected
        );
    }
}
