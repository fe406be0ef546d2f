//! Repetition loops: a decoder that has lost the sound says the same words over and over. They are found by the text and
//! by its pace, and cut.

use crate::interview::Word;

use super::words::normalized;

/// Words of the longest unit that is looked for.
const LONGEST_UNIT: usize = 12;
/// A unit said this often in a row may be a loop: people repeat themselves twice.
const REPEATS: usize = 3;
/// … once the repetitions are this many words. "No, no, no" is no loop.
const LOOPED_WORDS: usize = 9;

/// Where a loop begins and how long its unit is, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Loop {
    start: usize,
    unit: usize,
    length: usize,
}

/// Whether `words` go round in circles.
pub fn is_repetitive(words: &[Word]) -> bool {
    find(&all_spoken(words)).is_some()
}

/// `words` with each loop reduced to the first time it was said.
pub fn remove(mut words: Vec<Word>) -> Vec<Word> {
    while let Some(found) = find(&all_spoken(&words)) {
        words.drain(found.start + found.unit..found.start + found.length);
    }
    words
}

/// A loop often changes case and punctuation.
fn all_spoken(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| normalized(&word.text)).collect()
}

fn find(words: &[String]) -> Option<Loop> {
    (0..words.len()).find_map(|start| (1..=LONGEST_UNIT).find_map(|unit| at(words, start, unit)))
}

fn at(words: &[String], start: usize, unit: usize) -> Option<Loop> {
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
    fn a_loop_is_cut_to_its_first_round_and_people_may_repeat_themselves(
        #[case] said: &str,
        #[case] kept: &str,
    ) {
        assert_eq!(text(&remove(words(said))), kept);
        assert_eq!(is_repetitive(&words(said)), said != kept);
    }
}
