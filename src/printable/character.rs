//! What a terminal makes of one character.

use unicode_width::UnicodeWidthChar;

/// The kinds of character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Plain,
    /// A combining mark, or a jamo that joins the syllable before it.
    Mark,
    /// A line break, or what would overwrite the line.
    Break,
    /// A zero-width joiner or non-joiner, which emoji and some scripts need.
    Joiner,
    /// A variation selector.
    Variation,
    /// A character that acts on the terminal, reorders the text, or hides in it.
    Hidden,
    Escape,
    /// The control sequence introducer of eight bits.
    SequenceStart,
    /// The start of a control string in eight bits.
    StringStart,
}

impl Class {
    /// Returns the class of `c`.
    pub fn of(c: char) -> Self {
        match c {
            ' '..='~' | '\t' => Self::Plain,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Self::Break,
            '\u{1b}' => Self::Escape,
            '\u{9b}' => Self::SequenceStart,
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => Self::StringStart,
            '\u{200c}' | '\u{200d}' => Self::Joiner,
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => Self::Variation,
            _ if c.is_control() || is_hidden(c) => Self::Hidden,
            _ if c.width() == Some(0) => Self::Mark,
            _ => Self::Plain,
        }
    }
}

/// Whether `c` reorders the text (UAX #9) or shows nothing (the format characters of UAX #44).
fn is_hidden(c: char) -> bool {
    matches!(c,
        // Embeddings, overrides, isolates and directional marks.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}'
        // Invisible spaces, operators, hyphens and byte order marks.
        | '\u{200b}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{ad}'
        | '\u{34f}' | '\u{180e}'
        // Annotations, musical formatting and tags.
        | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a joiner behind `last` joins something: neither Latin nor Korean nor Chinese letters do.
pub fn joins(last: char) -> bool {
    let joiner = matches!(last, '\u{200c}' | '\u{200d}');
    !(last.is_ascii() || joiner || is_east_asian(last) || last.is_whitespace())
}

/// Whether `selector` chooses a form of `last`: one selector a character, and those beyond the
/// first sixteen for ideographs alone.
pub fn varies(last: char, selector: char) -> bool {
    if selector > '\u{ffff}' {
        return is_east_asian(last);
    }
    Class::of(last) == Class::Plain && !last.is_whitespace() && !last.is_ascii_alphabetic()
}

/// Whether `c` is a Korean letter or an ideograph.
fn is_east_asian(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
