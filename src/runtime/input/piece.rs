//! Cuts the bytes of a terminal into keys, sequences and pastes.

use crossterm::event::{KeyCode, KeyModifiers};

/// The most bytes of a control sequence.
const LONGEST_SEQUENCE: usize = 256;

/// The most bytes of a reply: a clipboard may hold much.
const LONGEST_STRING: usize = 1 << 20;

const PASTE_START: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

/// A part of the input that means something by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Key(KeyCode, KeyModifiers),
    /// A control sequence, such as that of an arrow key.
    Sequence {
        parameters: String,
        end: char,
        alt: bool,
    },
    /// A text between the marks of a bracketed paste.
    Paste(String),
}

impl Piece {
    /// Returns the character of text that this piece may be.
    pub fn as_text(&self) -> Option<char> {
        match self {
            Self::Key(KeyCode::Char(c), KeyModifiers::NONE | KeyModifiers::SHIFT) => Some(*c),
            Self::Key(KeyCode::Enter, KeyModifiers::NONE) => Some('\r'),
            Self::Key(KeyCode::Tab, KeyModifiers::NONE) => Some('\t'),
            Self::Key(KeyCode::Char('j'), KeyModifiers::CONTROL) => Some('\n'),
            Self::Key(..) | Self::Sequence { .. } | Self::Paste(_) => None,
        }
    }
}

/// The length of a part, and what it means, if anything. `None` stands for a part whose end has not
/// arrived.
type Cut = Option<(usize, Option<Piece>)>;

/// Cuts the first part off `bytes`.
pub fn cut(bytes: &[u8]) -> Cut {
    match bytes {
        [] | [0x1b] | [0x1b, b'O' | b'P' | b']' | b'_' | 0x1b] | [0x1b, 0x1b, b'[' | b'O'] => None,
        [0x1b, b'[', ..] if bytes.starts_with(PASTE_START) => pasted(bytes),
        [0x1b, b'[', ..] => sequence(bytes),
        [0x1b, b'O', end @ 0x40..=0x7e, ..] => Some((3, Some(bare_sequence(*end)))),
        // Replies begin with a number or a sign. A letter is typed, after Alt and a bracket.
        [0x1b, b']', b'0'..=b'9', ..]
        | [
            0x1b,
            b'P',
            b'0'..=b'9' | b'>' | b'!' | b'$' | b'+' | b'|',
            ..,
        ]
        | [0x1b, b'_', b'G', ..] => string(bytes),
        [0x1b, 0x1b, b'[' | b'O', ..] => with_alt(&bytes[1..]),
        [0x1b, 0x1b, ..] => Some((1, Some(Piece::Key(KeyCode::Esc, KeyModifiers::NONE)))),
        [0x1b, rest @ ..] => with_alt(rest),
        [control @ (0..=0x1f | 0x7f), ..] => Some((1, Some(of_control(*control)))),
        _ => character(bytes),
    }
}

fn with_alt(rest: &[u8]) -> Cut {
    let (length, piece) = cut(rest)?;
    let piece = piece.map(|piece| match piece {
        Piece::Key(code, modifiers) => Piece::Key(code, modifiers | KeyModifiers::ALT),
        Piece::Sequence {
            parameters, end, ..
        } => Piece::Sequence {
            parameters,
            end,
            alt: true,
        },
        Piece::Paste(text) => Piece::Paste(text),
    });
    Some((length + 1, piece))
}

fn bare_sequence(end: u8) -> Piece {
    Piece::Sequence {
        parameters: String::new(),
        end: char::from(end),
        alt: false,
    }
}

fn sequence(bytes: &[u8]) -> Cut {
    match bytes {
        // The function keys of the Linux console.
        [_, _, b'['] => return None,
        [_, _, b'[', letter @ b'A'..=b'E', ..] => {
            let key = KeyCode::F(letter - b'A' + 1);
            return Some((4, Some(Piece::Key(key, KeyModifiers::NONE))));
        }
        // A mouse report of the old kind: three bytes follow.
        [_, _, b'M', ..] => return (bytes.len() >= 6).then_some((6, None)),
        _ => {}
    }
    let inner = |byte: &u8| (0x20..=0x3f).contains(byte);
    let length = bytes[2..].iter().take_while(|byte| inner(byte)).count();
    let end = 2 + length;
    match bytes.get(end) {
        _ if length > LONGEST_SEQUENCE => Some((end, None)),
        None => None,
        Some(last @ 0x40..=0x7e) => {
            let parameters = String::from_utf8_lossy(&bytes[2..end]).into_owned();
            let piece = Piece::Sequence {
                parameters,
                end: char::from(*last),
                alt: false,
            };
            Some((end + 1, Some(piece)))
        }
        // Another key breaks the sequence off.
        Some(_) => Some((end, None)),
    }
}

/// Cuts off a reply that ends with a bell or with `ESC \`. Another control character breaks it off.
fn string(bytes: &[u8]) -> Cut {
    let ends = |byte: &u8| *byte < 0x20;
    let Some(end) = bytes[2..].iter().position(ends).map(|at| at + 2) else {
        return (bytes.len() > LONGEST_STRING).then_some((bytes.len(), None));
    };
    match &bytes[end..] {
        [0x7, ..] => Some((end + 1, None)),
        [0x1b] => None,
        [0x1b, b'\\', ..] => Some((end + 2, None)),
        _ => Some((end, None)),
    }
}

fn pasted(bytes: &[u8]) -> Cut {
    let text = &bytes[PASTE_START.len()..];
    let end = text
        .windows(PASTE_END.len())
        .position(|window| window == PASTE_END)?;
    let words = String::from_utf8_lossy(&text[..end]).into_owned();
    let length = PASTE_START.len() + end + PASTE_END.len();
    Some((length, Some(Piece::Paste(words))))
}

fn of_control(control: u8) -> Piece {
    let (code, modifiers) = match control {
        b'\r' => (KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => (KeyCode::Tab, KeyModifiers::NONE),
        0x7f => (KeyCode::Backspace, KeyModifiers::NONE),
        0 => (KeyCode::Char(' '), KeyModifiers::CONTROL),
        0x01..=0x1a => (
            KeyCode::Char(char::from(control - 1 + b'a')),
            KeyModifiers::CONTROL,
        ),
        _ => (
            KeyCode::Char(char::from((control & 0x1f) - 0x1c + b'4')),
            KeyModifiers::CONTROL,
        ),
    };
    Piece::Key(code, modifiers)
}

fn character(bytes: &[u8]) -> Cut {
    let first = &bytes[..bytes.len().min(4)];
    let text = match std::str::from_utf8(first) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            std::str::from_utf8(&first[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(error) => return error.error_len().map(|length| (length, None)),
    };
    let c = text.chars().next()?;
    let modifiers = if c.is_uppercase() {
        KeyModifiers::SHIFT
    } else {
        KeyModifiers::NONE
    };
    Some((c.len_utf8(), Some(Piece::Key(KeyCode::Char(c), modifiers))))
}
