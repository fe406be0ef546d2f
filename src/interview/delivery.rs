//! Measures how an answer was delivered (pace, pauses, fillers, share of speech) from the times of
//! its words and its voice.

mod fillers;

use serde::{Deserialize, Serialize};

use super::bank::is_hangul;
use super::{Language, Span, Spoken, Word};

pub use fillers::{Confidence, Filler, fillers};

/// The shortest silence that counts as a pause, in seconds. In spontaneous speech, silences over 1
/// s form a class of their own (Campione and Véronis 2002, "A large-scale multilingual study of
/// silent pause duration", Speech Prosody). Half a second is added because the word times of speech
/// recognition are that coarse.
const PAUSE_SECONDS: f64 = 1.5;

/// The shortest silence that counts as long, in seconds: twice the shortest pause, and about when
/// listeners in a job interview begin to wonder. Even a second of silence is marked in conversation
/// (Jefferson 1989, "Preliminary notes on a possible metric which provides for a 'standard maximum'
/// silence").
const LONG_PAUSE_SECONDS: f64 = 3.0;

/// The shortest voice that ends a silence, in seconds. A click or a breath is shorter.
const SHORTEST_VOICE: f64 = 0.2;

/// The shortest speaking time that gives a pace, in seconds: whisper.cpp counts time in hundredths
/// of a second.
const SHORTEST_SECONDS: f64 = 0.01;

/// A silence inside an answer, in seconds from its start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Pause {
    /// End of the word before the silence.
    pub start: f64,
    /// Start of the word after the silence.
    pub end: f64,
    /// True if the silence lasts 3 s or more.
    #[serde(default)]
    pub long: bool,
}

/// The measured delivery of one spoken answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// Words per minute of speaking time; `None` for Korean or fewer than two words.
    pub words_per_minute: Option<f64>,
    /// Korean syllables per second of speaking time; `None` for English, or without a Korean
    /// syllable.
    pub syllables_per_second: Option<f64>,
    /// Silences of 1.5 s and more between words; a filler without words ends one.
    pub pauses: Vec<Pause>,
    /// Seconds from the start of the recording to the first word; `None` without words.
    pub time_to_first_word: Option<f64>,
    /// Part of the recording that contains a voice, 0–1, or that contains words if the voice was
    /// not measured; `None` without either.
    #[serde(default)]
    pub speaking_share: Option<f64>,
    /// The fillers in order of time.
    #[serde(default)]
    pub fillers: Vec<Filler>,
}

/// Measures an answer. Speaking time runs from the start of the first word to the end of the last,
/// pauses included.
pub fn measure(spoken: &Spoken, language: Language) -> Delivery {
    let words = &spoken.words;
    let (words_per_minute, syllables_per_second) = match language {
        Language::English => (
            Some(count_words(words))
                .filter(|count| *count >= 2)
                .and_then(|count| rate(count, words)),
            None,
        ),
        Language::Korean => (
            None,
            Some(count_syllables(words))
                .filter(|count| *count > 0)
                .and_then(|count| rate(count, words)),
        ),
    };
    Delivery {
        words_per_minute: words_per_minute.map(|per_second| per_second * 60.0),
        syllables_per_second,
        pauses: pauses(words, &spoken.voiced),
        time_to_first_word: words.first().map(|word| word.start),
        speaking_share: speaking_share(spoken),
        fillers: fillers(words, &spoken.voiced, language),
    }
}

/// Returns `count` per second of speaking time, or `None` when hardly any time passed.
fn rate(count: usize, words: &[Word]) -> Option<f64> {
    let seconds = words.last()?.end - words.first()?.start;
    (seconds >= SHORTEST_SECONDS).then(|| count as f64 / seconds)
}

/// Counts words. Punctuation on its own is not a word, and one entry may hold several words.
fn count_words(words: &[Word]) -> usize {
    let parts = words.iter().flat_map(|word| word.text.split_whitespace());
    parts
        .filter(|part| part.contains(char::is_alphanumeric))
        .count()
}

/// Counts Hangul blocks, since each is one syllable.
fn count_syllables(words: &[Word]) -> usize {
    words
        .iter()
        .flat_map(|word| word.text.chars())
        .filter(|c| is_hangul(*c))
        .count()
}

