//! The lists of words that are, or may be, fillers.

use super::Confidence;
use crate::interview::Language;

/// A word or phrase that can be a filler.
pub struct FillerEntry {
    /// The words in lower case.
    pub words: &'static [&'static str],
    pub rule: FillerRule,
}

/// The condition under which a word is a filler.
#[derive(Clone, Copy)]
pub enum FillerRule {
    /// The word is always a filler.
    Always(Confidence),
    /// Likely between two marks or pauses, possible beside one.
    SetOff,
    /// Likely between two marks or pauses within a sentence, possible where it opens one.
    Between,
    /// Likely if a mark or pause follows.
    Followed {
        /// The confidence elsewhere; `None` for an ordinary word.
        otherwise: Option<Confidence>,
    },
}

const SURE: FillerRule = FillerRule::Always(Confidence::Certain);
const FOLLOWED: FillerRule = FillerRule::Followed { otherwise: None };
const FOLLOWED_OR_POSSIBLE: FillerRule = FillerRule::Followed {
    otherwise: Some(Confidence::Possible),
};

const fn entry(words: &'static [&'static str], rule: FillerRule) -> FillerEntry {
    FillerEntry { words, rule }
}

/// Returns the entries of `language`. Of two entries that begin alike, the longer comes first.
pub const fn of(language: Language) -> &'static [FillerEntry] {
    match language {
        Language::English => &ENGLISH,
        Language::Korean => &KOREAN,
    }
}

const ENGLISH: [FillerEntry; 27] = [
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
    entry(&["ah"], FillerRule::SetOff),
    entry(&["you", "know", "what", "i", "mean"], FillerRule::SetOff),
    entry(&["you", "know"], FillerRule::SetOff),
    entry(&["i", "mean"], FillerRule::SetOff),
    entry(&["i", "guess"], FillerRule::Between),
    entry(&["sort", "of"], FillerRule::SetOff),
    entry(&["kind", "of"], FillerRule::SetOff),
    entry(&["or", "something"], FillerRule::Between),
    entry(&["like"], FillerRule::SetOff),
    entry(&["basically"], FillerRule::Between),
    entry(&["actually"], FillerRule::Between),
    entry(&["literally"], FillerRule::Between),
    entry(&["honestly"], FillerRule::Between),
    entry(&["so"], FillerRule::Between),
    entry(&["well"], FillerRule::Between),
    entry(&["right"], FillerRule::Between),
    entry(&["okay"], FillerRule::Between),
];

/// The Korean entries. 막 and 이제 are empty words in many spoken sentences, but mean "just" and "now"
/// in others.
const KOREAN: [FillerEntry; 25] = [
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
