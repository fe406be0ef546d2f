//! The words that are, or may be, fillers.

use super::Confidence;
use crate::interview::Language;

/// One filler.
pub struct Entry {
    /// In small letters.
    pub words: &'static [&'static str],
    /// When it is one.
    pub rule: Rule,
}

/// When a word is a filler.
#[derive(Clone, Copy)]
pub enum Rule {
    /// Wherever it stands.
    Always(Confidence),
    /// Likely between two marks or pauses, possible beside one.
    SetOff,
    /// Likely between two marks or pauses within a sentence, possible where it opens one.
    Between,
    /// Likely where a mark or pause follows.
    Followed {
        /// What it is elsewhere; `None` for an ordinary word.
        otherwise: Option<Confidence>,
    },
}

const SURE: Rule = Rule::Always(Confidence::Certain);
const FOLLOWED: Rule = Rule::Followed { otherwise: None };
const FOLLOWED_OR_POSSIBLE: Rule = Rule::Followed {
    otherwise: Some(Confidence::Possible),
};

const fn entry(words: &'static [&'static str], rule: Rule) -> Entry {
    Entry { words, rule }
}

/// The longer of two that begin alike comes first.
pub const fn of(language: Language) -> &'static [Entry] {
    match language {
        Language::English => &ENGLISH,
        Language::Korean => &KOREAN,
    }
}

const ENGLISH: [Entry; 27] = [
    entry(&["um"], SURE),
    entry(&["umm"], SURE),
    entry(&["uhm"], SURE),
    entry(&["uh"], SURE),
    entry(&["uhh"], SURE),
    entry(&["er"], SURE),
    entry(&["erm"], SURE),
    entry(&["hm"], SURE),
    entry(&["hmm"], SURE),
    entry(&["mm"], SURE),
    entry(&["ah"], Rule::SetOff),
    entry(&["you", "know", "what", "i", "mean"], Rule::SetOff),
    entry(&["you", "know"], Rule::SetOff),
    entry(&["i", "mean"], Rule::SetOff),
    entry(&["i", "guess"], Rule::Between),
    entry(&["sort", "of"], Rule::SetOff),
    entry(&["kind", "of"], Rule::SetOff),
    entry(&["or", "something"], Rule::Between),
    entry(&["like"], Rule::SetOff),
    entry(&["basically"], Rule::Between),
    entry(&["actually"], Rule::Between),
    entry(&["literally"], Rule::Between),
    entry(&["honestly"], Rule::Between),
    entry(&["so"], Rule::Between),
    entry(&["well"], Rule::Between),
    entry(&["right"], Rule::Between),
    entry(&["okay"], Rule::Between),
];

/// 막 and 이제 stand in for nothing in many spoken sentences, but mean "just" and "now" in others.
const KOREAN: [Entry; 25] = [
    entry(&["음"], SURE),
    entry(&["으음"], SURE),
    entry(&["음음"], SURE),
    entry(&["어"], SURE),
    entry(&["어어"], SURE),
    entry(&["엄"], SURE),
    entry(&["흠"], SURE),
    entry(&["에"], FOLLOWED_OR_POSSIBLE),
    entry(&["아"], FOLLOWED_OR_POSSIBLE),
    entry(&["그"], FOLLOWED),
    entry(&["그게"], FOLLOWED),
    entry(&["저"], FOLLOWED),
    entry(&["저기"], FOLLOWED),
    entry(&["막"], FOLLOWED_OR_POSSIBLE),
    entry(&["이제"], FOLLOWED_OR_POSSIBLE),
    entry(&["인제"], FOLLOWED_OR_POSSIBLE),
    entry(&["뭐"], FOLLOWED),
    entry(&["뭐랄까"], FOLLOWED_OR_POSSIBLE),
    entry(&["뭐지"], FOLLOWED),
    entry(&["약간"], FOLLOWED),
    entry(&["좀"], FOLLOWED),
    entry(&["그니까"], FOLLOWED_OR_POSSIBLE),
    entry(&["그러니까"], FOLLOWED),
    entry(&["있잖아요"], FOLLOWED_OR_POSSIBLE),
    entry(&["사실"], FOLLOWED),
];