fn pauses(words: &[Word], voiced: &[Span]) -> Vec<Pause> {
    let audible: Vec<Span> = voiced
        .iter()
        .copied()
        .filter(|voice| voice.seconds() >= SHORTEST_VOICE)
        .collect();
    let gaps = words.windows(2).map(|pair| Span {
        start: pair[0].end,
        end: pair[1].start,
    });
    let silences = gaps
        .filter(|gap| gap.seconds() >= PAUSE_SECONDS)
        .flat_map(|gap| subtract(gap, &audible));
    silences
        .filter(|silence| silence.seconds() >= PAUSE_SECONDS)
        .map(pause)
        .collect()
}

fn pause(silence: Span) -> Pause {
    Pause {
        start: silence.start,
        end: silence.end,
        long: silence.seconds() >= LONG_PAUSE_SECONDS,
    }
}

fn speaking_share(spoken: &Spoken) -> Option<f64> {
    let of_words = spoken.words.iter().map(|word| word.end - word.start);
    let speech: f64 = if spoken.voiced.is_empty() {
        of_words.sum()
    } else {
        spoken.voiced.iter().map(|voice| voice.seconds()).sum()
    };
    let known = !(spoken.voiced.is_empty() && spoken.words.is_empty())
        && spoken.seconds >= SHORTEST_SECONDS;
    known.then(|| (speech / spoken.seconds).clamp(0.0, 1.0))
}

/// Returns the parts of `span` outside `others`, which may be in any order.
fn subtract(span: Span, others: &[Span]) -> Vec<Span> {
    let mut left = vec![span];
    for other in others
        .iter()
        .filter(|other| other.start < span.end && other.end > span.start)
    {
        left = left
            .into_iter()
            .flat_map(|span| remainders(span, *other))
            .collect();
    }
    left
}

/// Returns the parts of `span` before and after `other`.
fn remainders(span: Span, other: Span) -> impl Iterator<Item = Span> {
    let before = Span {
        end: span.end.min(other.start),
        ..span
    };
    let after = Span {
        start: span.start.max(other.end),
        ..span
    };
    [before, after]
        .into_iter()
        .filter(|part| part.seconds() > 0.0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn spoken(words: &[(&str, f64, f64)]) -> Spoken {
        let words = words.iter().map(|(text, start, end)| Word {
            text: (*text).to_owned(),
            start: *start,
            end: *end,
        });
        Spoken {
            seconds: 60.0,
            words: words.collect(),
            voiced: vec![],
        }
    }

    const SILENT: Delivery = Delivery {
        words_per_minute: None,
        syllables_per_second: None,
        pauses: Vec::new(),
        time_to_first_word: None,
        speaking_share: None,
        fillers: Vec::new(),
    };

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
        pauses: vec![pause(span(2.0, 3.5)), Pause { start: 4.0, end: 7.0, long: true }],
        time_to_first_word: Some(0.0),
        ..SILENT
    })]
    fn delivery_follows_from_the_times(
        #[case] words: &[(&str, f64, f64)],
        #[case] language: Language,
        #[case] expected: Delivery,
    ) {
        let measured = measure(&spoken(words), language);
        assert_eq!(
            Delivery {
                speaking_share: None,
                ..measured
            },
            expected
        );
    }

    fn span(start: f64, end: f64) -> Span {
        Span { start, end }
    }

    #[test]
    fn the_share_of_speech_is_measured_by_voice_or_else_by_words() {
        let mut answer = spoken(&[("a", 0.0, 1.0), ("b", 2.0, 3.0)]);
        answer.seconds = 8.0;
        assert_eq!(
            measure(&answer, Language::English).speaking_share,
            Some(0.25)
        );
        answer.voiced = vec![span(0.0, 4.0)];
        assert_eq!(
            measure(&answer, Language::English).speaking_share,
            Some(0.5)
        );
        answer.seconds = 2.0;
        assert_eq!(
            measure(&answer, Language::English).speaking_share,
            Some(1.0)
        );
        answer.seconds = 0.0;
        assert_eq!(measure(&answer, Language::English).speaking_share, None);
        assert_eq!(
            measure(&Spoken::default(), Language::English).speaking_share,
            None
        );
    }

    #[test]
    fn a_filler_without_words_ends_a_silence_and_a_click_does_not() {
        let mut answer = spoken(&[("a", 0.0, 1.0), ("b", 5.0, 6.0)]);
        answer.voiced = vec![
            span(0.0, 1.0),
            span(1.5, 1.6),
            span(3.0, 3.4),
            span(5.0, 6.0),
        ];
        let measured = measure(&answer, Language::English);
        assert_eq!(
            measured.pauses,
            [pause(span(1.0, 3.0)), pause(span(3.4, 5.0))]
        );
        assert_eq!(measured.fillers.len(), 1);
    }
}
