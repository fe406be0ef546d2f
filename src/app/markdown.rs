//! Markdown as lines of marked text. What is drawn, how tall it is and which part of it is being
//! spoken are thereby known without a screen.
use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// What a piece of text is. The theme decides how it looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mark {
    #[default]
    Plain,
    Strong,
    Emphasis,
    Heading,
    /// Code within a line or in a block.
    Code,
    Quote,
    Link,
}

/// A line of text before it is wrapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarkedLine {
    /// The prefix of the first row: a list marker or an indent.
    pub first: String,
    /// The prefix of the other rows.
    pub rest: String,
    pub text: String,
    /// The runs that cover `text` from left to right.
    pub runs: Vec<MarkedRun>,
}

/// A part of a line that has one mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkedRun {
    /// The bytes of the line's text.
    pub range: Range<usize>,
    pub mark: Mark,
    /// The bytes of the markdown it comes from.
    pub source: Range<usize>,
}

/// Parses markdown. Half-written markdown is no error.
pub fn parse(markdown: &str) -> Vec<MarkedLine> {
    let mut writer = Writer::default();
    for (event, source) in Parser::new(markdown).into_offset_iter() {
        writer.event(event, source);
    }
    writer.close();
    writer.lines
}

/// Returns the lines of text that is no markdown, such as the candidate's.
pub fn plain(text: &str) -> Vec<MarkedLine> {
    let mut offset = 0;
    let line = |text: &str| {
        let source = offset..offset + text.len();
        offset += text.len() + 1;
        let runs = vec![MarkedRun {
            range: 0..text.len(),
            mark: Mark::Plain,
            source,
        }];
        MarkedLine {
            text: text.to_owned(),
            runs,
            ..MarkedLine::default()
        }
    };
    text.split('\n').map(line).collect()
}

#[derive(Default)]
struct Writer {
    lines: Vec<MarkedLine>,
    open: Option<MarkedLine>,
    marks: Vec<Mark>,
    prefixes: Vec<Prefix>,
    /// The next number of each open list, or `None` for bullets.
    lists: Vec<Option<u64>>,
}

/// The prefix of a block's lines: a marker once, then an indent of the same width.
struct Prefix {
    marker: Option<String>,
    rest: &'static str,
}

