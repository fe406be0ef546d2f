//! Decodes what a terminal sends: keys, pastes, and replies to questions, which come late or never.
//!
//! The bytes are cut into pieces by the grammar of ECMA-48, so that a reply that nobody waits for is
//! one piece and no keys. Time comes in as an argument.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::Input;
use super::piece::{Piece, cut};
use super::sequence;

/// The time to wait for what follows an escape character. A slow line may split a sequence by
/// 150 ms, and the key itself must not seem to hang.
const SEQUENCE_PATIENCE: Duration = Duration::from_millis(200);

/// The time to wait for the rest of a longer reply or paste.
const STRING_PATIENCE: Duration = Duration::from_secs(1);

/// The time in ms after which text no longer belongs to the paste before it.
const PASTE_GAP: u64 = 100;

/// A text of so many characters at once is no typing, even if only its end breaks the line.
const LONG_TEXT: usize = 512;

/// Decodes the bytes of a terminal as they arrive.
#[derive(Debug, Default)]
pub struct Decoder {
    begun: Vec<u8>,
    /// The time of the last unmarked paste, in ms.
    pasted: Option<u64>,
}

impl Decoder {
    /// Returns what is complete after `bytes`, which were read at once at `at` ms.
    pub fn push(&mut self, bytes: &[u8], at: u64) -> Vec<Input> {
        self.begun.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        let mut start = 0;
        while let Some((length, piece)) = cut(&self.begun[start..]) {
            start += length;
            pieces.extend(piece);
        }
        self.begun.drain(..start);
        self.inputs(&pieces, at)
    }

    /// Returns how long to wait for the rest of something begun.
    pub fn patience(&self) -> Option<Duration> {
        match self.begun.as_slice() {
            [] => None,
            [0x1b, b']' | b'P' | b'_', _, ..] => Some(STRING_PATIENCE),
            begun if begun.starts_with(b"\x1b[200~") => Some(STRING_PATIENCE),
            _ => Some(SEQUENCE_PATIENCE),
        }
    }

    /// Returns what was begun, once its rest does not come: an escape key, or a paste without its
    /// end. The start of a reply is dropped.
    pub fn give_up(&mut self) -> Vec<Input> {
        let begun = std::mem::take(&mut self.begun);
        if let Some(text) = begun.strip_prefix(b"\x1b[200~") {
            return vec![paste(&String::from_utf8_lossy(text))];
        }
        match begun.as_slice() {
            [0x1b] => vec![escape()],
            [0x1b, 0x1b] => vec![escape(), escape()],
            [0x1b, letter @ (b'O' | b'P')] => vec![key(
                KeyCode::Char(char::from(*letter)),
                KeyModifiers::ALT | KeyModifiers::SHIFT,
            )],
            _ => vec![],
        }
    }

    fn inputs(&mut self, pieces: &[Piece], at: u64) -> Vec<Input> {
        let of_text = |piece: &Piece| piece.as_text().is_some();
        let mut inputs = Vec::new();
        for run in pieces.chunk_by(|one, other| of_text(one) && of_text(other)) {
            let text: String = run.iter().filter_map(Piece::as_text).collect();
            if self.is_paste(&text, at) {
                self.pasted = Some(at);
                inputs.push(Input::Burst(unified_breaks(&text)));
            } else {
                inputs.extend(run.iter().filter_map(input));
            }
        }
        inputs
    }

    /// Whether `text`, which arrived at once, was pasted rather than typed: nobody types on while
    /// Enter is still on its way.
    fn is_paste(&self, text: &str, at: u64) -> bool {
        let breaks = |c| matches!(c, '\r' | '\n');
        let goes_on = self
            .pasted
            .is_some_and(|before| at.saturating_sub(before) <= PASTE_GAP);
        let inner = text.trim_matches(breaks);
        !text.is_empty()
            && (goes_on
                || inner.contains(breaks)
                || (text.contains(breaks) && text.chars().count() >= LONG_TEXT))
    }
}

fn input(piece: &Piece) -> Option<Input> {
    match piece {
        Piece::Key(code, modifiers) => Some(key(*code, *modifiers)),
        Piece::Paste(text) => Some(paste(text)),
        Piece::Sequence {
            parameters,
            end,
            alt,
        } => sequence::input(parameters, *end, *alt),
    }
}

fn escape() -> Input {
    key(KeyCode::Esc, KeyModifiers::NONE)
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::Event(Event::Key(KeyEvent::new(code, modifiers)))
}

fn paste(text: &str) -> Input {
    Input::Event(Event::Paste(unified_breaks(text)))
}

fn unified_breaks(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests;
