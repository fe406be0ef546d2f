//! Formats sizes, rates and times for people.

use rust_i18n::t;

use crate::interview::Language;

/// Formats bytes as `148 MB`, `5.2 MB` or `0.1 MB`. The units are decimal, as on disks and in the
/// model lists.
pub fn megabytes(bytes: u64) -> String {
    let tenths = bytes.saturating_add(50_000) / 100_000;
    if tenths >= 1_000 {
        format!("{} MB", (bytes + 500_000) / 1_000_000)
    } else {
        format!("{}.{} MB", tenths / 10, tenths % 10)
    }
}

/// Formats a count as `109 bytes`.
pub(super) fn bytes(count: u64, language: Language) -> String {
    t!("models.bytes", locale = language.code(), count = count).into_owned()
}

/// Formats seconds as `0:25` or `1:02:03`.
pub fn clock(seconds: u64) -> String {
    let hours = seconds / 3_600;
    let minutes = seconds / 60 % 60;
    let seconds = seconds % 60;
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, "0.0 MB")]
    #[case(149_999, "0.1 MB")]
    #[case(5_160_000, "5.2 MB")]
    #[case(99_940_000, "99.9 MB")]
    #[case(99_960_000, "100 MB")]
    #[case(1_624_555_275, "1625 MB")]
    fn sizes_are_short(#[case] bytes: u64, #[case] words: &str) {
        assert_eq!(megabytes(bytes), words);
    }

    #[rstest]
    #[case(25, "0:25")]
    #[case(605, "10:05")]
    #[case(3_723, "1:02:03")]
    fn times_look_like_a_clock(#[case] seconds: u64, #[case] words: &str) {
        assert_eq!(clock(seconds), words);
    }
}
