//! Breaks the lines of a streamed text between words, so that a simple terminal does not cut them.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::Environment;

/// The width of a terminal that does not tell its own, in columns.
const USUAL_WIDTH: usize = 80;

/// Wraps a text that arrives in pieces. A word is held back until it is complete.
pub struct WordWrap {
    /// The number of columns, or `None` to leave the text as it is.
    width: Option<usize>,
    /// The column after what was printed.
    column: usize,
    /// The blanks before the word, which are left out at a break.
    blanks: String,
    word: String,
}

impl WordWrap {
    /// Creates a wrapper for standard output: the width that `COLUMNS` gives, else the terminal's.
    /// What goes to a file or a pipe is not wrapped.
    pub fn for_stdout(environment: &Environment) -> Self {
        let columns = environment.variable("COLUMNS");
        let given = columns.and_then(|columns| columns.trim().parse().ok());
        let own = || {
            crossterm::terminal::size()
                .ok()
                .map(|(width, _)| usize::from(width))
        };
        let width = given.or_else(own).filter(|width| *width > 0);
        let is_terminal = environment.stdout_is_terminal;
        Self::new(is_terminal.then(|| width.unwrap_or(USUAL_WIDTH)))
    }

    fn new(width: Option<usize>) -> Self {
        Self {
            width,
            column: 0,
            blanks: String::new(),
            word: String::new(),
        }
    }

    /// Returns what can be printed after the next piece.
    pub fn push(&mut self, text: &str) -> String {
        let Some(width) = self.width else {
            return text.to_owned();
        };
        let mut out = String::new();
        for c in text.chars() {
            if !c.is_whitespace() {
                self.word.push(c);
                continue;
            }
            self.put_word(width, &mut out);
            if c == '\n' {
                self.blanks.clear();
                self.column = 0;
                out.push('\n');
            } else {
                self.blanks.push(c);
            }
        }
        out
    }

    /// Returns the last word.
    pub fn finish(&mut self) -> String {
        let mut out = String::new();
        if let Some(width) = self.width {
            self.put_word(width, &mut out);
        }
        self.column = 0;
        self.blanks.clear();
        out
    }

    fn put_word(&mut self, width: usize, out: &mut String) {
        if self.word.is_empty() {
            return;
        }
        let word = std::mem::take(&mut self.word);
        let blanks = std::mem::take(&mut self.blanks);
        if self.column + blanks.width() + word.width() <= width {
            self.column += blanks.width() + word.width();
            out.push_str(&blanks);
            out.push_str(&word);
            return;
        }
        if self.column > 0 {
            out.push('\n');
            self.column = 0;
        }
        for grapheme in word.graphemes(true) {
            // A word longer than the line is cut.
            if self.column > 0 && self.column + grapheme.width() > width {
                out.push('\n');
                self.column = 0;
            }
            out.push_str(grapheme);
            self.column += grapheme.width();
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::short("One two.", "One two.")]
    #[case::long("One two three four.", "One two\nthree\nfour.")]
    #[case::exact("12345678 x", "12345678\nx")]
    #[case::own_breaks("One\n\ntwo three four", "One\n\ntwo\nthree\nfour")]
    #[case::wide("소유권은 규칙입니다", "소유권은\n규칙입니\n다")]
    #[case::indented("- a b\n  - c", "- a b\n  - c")]
    #[case::a_word_that_is_too_long("abcdefghijk l", "abcdefgh\nijk l")]
    fn lines_break_between_words(#[case] text: &str, #[case] expected: &str) {
        let mut whole = WordWrap::new(Some(8));
        assert_eq!(whole.push(text) + &whole.finish(), expected);
        let mut piecewise = WordWrap::new(Some(8));
        let mut out: String = text
            .chars()
            .map(|c| piecewise.push(&c.to_string()))
            .collect();
        out += &piecewise.finish();
        assert_eq!(out, expected, "in pieces");
    }

    #[test]
    fn a_text_for_a_pipe_is_left_as_it_is() {
        let mut wrap = WordWrap::new(None);
        let text = "a long line  with blanks ";
        assert_eq!(wrap.push(text) + &wrap.finish(), text);
    }
}
