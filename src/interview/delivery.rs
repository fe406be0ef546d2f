//! How an answer was delivered: pace and pauses, from the times of its words.

use serde::{Deserialize, Serialize};

use super::bank::is_hangul;
use super::{Language, Spoken, Word};

/// Shortest silence that counts as a pause, in seconds. In spontaneous speech silences over 1 s form a class of their
/// own (Campione and Véronis 2002, "A large-scale multilingual study of silent pause duration", Speech Prosody); half a
/// second is added, because the word times of speech recognition are that coarse.
const PAUSE_SECONDS: f64 = 1.5;

/// Shortest speaking time that gives a pace, in seconds: whisper.cpp counts time in hundredths of a second.
const SHORTEST_SECONDS: f64 = 0.01;

/// A silence inside an answer, in seconds from its start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pause {
    /// End of the word before.
    pub start: f64,
    /// Start of the word after.
    pub end: f64,
}

/// Pace and pauses of one spoken answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Words a minute of speaking time; `None` for Korean or fewer than two words.
    pub words_per_minute: Option<f64>,
    /// Korean syllables a second of speaking time; `None` for English, or without a Korean syllable.
    pub syllables_per_second: Option<f64>,
    /// Silences of 1.5 s and more between words.
    pub pauses: Vec<Pause>,
    /// Seconds from the start of the recording to the first word; `None` without words.
    pub time_to_first_word: Option<f64>,
}

/// Measures an answer. Speaking time runs from the start of the first word to the end of the last, pauses included.
pub fn measure(spoken: &Spoken, language: Language) -> Delivery {
    let words = &spoken.words;
    let (words_per_minute, syllables_per_second) = match language {
        Language::English => {
            (Some(count_words(words)).filter(|count| *count >= 2).and_then(|count| rate(count, words)), None)
        }
        Language::Korean => {
            (None, Some(count_syllables(words)).filter(|count| *count > 0).and_then(|count| rate(count, words)))
        }
    };
    Delivery {
        words_per_minute: words_per_minute.map(|a_second| a_second * 60.0),
        syllables_per_second,
        pauses: pauses(words),
        time_to_first_word: words.first().map(|word| word.start),
    }
}

/// `count` a second of speaking time; `None` when hardly any time passed.
fn rate(count: usize, words: &[Word]) -> Option<f64> {
    let seconds = words.last()?.end - words.first()?.start;
    (seconds >= SHORTEST_SECONDS).then(|| count as f64 / seconds)
}

/// Lone punctuation is no word, and one entry may hold several.
fn count_words(words: &[Word]) -> usize {
    let parts = words.iter().flat_map(|word| word.text.split_whitespace());
    parts.filter(|part| part.contains(char::is_alphanumeric)).count()
}

/// A Hangul block is written for each syllable.
fn count_syllables(words: &[Word]) -> usize {
    words.iter().flat_map(|word| word.text.chars()).filter(|c| is_hangul(*c)).count()
}

fn pauses(words: &[Word]) -> Vec<Pause> {
    let gaps = words.windows(2).map(|pair| Pause { start: pair[0].end, end: pair[1].start });
    gaps.filter(|gap| gap.end - gap.start >= PAUSE_SECONDS).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn spoken(words: &[(&str, f64, f64)]) -> Spoken {
        let words = words.iter().map(|(text, start, end)| Word { text: (*text).to_owned(), start: *start, end: *end });
        Spoken { seconds: 60.0, words: words.collect() }
    }

    const SILENT: Delivery =
        Delivery { words_per_minute: None, syllables_per_second: None, pauses: Vec::new(), time_to_first_word: None };

    #[rstest]
    #[case::nothing_said(&[], Language::English, SILENT)]
    #[case::one_word_has_no_pace(&[("yes", 0.5, 1.0)], Language::English, Delivery { time_to_first_word: Some(0.5), ..SILENT })]
    #[case::english(&[("We", 1.0, 1.5), ("locked", 1.5, 2.0), ("it.", 2.0, 4.0)], Language::English,
        Delivery { words_per_minute: Some(60.0), time_to_first_word: Some(1.0), ..SILENT })]
    #[case::punctuation_is_no_word(&[("We", 0.0, 1.0), ("-", 1.0, 1.0), ("do", 1.0, 2.0)], Language::English,
        Delivery { words_per_minute: Some(60.0), time_to_first_word: Some(0.0), ..SILENT })]
    #[case::korean(&[("트랜잭션은", 0.0, 1.0), ("하나입니다.", 1.0, 4.0)], Language::Korean,
        Delivery { syllables_per_second: Some(2.5), time_to_first_word: Some(0.0), ..SILENT })]
    #[case::no_korean_syllable(&[("OK", 0.0, 1.0)], Language::Korean, Delivery { time_to_first_word: Some(0.0), ..SILENT })]
    #[case::no_time_passed(&[("a", 2.0, 2.0), ("b", 2.0, 2.0)], Language::English, Delivery { time_to_first_word: Some(2.0), ..SILENT })]
    #[case::too_little_time(&[("a", 0.0, 0.0), ("b", 0.0, f64::MIN_POSITIVE)], Language::English,
        Delivery { time_to_first_word: Some(0.0), ..SILENT })]
    #[case::backwards(&[("가", 3.0, 3.0), ("나", 1.0, 1.0)], Language::Korean, Delivery { time_to_first_word: Some(3.0), ..SILENT })]
    #[case::pauses(&[("a", 0.0, 0.5), ("b", 1.875, 2.0), ("c", 3.5, 4.0), ("d", 7.0, 8.0)], Language::English, Delivery {
        words_per_minute: Some(30.0),
        pauses: vec![Pause { start: 2.0, end: 3.5 }, Pause { start: 4.0, end: 7.0 }],
        time_to_first_word: Some(0.0),
        ..SILENT
    })]
    fn delivery_follows_from_the_times(
        #[case] words: &[(&str, f64, f64)],
        #[case] language: Language,
        #[case] expected: Delivery,
    ) {
        assert_eq!(measure(&spoken(words), language), expected);
    }
}
