//! Text that a terminal only prints: everything that could act on the terminal, hide words or turn
//! their order around is gone.
//!
//! What a model, a server or a file says passes through here on its way to the screen, to standard
//! output and error, and into a report. Stored text stays as it came.

mod character;
mod writer;

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use character::Class;
pub use writer::PrintableWriter;

/// The most characters of a control sequence's parameters. A longer one is no sequence.
const LONGEST_SEQUENCE: usize = 64;

/// The most characters of a control string, such as a window title. Kitty sends pictures in pieces
/// of this size. The end of an unterminated one is text again, as is the next line.
const LONGEST_STRING: usize = 4096;

/// The most marks on one letter. Living scripts need four; more of them cover the lines around.
const MOST_MARKS: usize = 8;

/// Returns `text` without what a terminal would act on.
pub fn printable(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| matches!(byte, b'\n' | b'\t' | b' '..=b'~');
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let cleaned = PrintableStream::default().push(text);
    if cleaned == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(cleaned)
    }
}

/// Returns `text` as one line, for a title or a label.
pub fn printable_line(text: &str) -> String {
    printable(text).replace(['\n', '\t'], " ")
}

/// Returns JSON with the characters escaped that a terminal would act on. Its value stays the same.
pub fn printable_json(json: &str) -> Cow<'_, str> {
    let acts = |c: char| c >= '\u{7f}' && Class::of(c) != Class::Plain;
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if acts(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(escaped, "\\u{unit:04x}").expect("a string takes every write");
            }
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// Cleans a text that arrives in pieces. A sequence may be split between them.
#[derive(Clone, Debug, Default)]
pub struct PrintableStream {
    state: State,
    /// Whether a carriage return has just become a line break.
    returned: bool,
    last: Option<char>,
    /// The marks on the last letter.
    marks: usize,
}

/// Where the text stands in a sequence, by ECMA-48 (5th edition, 5.4 and 5.6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// Behind an escape character.
    Escape,
    /// Behind an escape character and an intermediate one, as in `ESC ( B`.
    Intermediate,
    /// In a control sequence, after this many characters.
    Sequence(usize),
    /// In a control string, after this many characters.
    String(usize),
}

impl PrintableStream {
    /// Returns what of the next piece can be printed.
    pub fn push(&mut self, piece: &str) -> String {
        let mut printed = String::with_capacity(piece.len());
        for c in piece.chars() {
            self.read(c, &mut printed);
        }
        printed
    }

    fn read(&mut self, c: char, printed: &mut String) {
        if let Some(next) = self.in_sequence(c) {
            self.state = next;
        } else {
            self.state = State::Text;
            self.text(c, printed);
        }
    }

    /// Returns the state after `c`, or `None` where `c` is text, or breaks the sequence off.
    fn in_sequence(&self, c: char) -> Option<State> {
        match (self.state, c) {
            (State::Text, _) => None,
            (State::Escape, '[') => Some(State::Sequence(0)),
            (State::Escape, ']' | 'P' | 'X' | '^' | '_') => Some(State::String(0)),
            (State::Escape | State::Intermediate, ' '..='/') => Some(State::Intermediate),
            (State::Escape | State::Intermediate, '0'..='~')
            | (State::Sequence(_), '@'..='~')
            | (State::String(_), '\u{7}' | '\u{9c}') => Some(State::Text),
            (State::Sequence(length), ' '..='?') if length < LONGEST_SEQUENCE => {
                Some(State::Sequence(length + 1))
            }
            (State::String(length), c) if in_string(c) && length < LONGEST_STRING => {
                Some(State::String(length + 1))
            }
            (State::Escape | State::Intermediate | State::Sequence(_) | State::String(_), _) => {
                None
            }
        }
    }

    fn text(&mut self, c: char, printed: &mut String) {
        let returned = std::mem::take(&mut self.returned);
        match Class::of(c) {
            Class::Plain => self.print(c, printed),
            Class::Mark => self.mark(c, printed),
            Class::Break if c == '\n' && returned => {}
            Class::Break => {
                self.returned = c == '\r';
                self.print('\n', printed);
            }
            Class::Joiner if self.last.is_some_and(character::joins) => self.print(c, printed),
            Class::Variation if self.last.is_some_and(|last| character::varies(last, c)) => {
                self.print(c, printed);
            }
            Class::Joiner | Class::Variation | Class::Hidden => {}
            Class::Escape => self.state = State::Escape,
            Class::SequenceStart => self.state = State::Sequence(0),
            Class::StringStart => self.state = State::String(0),
        }
    }

    fn mark(&mut self, c: char, printed: &mut String) {
        if self.marks < MOST_MARKS {
            self.marks += 1;
            self.last = Some(c);
            printed.push(c);
        }
    }

    fn print(&mut self, c: char, printed: &mut String) {
        // A joiner does not make room for more marks.
        if c.width() != Some(0) {
            self.marks = 0;
        }
        self.last = Some(c);
        printed.push(c);
    }
}

/// Whether a control string goes on with `c`. The replies and titles that terminals know are of one
/// line.
fn in_string(c: char) -> bool {
    !c.is_control()
}

#[cfg(test)]
mod tests;
