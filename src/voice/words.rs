//! Joins Whisper's tokens to words.

use crate::interview::Word;

/// Joins `tokens`, each the UTF-8 bytes of a part of a word, to words without times.
///
/// A leading space begins a new word. Bytes are joined before they are read as text, because a
/// Korean syllable may span tokens. Punctuation alone ("…") is no speech and gives no words.
pub fn words<'a>(tokens: impl IntoIterator<Item = &'a [u8]>) -> Vec<Word> {
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    for token in tokens {
        match pieces.last_mut() {
            Some(word) if !token.starts_with(b" ") => word.extend_from_slice(token),
            _ => pieces.push(token.to_vec()),
        }
    }
    let words: Vec<Word> = pieces.iter().filter_map(|bytes| word(bytes)).collect();
    let is_speech = words
        .iter()
        .any(|word| word.text.contains(char::is_alphanumeric));
    if is_speech { words } else { Vec::new() }
}

fn word(bytes: &[u8]) -> Option<Word> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == char::REPLACEMENT_CHARACTER);
    (!text.is_empty()).then(|| Word {
        text: text.to_owned(),
        start: 0.0,
        end: 0.0,
    })
}

/// Returns the letters and digits of a word in lower case.
pub fn normalized(word: &str) -> String {
    word.chars()
        .filter(|c| c.is_alphanumeric())
        .collect::<String>()
        .to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(tokens: &[&[u8]]) -> Vec<String> {
        words(tokens.iter().copied())
            .into_iter()
            .map(|word| word.text)
            .collect()
    }

    #[test]
    fn tokens_are_joined_up_to_the_next_space() {
        assert_eq!(texts(&[b" I", b" learn", b"ed", b"."]), ["I", "learned."]);
    }

    #[test]
    fn a_korean_syllable_split_across_tokens_is_joined_on_bytes() {
        let text = " 저는 코드".as_bytes();
        let tokens = [&text[..3], &text[3..7], &text[7..9], &text[9..]];
        assert_eq!(texts(&tokens), ["저는", "코드"]);
    }

    #[test]
    fn an_incomplete_character_is_left_out() {
        let cut = &" 네".as_bytes()[..2];
        assert_eq!(texts(&[b" ok", cut]), ["ok"]);
    }

    #[test]
    fn punctuation_alone_gives_no_words() {
        assert_eq!(texts(&[b" ...", b" -"]), [""; 0]);
    }
}
