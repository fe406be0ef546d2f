//! Finds the fillers of an answer: sounds such as "um" and "음", words that may be fillers such as
//! "like" and "그", and voice without words.
//!
//! Speech recognition is trained on edited text and leaves out "um" and "uh", so counting its words
//! alone gives too few. A stretch of voice without a word therefore counts as a possible filler. A
//! word such as "like" is usually an ordinary word: it counts only where commas or pauses set it
//! off, and is marked as uncertain.

mod lists;

use serde::{Deserialize, Serialize};

use super::subtract;
use crate::interview::{Language, Span, Word};
use lists::{FillerEntry, FillerRule};

/// The certainty that something is a filler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum Confidence {
    /// The sound has no other meaning.
    Certain,
    /// A real word that is set off the way fillers are.
    Likely,
    /// The word or sound may well be something else.
    Possible,
}

/// One filler, in seconds from the start of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Filler {
    /// The filler in lower case without punctuation; `None` for a voice without words.
    pub text: Option<String>,
    /// Start in seconds.
    pub start: f64,
    /// End in seconds.
    pub end: f64,
    pub confidence: Confidence,
}

/// The silence next to a word that sets it off, in seconds. Pauses within fluent phrases are
/// shorter: Goldman-Eisler 1968, "Psycholinguistics", puts the border at 0.25 s, and word times are
/// accurate to 0.15 s.
const SET_OFF_SECONDS: f64 = 0.3;

/// The length of a voice without words that may be a filler, in seconds. "Uh" and "um" in
/// conversation take about 0.2 to 0.8 s (Shriberg 2001, "To 'errrr' is human", Journal of the
/// International Phonetic Association 31). A longer stretch is speech that was not recognised.
const SHORTEST_SECONDS: f64 = 0.2;
const LONGEST_SECONDS: f64 = 1.5;

/// Returns the fillers among `words` and in `voiced`, sorted by time. Both inputs are in order, in
/// seconds from the start of the answer.
pub fn fillers(words: &[Word], voiced: &[Span], language: Language) -> Vec<Filler> {
    let mut found = filler_words(words, language);
    found.extend(voice_without_words(words, voiced));
    found.sort_by(|one, other| one.start.total_cmp(&other.start));
    found
}

/// Returns the words that are fillers. The longest entry wins: "you know" before anything in it.
fn filler_words(words: &[Word], language: Language) -> Vec<Filler> {
    let normalized: Vec<String> = words.iter().map(|word| normalized(&word.text)).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let entry = lists::of(language)
            .iter()
            .find(|entry| matches_at(entry, &normalized[at..]));
        let length = entry.map_or(1, |entry| entry.words.len());
        if let Some(entry) = entry
            && let Some(confidence) = judge(entry.rule, words, at, at + length)
        {
            found.push(Filler {
                text: Some(entry.words.join(" ")),
                start: words[at].start,
                end: words[at + length - 1].end,
                confidence,
            });
        }
        at += length;
    }
    found
}

fn normalized(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
}

fn matches_at(entry: &FillerEntry, normalized: &[String]) -> bool {
    normalized.len() >= entry.words.len()
        && entry
            .words
            .iter()
            .zip(normalized)
            .all(|(one, other)| one == other)
}

/// Judges `words[from..to]` by how it is set off.
fn judge(rule: FillerRule, words: &[Word], from: usize, to: usize) -> Option<Confidence> {
    let opens = from == 0 || ends_a_sentence(&words[from - 1].text);
    let before = opens || is_apart(words, from);
    let after = is_apart(words, to);
    match rule {
        FillerRule::Always(confidence) => Some(confidence),
        FillerRule::SetOff if before && after => Some(Confidence::Likely),
        // A filler within a sentence, as in ", like really".
        FillerRule::SetOff if (before && !opens) || after => Some(Confidence::Possible),
        // An opening such as "Actually, we …" often starts a good sentence.
        FillerRule::Between if opens && after => Some(Confidence::Possible),
        FillerRule::Between if before && after => Some(Confidence::Likely),
        FillerRule::Followed { .. } if after => Some(Confidence::Likely),
        FillerRule::Followed { otherwise } => otherwise,
        FillerRule::SetOff | FillerRule::Between => None,
    }
}

/// Returns whether a comma or a pause separates `words[at]` from the word before. The end of the
/// answer separates nothing without a punctuation mark.
fn is_apart(words: &[Word], at: usize) -> bool {
    let marked = words[at - 1]
        .text
        .ends_with([',', '.', '…', '?', '!', ';', ':', '—', '-']);
    marked
        || words
            .get(at)
            .is_some_and(|next| next.start - words[at - 1].end >= SET_OFF_SECONDS)
}

fn ends_a_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '\'', ')', '”', '’'])
        .ends_with(['.', '?', '!', '…'])
}

/// Returns the voice outside every word.
fn voice_without_words(words: &[Word], voiced: &[Span]) -> Vec<Filler> {
    let taken: Vec<Span> = words
        .iter()
        .map(|word| Span {
            start: word.start,
            end: word.end,
        })
        .collect();
    let rest = voiced.iter().flat_map(|stretch| subtract(*stretch, &taken));
    let fitting =
        rest.filter(|rest| (SHORTEST_SECONDS..=LONGEST_SECONDS).contains(&rest.seconds()));
    fitting
        .map(|rest| Filler {
            text: None,
            start: rest.start,
            end: rest.end,
            confidence: Confidence::Possible,
        })
        .collect()
}

#[cfg(test)]
mod tests;
