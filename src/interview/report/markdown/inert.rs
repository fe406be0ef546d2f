//! Markdown that a page can be made of without running or loading anything.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

/// Returns `markdown` with its HTML shown as text and its pictures as links. Code stays as it is.
pub fn inert(markdown: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(markdown);
    // What follows escaped HTML may be read differently. Every round escapes something, so the
    // rounds come to an end.
    loop {
        let active = active(&text);
        if active.is_empty() {
            return text;
        }
        let mut escaped = text.into_owned();
        for range in active.into_iter().rev() {
            let shown = if escaped[range.clone()].starts_with('!') {
                format!("\\{}", &escaped[range.clone()])
            } else {
                escaped[range.clone()].replace('<', "&lt;")
            };
            escaped.replace_range(range, &shown);
        }
        text = Cow::Owned(escaped);
    }
}

/// Returns where HTML and the marks of pictures stand, in order and apart from each other.
fn active(markdown: &str) -> Vec<Range<usize>> {
    let events = Parser::new_ext(markdown, Options::empty()).into_offset_iter();
    let mut found: Vec<Range<usize>> = events
        .filter_map(|(event, range)| match event {
            Event::Html(_) | Event::InlineHtml(_) => Some(range),
            Event::Start(Tag::Image { .. }) => Some(range.start..range.start + 1),
            _ => None,
        })
        .filter(|range| {
            markdown[range.clone()].starts_with('!') || markdown[range.clone()].contains('<')
        })
        .collect();
    found.sort_by_key(|range| range.start);
    found.dedup_by(|next, before| next.start < before.end);
    found
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::script(
        "> <script>alert(1)</script>\n\ntext",
        "> &lt;script>alert(1)&lt;/script>\n\ntext"
    )]
    #[case::inline("a <img src=x> b <!-- c -->", "a &lt;img src=x> b &lt;!-- c -->")]
    #[case::block("<div>\n\n<iframe src=//h>\n", "&lt;div>\n\n&lt;iframe src=//h>\n")]
    #[case::picture("see ![x](http://h/p.png)", "see \\![x](http://h/p.png)")]
    #[case::code("`Vec<u8>`\n\n```html\n<b>\n```\n", "`Vec<u8>`\n\n```html\n<b>\n```\n")]
    #[case::comparison(
        "a < b, b > c <https://example.org>",
        "a < b, b > c <https://example.org>"
    )]
    fn html_and_pictures_become_text(#[case] markdown: &str, #[case] expected: &str) {
        assert_eq!(inert(markdown), expected);
    }
}