impl Writer {
    fn event(&mut self, event: Event<'_>, source: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Code(code) => self.text(&code, Mark::Code, source),
            Event::SoftBreak => self.text(" ", self.mark(), source),
            Event::HardBreak => self.close(),
            Event::Rule => self.rule(),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.text(&text, self.mark(), source);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.block(),
            Tag::Heading { .. } => self.start_marked(Mark::Heading),
            Tag::BlockQuote(_) => {
                self.start_marked(Mark::Quote);
                self.prefixes.push(Prefix {
                    marker: None,
                    rest: "│ ",
                });
            }
            Tag::CodeBlock(_) => {
                self.start_marked(Mark::Code);
                self.prefixes.push(Prefix {
                    marker: None,
                    rest: "  ",
                });
            }
            Tag::List(first) => {
                self.block();
                self.lists.push(*first);
            }
            Tag::Item => self.start_item(),
            Tag::Strong => self.marks.push(Mark::Strong),
            Tag::Emphasis => self.marks.push(Mark::Emphasis),
            Tag::Link { .. } | Tag::Image { .. } => self.marks.push(Mark::Link),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.close(),
            TagEnd::Heading(_) => self.end_marked(),
            TagEnd::BlockQuote(_) | TagEnd::CodeBlock => {
                self.end_marked();
                self.prefixes.pop();
            }
            TagEnd::List(_) => drop(self.lists.pop()),
            TagEnd::Item => {
                self.close();
                self.prefixes.pop();
            }
            TagEnd::Strong | TagEnd::Emphasis | TagEnd::Link | TagEnd::Image => {
                self.marks.pop();
            }
            _ => {}
        }
    }

    /// Begins a block on a line of its own, with an empty line above it except in lists.
    fn block(&mut self) {
        self.close();
        let first_in_item = self.prefixes.iter().any(|prefix| prefix.marker.is_some());
        let separate = self.lists.is_empty() && !self.lines.is_empty() && !first_in_item;
        if separate && self.lines.last().is_some_and(|line| !line.text.is_empty()) {
            self.lines.push(MarkedLine::default());
        }
    }

    fn start_marked(&mut self, mark: Mark) {
        self.block();
        self.marks.push(mark);
    }

    fn end_marked(&mut self) {
        self.close();
        self.marks.pop();
    }

    fn start_item(&mut self) {
        self.close();
        let (marker, rest) = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                (format!("{}. ", *number - 1), "   ")
            }
            _ => ("• ".to_owned(), "  "),
        };
        self.prefixes.push(Prefix {
            marker: Some(marker),
            rest,
        });
    }

    fn rule(&mut self) {
        self.block();
        self.lines.push(MarkedLine {
            first: "───".to_owned(),
            ..MarkedLine::default()
        });
    }

    /// Adds text to the open line. The text of a code block has line breaks.
    fn text(&mut self, text: &str, mark: Mark, source: Range<usize>) {
        let mut rest = text;
        while let Some(end) = rest.find('\n') {
            let at = source.start + text.len() - rest.len();
            self.piece(&rest[..end], mark, at..at + end);
            self.close();
            rest = &rest[end + 1..];
        }
        let source = if rest.len() == text.len() {
            source
        } else {
            source.end - rest.len()..source.end
        };
        if !rest.is_empty() {
            self.piece(rest, mark, source);
        }
    }

    fn piece(&mut self, text: &str, mark: Mark, source: Range<usize>) {
        if self.open.is_none() {
            self.open = Some(self.fresh_line());
        }
        let line = self.open.as_mut().expect("a line was opened above");
        let start = line.text.len();
        line.text
            .extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }));
        line.runs.push(MarkedRun {
            range: start..line.text.len(),
            mark,
            source,
        });
    }

    fn fresh_line(&mut self) -> MarkedLine {
        let rest: String = self.prefixes.iter().map(|prefix| prefix.rest).collect();
        let first = |prefix: &mut Prefix| {
            prefix
                .marker
                .take()
                .unwrap_or_else(|| prefix.rest.to_owned())
        };
        MarkedLine {
            first: self.prefixes.iter_mut().map(first).collect(),
            rest,
            ..MarkedLine::default()
        }
    }

    fn close(&mut self) {
        self.lines.extend(self.open.take());
    }

    fn mark(&self) -> Mark {
        self.marks.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn shown(markdown: &str) -> Vec<String> {
        parse(markdown)
            .into_iter()
            .map(|line| line.first + &line.text)
            .collect()
    }

    #[rstest]
    #[case("one\ntwo", &["one two"])]
    #[case("one\n\ntwo", &["one", "", "two"])]
    #[case("# Title\ntext", &["Title", "", "text"])]
    #[case("- a\n- b\n  - c\n", &["• a", "• b", "  • c"])]
    #[case("2. a\n3. b", &["2. a", "3. b"])]
    #[case("- a\n\n- b\n\ntext", &["• a", "• b", "", "text"])]
    #[case("see\n```rust\nlet a = 1;\n\nlet b;\n```\nend", &["see", "", "  let a = 1;", "  ", "  let b;", "", "end"])]
    #[case("> so it is", &["│ so it is"])]
    #[case("a  \nb", &["a", "b"])]
    #[case("```\nhalf wri", &["  half wri"])]
    #[case("half **bo", &["half **bo"])]
    #[case("a \u{1b}[31m", &["a  [31m"])]
    fn markdown_becomes_lines(#[case] markdown: &str, #[case] expected: &[&str]) {
        assert_eq!(shown(markdown), expected);
    }

    #[test]
    fn a_run_knows_its_mark_and_its_source() {
        let line = parse("a **b** `c`").remove(0);
        let runs: Vec<_> = line
            .runs
            .iter()
            .map(|run| (&line.text[run.range.clone()], run.mark, run.source.clone()))
            .collect();
        let expected = [
            ("a ", Mark::Plain, 0..2),
            ("b", Mark::Strong, 4..5),
            (" ", Mark::Plain, 7..8),
            ("c", Mark::Code, 8..11),
        ];
        assert_eq!(runs, expected);
    }

    proptest::proptest! {
        #[test]
        fn any_text_parses_into_runs_that_cover_it(markdown in "[a-c가 \n*`#>0-9.|<&;\\-]{0,80}") {
            for line in parse(&markdown) {
                let mut at = 0;
                for run in &line.runs {
                    proptest::prop_assert_eq!(run.range.start, at);
                    proptest::prop_assert!(run.source.end <= markdown.len());
                    at = run.range.end;
                }
                proptest::prop_assert_eq!(at, line.text.len());
            }
        }
    }
}
