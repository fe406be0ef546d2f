//! Fillers of an answer: the words that are none ("um", "음"), words that may be one ("like", "그") and voice without
//! words.
//!
//! Speech recognition is trained on text that people tidied, and leaves "um" and "uh" out: a count from its words alone
//! is too low. So a stretch of voice to which no word belongs counts as well, as a possible one. And a word such as
//! "like" is mostly just a word: it counts where commas or pauses set it off, and is marked as uncertain.

mod lists;

use serde::{Deserialize, Serialize};

use super::without;
use crate::interview::{Language, Span, Word};
use lists::{Entry, Rule};

/// How sure it is that something is a filler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub enum Confidence {
    /// Nothing else has this form.
    Certain,
    /// A word of its own that is set off as fillers are.
    Likely,
    /// It can as well be something else.
    Possible,
}

/// One filler, in seconds from the start of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Filler {
    /// In small letters, without punctuation; `None` for a voice without words.
    pub text: Option<String>,
    /// Seconds.
    pub start: f64,
    /// Seconds.
    pub end: f64,
    /// How sure.
    pub confidence: Confidence,
}

/// A silence beside a word that sets it off, in seconds: pauses within fluent phrases are shorter (Goldman-Eisler 1968,
/// "Psycholinguistics", puts the border at 0.25 s; word times are good to 0.15 s).
const SET_OFF: f64 = 0.3;

/// Voice without words that may be a filler, in seconds. "Uh" and "um" in conversation take about 0.2 to 0.8 s
/// (Shriberg 2001, "To 'errrr' is human", Journal of the International Phonetic Association 31); what goes on longer is
/// something the recogniser did not understand.
const SHORTEST: f64 = 0.2;
const LONGEST: f64 = 1.5;

/// The fillers among `words` and in `voiced` (both in order, from the start of the answer), in order of time.
pub fn fillers(words: &[Word], voiced: &[Span], language: Language) -> Vec<Filler> {
    let mut found = among(words, language);
    found.extend(wordless(words, voiced));
    found.sort_by(|one, other| one.start.total_cmp(&other.start));
    found
}

/// Words that are fillers, the longest form first: "you know" before anything in it.
fn among(words: &[Word], language: Language) -> Vec<Filler> {
    let plain: Vec<String> = words.iter().map(|word| plain(&word.text)).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let entry = lists::of(language)
            .iter()
            .find(|entry| stands_at(entry, &plain[at..]));
        let length = entry.map_or(1, |entry| entry.words.len());
        if let Some(entry) = entry
            && let Some(confidence) = judge(entry.rule, words, at, at + length)
        {
            let (start, end) = (words[at].start, words[at + length - 1].end);
            found.push(Filler {
                text: Some(entry.words.join(" ")),
                start,
                end,
                confidence,
            });
        }
        at += length;
    }
    found
}

fn plain(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric())
        .to_lowercase()
}

fn stands_at(entry: &Entry, plain: &[String]) -> bool {
    plain.len() >= entry.words.len()
        && entry
            .words
            .iter()
            .zip(plain)
            .all(|(one, other)| one == other)
}

/// What `words[from..to]` is, by how it is set off.
fn judge(rule: Rule, words: &[Word], from: usize, to: usize) -> Option<Confidence> {
    let opens = from == 0 || ends_a_sentence(&words[from - 1].text);
    let before = opens || is_apart(words, from);
    let after = is_apart(words, to);
    match rule {
        Rule::Always(confidence) => Some(confidence),
        Rule::SetOff if before && after => Some(Confidence::Likely),
        // Within a sentence: ", like really".
        Rule::SetOff if (before && !opens) || after => Some(Confidence::Possible),
        // "Actually, we …" opens many a good sentence.
        Rule::Between if opens && after => Some(Confidence::Possible),
        Rule::Between if before && after => Some(Confidence::Likely),
        Rule::Followed { .. } if after => Some(Confidence::Likely),
        Rule::Followed { otherwise } => otherwise,
        Rule::SetOff | Rule::Between => None,
    }
}

/// Whether a comma or a pause separates `words[at]` from the word before. The end of the answer separates nothing unless
/// a mark is there.
fn is_apart(words: &[Word], at: usize) -> bool {
    let marked = words[at - 1]
        .text
        .ends_with([',', '.', '…', '?', '!', ';', ':', '—', '-']);
    marked
        || words
            .get(at)
            .is_some_and(|next| next.start - words[at - 1].end >= SET_OFF)
}

fn ends_a_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '\'', ')', '”', '’'])
        .ends_with(['.', '?', '!', '…'])
}

/// Voice outside every word.
fn wordless(words: &[Word], voiced: &[Span]) -> Vec<Filler> {
    let taken: Vec<Span> = words
        .iter()
        .map(|word| Span {
            start: word.start,
            end: word.end,
        })
        .collect();
    let rest = voiced.iter().flat_map(|stretch| without(*stretch, &taken));
    let fitting = rest.filter(|rest| (SHORTEST..=LONGEST).contains(&rest.seconds()));
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
