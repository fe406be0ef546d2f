//! Whisper's tokens to words with times.

use crate::interview::Word;

/// A piece of text Whisper wrote: part of a word, often part of a character.
#[derive(Clone, Debug, PartialEq)]
pub struct Token<'a> {
    /// UTF-8, possibly cut inside a character. A leading space begins a new word.
    pub bytes: &'a [u8],
    /// Seconds from the start of the sound.
    pub start: f64,
    /// Seconds.
    pub end: f64,
}

struct Pending {
    bytes: Vec<u8>,
    start: f64,
    end: f64,
}

/// Joins tokens to words. Bytes are joined before they are read as text: Korean syllables span tokens. Times never run
/// backwards and stay within `seconds`. Punctuation alone ("…") is no speech and gives nothing.
pub fn words<'a>(tokens: impl IntoIterator<Item = Token<'a>>, seconds: f64) -> Vec<Word> {
    let mut pending: Vec<Pending> = Vec::new();
    for token in tokens {
        match pending.last_mut() {
            Some(word) if !token.bytes.starts_with(b" ") => {
                word.bytes.extend_from_slice(token.bytes);
                word.end = token.end;
            }
            _ => pending.push(Pending {
                bytes: token.bytes.to_vec(),
                start: token.start,
                end: token.end,
            }),
        }
    }
    let mut earliest = 0.0;
    let words: Vec<Word> = pending
        .into_iter()
        .filter_map(|word| word.finish(&mut earliest, seconds))
        .collect();
    if words
        .iter()
        .any(|word| word.text.contains(char::is_alphanumeric))
    {
        words
    } else {
        Vec::new()
    }
}

/// What is said of a word: its letters and digits, without case.
pub fn spoken(word: &str) -> String {
    word.chars()
        .filter(|c| c.is_alphanumeric())
        .collect::<String>()
        .to_lowercase()
}

impl Pending {
    fn finish(self, earliest: &mut f64, seconds: f64) -> Option<Word> {
        let text = String::from_utf8_lossy(&self.bytes);
        let text =
            text.trim_matches(|c: char| c.is_whitespace() || c == char::REPLACEMENT_CHARACTER);
        if text.is_empty() {
            return None;
        }
        let start = self.start.clamp(*earliest, seconds.max(*earliest));
        let end = self.end.clamp(start, seconds.max(start));
        *earliest = start;
        Some(Word {
            text: text.to_owned(),
            start,
            end,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(bytes: &[u8], start: f64, end: f64) -> Token<'_> {
        Token { bytes, start, end }
    }

    fn word(text: &str, start: f64, end: f64) -> Word {
        Word {
            text: text.into(),
            start,
            end,
        }
    }

    #[test]
    fn pieces_become_words_with_the_times_of_their_ends() {
        let tokens = [
            token(b" I", 0.1, 0.2),
            token(b" learn", 0.2, 0.5),
            token(b"ed", 0.5, 0.6),
            token(b".", 0.6, 0.7),
        ];
        assert_eq!(
            words(tokens, 2.0),
            [word("I", 0.1, 0.2), word("learned.", 0.2, 0.7)]
        );
    }

    #[test]
    fn a_korean_syllable_split_across_tokens_is_joined_on_bytes() {
        let text = " 저는 코드".as_bytes();
        let tokens = [
            token(&text[..3], 0.0, 0.1),
            token(&text[3..7], 0.1, 0.3),
            token(&text[7..9], 0.4, 0.5),
            token(&text[9..], 0.5, 0.8),
        ];
        assert_eq!(
            words(tokens, 2.0),
            [word("저는", 0.0, 0.3), word("코드", 0.4, 0.8)]
        );
    }

    #[test]
    fn a_character_that_never_got_whole_is_left_out() {
        let cut = &" 네".as_bytes()[..2];
        assert_eq!(
            words([token(b" ok", 0.0, 0.1), token(cut, 0.1, 0.2)], 1.0),
            [word("ok", 0.0, 0.1)]
        );
    }

    #[test]
    fn times_never_run_backwards_or_past_the_sound() {
        let tokens = [
            token(b" a", 0.5, 0.4),
            token(b" b", 0.2, 9.0),
            token(b" c", 8.0, 9.0),
        ];
        assert_eq!(
            words(tokens, 1.0),
            [
                word("a", 0.5, 0.5),
                word("b", 0.5, 1.0),
                word("c", 1.0, 1.0)
            ]
        );
    }

    #[test]
    fn punctuation_alone_is_no_speech() {
        assert_eq!(
            words([token(b" ...", 0.0, 1.0), token(b" -", 1.0, 1.0)], 1.0),
            []
        );
    }
}
