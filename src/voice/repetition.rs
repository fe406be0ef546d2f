//! Finds and removes repetition loops: a decoder that has lost the audio writes the same words over
//! and over.

use crate::interview::Word;

use super::words::normalized;

/// The most words of a unit that is repeated.
const LONGEST_UNIT: usize = 12;
/// A unit that occurs this often in a row may be a loop. People say things twice.
const REPEATS: usize = 3;
/// The fewest words of a loop. "No, no, no" is not one.
const LOOPED_WORDS: usize = 9;

/// A loop, measured in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Loop {
    start: usize,
    /// The length of what is repeated.
    unit: usize,
    /// The length of all repetitions.
    length: usize,
}

/// Returns whether `words` contain a loop.
pub fn is_repetitive(words: &[Word]) -> bool {
    find_loop(&all_normalized(words)).is_some()
}

/// Returns `words` with each loop reduced to its first repetition.
pub fn remove(mut words: Vec<Word>) -> Vec<Word> {
    while let Some(found) = find_loop(&all_normalized(&words)) {
        words.drain(found.start + found.unit..found.start + found.length);
    }
    words
}

/// Returns the words in a form in which repetitions are equal: loops often change case and
/// punctuation.
fn all_normalized(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| normalized(&word.text)).collect()
}

fn find_loop(words: &[String]) -> Option<Loop> {
    (0..words.len())
        .find_map(|start| (1..=LONGEST_UNIT).find_map(|unit| loop_at(words, start, unit)))
}

fn loop_at(words: &[String], start: usize, unit: usize) -> Option<Loop> {
    let rest = &words[start..];
    let same = rest
        .iter()
        .skip(unit)
        .zip(rest)
        .take_while(|(later, earlier)| later == earlier)
        .count();
    // A last repetition that breaks off belongs to the loop as well.
    let length = same + unit;
    (same >= unit * (REPEATS - 1) && length >= LOOPED_WORDS).then_some(Loop {
        start,
        unit,
        length,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn words(text: &str) -> Vec<Word> {
        text.split_whitespace()
            .map(|word| Word {
                text: word.into(),
                start: 0.0,
                end: 0.0,
            })
            .collect()
    }

    fn text(words: &[Word]) -> String {
        words
            .iter()
            .map(|word| word.text.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[rstest]
    #[case::nothing("", "")]
    #[case::said_twice(
        "I wrote a plan and wrote a plan and wrote",
        "I wrote a plan and wrote a plan and wrote"
    )]
    #[case::stressed(
        "No, no, no, it was very very very slow.",
        "No, no, no, it was very very very slow."
    )]
    #[case::one_word("so the the the the the the the the the the", "so the")]
    #[case::a_phrase(
        "We shipped it. Thank you very much. thank you very much. Thank you very much. Thank you",
        "We shipped it. Thank you very much."
    )]
    #[case::korean(
        "네 감사합니다 네 감사합니다 네 감사합니다 네 감사합니다 네 감사합니다",
        "네 감사합니다"
    )]
    #[case::and_what_follows("a b c a b c a b c then more", "a b c then more")]
    fn a_loop_is_reduced_to_its_first_repetition_and_ordinary_repetition_stays(
        #[case] transcript: &str,
        #[case] kept: &str,
    ) {
        assert_eq!(text(&remove(words(transcript))), kept);
        assert_eq!(is_repetitive(&words(transcript)), transcript != kept);
    }
}
