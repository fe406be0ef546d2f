//! Wraps text to a number of terminal columns: at blanks where there are any, and between graphemes
//! where a word is longer than the row. Wide characters take two columns.
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Returns how many columns a text takes.
pub fn columns(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Returns the byte ranges of the rows of one line, without line breaks, at `width` columns.
///
/// Together they are the whole line. Blanks at the end of a row may hang over its edge. An empty
/// line is one empty row.
pub fn line(text: &str, width: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut start = 0;
    let mut used = 0;
    let mut blank = None;
    for (at, grapheme) in text.grapheme_indices(true) {
        let wide = columns(grapheme);
        let is_blank = grapheme.chars().all(char::is_whitespace);
        while !is_blank && used + wide > width && at > start {
            let end = blank.take().filter(|&end| end > start).unwrap_or(at);
            rows.push(start..end);
            (start, used) = (end, columns(&text[end..at]));
        }
        used += wide;
        if is_blank {
            blank = Some(at + grapheme.len());
        }
    }
    rows.push(start..text.len());
    rows
}

/// Returns the byte ranges of the rows of a text with line breaks. The breaks belong to no row.
pub fn text(text: &str, width: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut offset = 0;
    for one in text.split('\n') {
        rows.extend(
            line(one, width)
                .into_iter()
                .map(|row| row.start + offset..row.end + offset),
        );
        offset += one.len() + 1;
    }
    rows
}

/// Cuts a text to `width` columns, with `…` in place of what is left out.
pub fn shorten(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    for grapheme in text.graphemes(true) {
        if columns(&short) + columns(grapheme) + 1 > width {
            break;
        }
        short.push_str(grapheme);
    }
    if width > 0 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", 5, &[""])]
    #[case("one two three", 8, &["one two ", "three"])]
    #[case("one two  ", 7, &["one two  "])]
    #[case("abcdefgh", 3, &["abc", "def", "gh"])]
    #[case("ab abcdef", 4, &["ab ", "abcd", "ef"])]
    #[case("소유권은 메모리를", 9, &["소유권은 ", "메모리를"])]
    #[case("소유권은", 5, &["소유", "권은"])]
    #[case("가", 1, &["가"])]
    fn a_line_wraps_by_columns(
        #[case] given: &str,
        #[case] width: usize,
        #[case] expected: &[&str],
    ) {
        let rows: Vec<&str> = line(given, width)
            .into_iter()
            .map(|row| &given[row])
            .collect();
        assert_eq!(rows, expected);
    }

    #[test]
    fn line_breaks_belong_to_no_row() {
        assert_eq!(text("ab\n\ncd", 5), vec![0..2, 3..3, 4..6]);
    }

    #[rstest]
    #[case("abc", 3, "abc")]
    #[case("abcd", 3, "ab…")]
    #[case("데이터베이스", 6, "데이…")]
    #[case("abc", 0, "")]
    fn a_shortened_text_ends_in_an_ellipsis(
        #[case] given: &str,
        #[case] width: usize,
        #[case] expected: &str,
    ) {
        assert_eq!(shorten(given, width), expected);
    }

    proptest::proptest! {
        #[test]
        fn rows_fit_and_lose_nothing(given in "[a-z가-힣 ]{0,60}", width in 2_usize..20) {
            let rows = line(&given, width);
            let joined: String = rows.iter().map(|row| &given[row.clone()]).collect();
            proptest::prop_assert_eq!(joined, given.clone());
            for row in rows {
                proptest::prop_assert!(columns(given[row].trim_end()) <= width);
            }
        }
    }
}
