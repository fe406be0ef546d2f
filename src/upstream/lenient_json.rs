//! Mends JSON whose strings contain half a surrogate pair, which no Unicode string can hold. Servers
//! that cut a reply between two tokens also cut a `\ud83d\ude00` in two.

use std::borrow::Cow;

/// The length of an escape such as `\ud83d`.
const ESCAPE: usize = 6;

/// Replaces every escape of a lone surrogate with that of the replacement character.
pub fn replace_lone_surrogates(json: &str) -> Cow<'_, str> {
    if !json.contains("\\ud") && !json.contains("\\uD") {
        return json.into();
    }
    let mut mended = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        mended.push_str(&rest[..at]);
        let (escape, length) = escape_at(&rest[at..]);
        mended.push_str(escape);
        rest = &rest[at + length..];
    }
    mended.push_str(rest);
    mended.into()
}

/// Returns what to write for the escape at the start of `text`, and the length that it replaces.
fn escape_at(text: &str) -> (&str, usize) {
    let second = |text: &str| text.get(ESCAPE..).and_then(code_unit);
    match code_unit(text) {
        Some(0xD800..0xDC00) if matches!(second(text), Some(0xDC00..0xE000)) => {
            (&text[..2 * ESCAPE], 2 * ESCAPE)
        }
        Some(0xD800..0xE000) => ("\\ufffd", ESCAPE),
        _ => {
            let length = 1 + text[1..].chars().next().map_or(0, char::len_utf8);
            (&text[..length], length)
        }
    }
}

fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(r#""as it is""#, "as it is")]
    #[case(r#""\ud83d\ude00!""#, "😀!")]
    #[case(r#""\uD83D\uDE00!""#, "😀!")]
    #[case(r#""a\ud83d""#, "a\u{fffd}")]
    #[case(r#""\ude00b""#, "\u{fffd}b")]
    #[case(r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀")]
    #[case(r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}")]
    #[case(r#""\\ud83d \ud55c""#, "\\ud83d 한")]
    #[case(r#""한\\\ud83d한""#, "한\\\u{fffd}한")]
    fn half_a_pair_is_replaced(#[case] json: &str, #[case] expected: &str) {
        let mended = replace_lone_surrogates(json);
        assert_eq!(
            serde_json::from_str::<String>(&mended).unwrap(),
            expected.to_owned()
        );
    }

    #[rstest]
    #[case(r"\")]
    #[case(r"\ud8")]
    #[case(r"\ud83d\")]
    #[case(r"\ud83d\u한글")]
    #[case(r"\+d83 \ud83d\")]
    fn a_cut_off_escape_is_no_panic(#[case] json: &str) {
        let _ = replace_lone_surrogates(json);
    }
}
