//! The style sample: a few words given to the model as if they had been said before the audio.
//!
//! Whisper continues in the style of its prompt: with punctuation and capitals, and with English
//! terms inside Korean spelt in English. The sample names as few things as it can, because a list
//! of terms would appear in transcripts where nobody said them.

use crate::interview::{Language, Word};
use crate::voice::words::normalized;

/// Returns the sample. Nobody answers with just these words, so finding them in a transcript shows
/// that the model repeats its prompt.
pub(super) const fn sample(language: Language) -> &'static str {
    match language {
        Language::English => {
            "Well, the API came first, and the rest followed in about three weeks."
        }
        Language::Korean => "네, API를 먼저 나누고, 나머지는 3주쯤 뒤에 옮겼습니다.",
    }
}

/// Returns how many words of the sample in a row are an echo. Korean says as much in fewer words.
const fn echo_words(language: Language) -> usize {
    match language {
        Language::English => 4,
        Language::Korean => 3,
    }
}

/// Returns whether `words` repeat the sample.
pub(super) fn is_echo(words: &[Word], language: Language) -> bool {
    let sample: Vec<String> = sample(language).split(' ').map(normalized).collect();
    let words: Vec<String> = words
        .iter()
        .map(|word| normalized(&word.text))
        // A dash is not a word.
        .filter(|word| !word.is_empty())
        .collect();
    let length = echo_words(language);
    words
        .windows(length)
        .any(|run| sample.windows(length).any(|part| part == run))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("The API came down twice", Language::English, false)]
    #[case("The API came first", Language::English, true)]
    #[case("Okay, and the rest followed. In", Language::English, true)]
    #[case("The API — came first", Language::English, true)]
    #[case("API를 먼저 만들고 싶었습니다", Language::Korean, false)]
    #[case("3주쯤 뒤에 옮겼습니다.", Language::Korean, true)]
    #[case("네 API를 먼저 나누고", Language::Korean, true)]
    #[case("", Language::Korean, false)]
    fn several_words_of_the_sample_in_a_row_are_an_echo(
        #[case] text: &str,
        #[case] language: Language,
        #[case] echo: bool,
    ) {
        let word = |text: &str| Word {
            text: text.into(),
            start: 0.0,
            end: 0.0,
        };
        let words: Vec<Word> = text.split_whitespace().map(word).collect();
        assert_eq!(is_echo(&words, language), echo);
    }
}
