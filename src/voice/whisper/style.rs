//! The style sample: a few words in the style to write in, shown to the model as if they had been said before the sound.
//!
//! Whisper goes on in the style of what it is shown: with marks and capitals, and with English terms inside Korean spelt
//! in English. A sample shows a style and names as little as it can: a list of terms would be heard where nobody said them.

use crate::interview::{Language, Word};
use crate::voice::words::normalized;

/// What is shown: nobody answers with just these words, so that hearing them again tells something.
pub(super) const fn sample(language: Language) -> &'static str {
    match language {
        Language::English => {
            "Well, the API came first, and the rest followed in about three weeks."
        }
        Language::Korean => "네, API를 먼저 나누고, 나머지는 3주쯤 뒤에 옮겼습니다.",
    }
}

/// So many words of the sample in a row were hardly said by somebody: the model repeats what it was shown. Korean says as
/// much in fewer words.
const fn echo(language: Language) -> usize {
    match language {
        Language::English => 4,
        Language::Korean => 3,
    }
}

/// Whether `words` repeat the sample.
pub(super) fn is_echo(words: &[Word], language: Language) -> bool {
    let (heard, shown) = (
        words.iter().map(|word| normalized(&word.text)),
        sample(language).split(' ').map(normalized),
    );
    // A dash is no word.
    let (heard, shown): (Vec<_>, Vec<_>) = (
        heard.filter(|word| !word.is_empty()).collect(),
        shown.collect(),
    );
    let many = echo(language);
    heard
        .windows(many)
        .any(|said| shown.windows(many).any(|part| part == said))
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
    fn some_words_of_the_sample_in_a_row_are_an_echo(
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
