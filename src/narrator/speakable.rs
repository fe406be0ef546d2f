//! Makes Markdown speakable: its markup is dropped, a code block becomes a remark, and code and
//! symbols become words.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use rust_i18n::t;

use super::pronunciation::pronounce;
use super::symbols::{code, prose};
use crate::interview::Language;

/// Returns the speakable text of `markdown`, which is empty if there is nothing to say.
pub fn speakable(markdown: &str, language: Language) -> String {
    let mut speech = SpeechText {
        text: String::new(),
        language,
        lists: Vec::new(),
        in_code_block: false,
    };
    // A line of `=` is the underline of a heading that was cut off from it.
    if markdown.trim().trim_matches('=').is_empty() {
        return String::new();
    }
    // Strike-through stays disabled, because a single tilde means "from … to" and "about" in
    // Korean.
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    let markdown = pronounce(markdown, language);
    // A sentence cut out of emphasis keeps one half of its marks. The parser takes them for text,
    // and `prose` drops them.
    for event in Parser::new_ext(&markdown, options) {
        speech.push_event(event);
    }
    tidy(&speech.text)
}

struct SpeechText {
    text: String,
    language: Language,
    /// The next number of each open list; `None` for bullets.
    lists: Vec<Option<u64>>,
    in_code_block: bool,
}

impl SpeechText {
    fn push_event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if !self.in_code_block => {
                self.text.push_str(&prose(&text, self.language));
            }
            Event::Code(text) => self.text.push_str(&code(&text, self.language)),
            Event::InlineHtml(html) | Event::Html(html) => self.text.push_str(type_argument(&html)),
            Event::SoftBreak | Event::HardBreak => self.text.push(' '),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::CodeBlock(_) => {
                self.in_code_block = true;
                self.text
                    .push_str(&t!("narrator.code_block", locale = self.language.code()));
            }
            Tag::List(first) => {
                self.pause(", ");
                self.lists.push(*first);
            }
            Tag::Item => self.number(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => {
                self.in_code_block = false;
                self.text.push(' ');
            }
            TagEnd::List(_) => drop(self.lists.pop()),
            TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::Item
            | TagEnd::TableRow
            | TagEnd::TableHead => {
                self.pause(". ");
            }
            TagEnd::TableCell => self.pause(", "),
            _ => {}
        }
    }

    fn number(&mut self) {
        if let Some(Some(number)) = self.lists.last_mut() {
            self.text.push_str(&number.to_string());
            self.text.push_str(". ");
            *number += 1;
        }
    }

    /// Ends a block that has no punctuation of its own.
    fn pause(&mut self, mark: &str) {
        let said = self.text.trim_end().trim_end_matches(',').len();
        self.text.truncate(said);
        let ended = self
            .text
            .trim_end()
            .ends_with(['.', '!', '?', ':', ';', '…', '。', '！', '？']);
        self.text.push_str(if ended { " " } else { mark });
    }
}

/// Returns the name in a type argument such as the one of `Vec<String>`, which the parser takes for
/// HTML. Real tags are lower-case and are not spoken.
fn type_argument(html: &str) -> &str {
    let name = html
        .trim_start_matches('<')
        .trim_end()
        .trim_end_matches('>');
    if name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(char::is_alphanumeric)
    {
        name
    } else {
        " "
    }
}

/// Puts one blank between words, none before a punctuation mark, and merges marks. Text without a
/// letter or digit becomes empty.
fn tidy(text: &str) -> String {
    let mut tidy = String::new();
    for word in text.split_whitespace() {
        let is_mark = word
            .chars()
            .all(|c| matches!(c, ',' | '.' | '!' | '?' | ':' | ';' | '…'));
        let ended = tidy.ends_with([',', '.', '!', '?', ':', ';', '…']);
        match (is_mark, ended || tidy.is_empty()) {
            (true, false) => tidy.push_str(word),
            // The pause of a comma is replaced by the end of the sentence.
            (true, true) if tidy.ends_with(',') => {
                tidy.pop();
                tidy.push_str(word);
            }
            (true, true) => {}
            (false, _) => {
                if !tidy.is_empty() {
                    tidy.push(' ');
                }
                tidy.push_str(word);
            }
        }
    }
    if tidy.chars().any(char::is_alphanumeric) {
        tidy
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("**Good** *point*, `x`!", "Good point, x!")]
    #[case("## Title", "Title.")]
    #[case("- one item", "one item.")]
    #[case("2. Second", "2. Second.")]
    #[case("**Half bold.", "Half bold.")]
    #[case("end.**", "end.")]
    #[case("~~old~~ new", "old new.")]
    #[case("---", "")]
    #[case("===", "")]
    #[case("🎉 👍🏽", "")]
    #[case("Great job 🎉!", "Great job!")]
    #[case(
        "Look:\n\n```rust\nfn main() {}\n```",
        "Look: The code is on the screen."
    )]
    #[case(
        "[the book](https://doc.rust-lang.org/book/?a=b) helps",
        "the book helps."
    )]
    #[case(
        "See https://doc.rust-lang.org/book/.",
        "See link to doc dot rust-lang dot org."
    )]
    #[case("A Vec<String> is<br>fine", "A VecString is fine.")]
    #[case("| a | b |", "a, b.")]
    #[case("| a | b |\n|---|---|\n| c | d |", "a, b. c, d.")]
    #[case("What does `snake_case` mean?", "What does snake case mean?")]
    #[case("`std::mem::swap(&mut a)` works", "std mem swap and mut a works.")]
    #[case(
        "`a -> b`, `x != y`, `i++`",
        "a arrow b, x not equal to y, i plus plus."
    )]
    #[case("`getUserName()` and `Node.js`", "get User Name and Node dot js.")]
    #[case("`cargo test --lib`", "cargo test dash dash lib.")]
    #[case(
        "100% of C++ & C# at O(n^2)",
        "100 percent of C plus plus and C sharp at O, n squared."
    )]
    #[case("TCP/IP and/or 1/2", "TCP IP and or 1 slash 2.")]
    #[case(
        "caches (e.g. Redis) vs. disks",
        "caches, for example Redis, versus disks."
    )]
    #[case("Node.js v1.2 — fast", "Node dot js v1.2, fast.")]
    #[case("#1 costs $5 for a<b", "number 1 costs 5 dollars for a less than b.")]
    #[case("2 < 3 → yes, -1 ≠ 1", "2 less than 3 to yes, minus 1 not equal to 1.")]
    #[case("It's a \"well-known\" fact", "It's a well-known fact.")]
    #[case("<details>", "")]
    #[case("> - [ ] Quoted task", "Quoted task.")]
    #[case("1. One\n   - nested\n2. Two", "1. One, nested. 2. Two.")]
    #[case("Q: What's A/B testing at 10:30?", "Q: What's A B testing at 10:30?")]
    #[case("x &lt; 5, {a: [1, 2]}", "x less than 5, a: 1, 2.")]
    #[case("![a diagram](x.png)", "a diagram.")]
    #[case("U.S. and O(1) — `f(x) => y`", "U.S. and O of one, f x arrow y.")]
    #[case("`3.14 * -1`", "3.14 star minus 1.")]
    #[case("well-being (really)!", "well-being, really!")]
    fn english_markdown_is_made_speakable(#[case] markdown: &str, #[case] expected: &str) {
        assert_eq!(speakable(markdown, Language::English), expected);
    }

    #[rstest]
    #[case("**좋은** 답변입니다!", "좋은 답변입니다!")]
    #[case("`useEffect`를 설명해 주세요.", "use Effect를 설명해 주세요.")]
    #[case("```\nx\n```", "코드는 화면에 있습니다.")]
    #[case("성능이 50% 좋아졌습니다 😀", "성능이 50 퍼센트 좋아졌습니다.")]
    #[case("`a::b`와 `x != y`", "a b와 x 같지 않음 y.")]
    #[case("요청 -> 응답", "요청 화살표 응답.")]
    #[case("https://example.com 참고", "example 점 com 링크 참고.")]
    #[case("1~3년 경력, ~5명", "1 에서 3년 경력, 약 5명.")]
    #[case("캐시(Redis 등)를 씁니다。", "캐시, 레디스 등, 를 씁니다。")]
    #[case("`snake_case` & `#id`", "snake case 그리고 해시 id.")]
    #[case("한국어·영어 (둘 다)", "한국어, 영어, 둘 다.")]
    #[case("CI/CD 파이프라인의 100%를", "CI CD 파이프라인의 100 퍼센트 를.")]
    #[case("예: `SELECT * FROM t`", "예: SELECT 별표 FROM t.")]
    #[case("가격은 ₩5,000입니다", "가격은 5,000 원입니다.")]
    fn korean_markdown_is_made_speakable(#[case] markdown: &str, #[case] expected: &str) {
        assert_eq!(speakable(markdown, Language::Korean), expected);
    }

    #[test]
    fn every_symbol_becomes_a_word_or_vanishes() {
        let markdown =
            "a*b _c_ `d|e` ^f{g}[h]<i> ~j\\k #l $m @n = + & % → ≠ ■ ★ `*&^%$#@~|<>{}[]\\`";
        for language in Language::ALL {
            let raw: String = speakable(markdown, language)
                .chars()
                .filter(|c| !c.is_alphanumeric() && *c != ' ')
                .collect();
            assert!(raw.chars().all(|c| matches!(c, ',' | '.')), "{raw:?}");
        }
    }
}
