//! Which model suits a language and a machine: a rule from measurements.
//!
//! What a model costs depends on its shape and its kind of numbers alone, so models of the published shapes were measured:
//! one phrase of 5 s decoded by whisper.cpp 1.8.3 with the whole audio context (30 s, the encoder's worst case) into 20
//! words, on an AMD EPYC of 2023 with AVX-512, the best of four runs. Resident memory is that of a program which does no
//! more than that.
//!
//! | model | seconds, 1 core | seconds, 2 cores | resident, MB |
//! |---|---|---|---|
//! | tiny | 1.7 | – | 218 |
//! | tiny-q8_0 | 1.4 | 0.8 | 185 |
//! | tiny-q5_1 | 1.7 | 0.9 | 174 |
//! | base | 3.8 | 2.0 | 334 |
//! | base-q8_0 | 3.0 | 1.8 | 269 |
//! | base-q5_1 | 3.6 | 2.0 | 247 |
//! | small | 14.4 | 7.4 | 783 |
//! | small-q8_0 | 10.4 | 5.6 | 565 |
//! | small-q5_1 | 12.9 | 7.1 | 492 |
//!
//! A short phrase takes about a third of that, since the recogniser cuts the context to the sound and takes the whole only
//! when the text is in doubt; the rule is made for that case.
//!
//! So tiny : base : small is as 1 : 2.2 : 8.3, a second core makes it 1.9 times as fast, and 8-bit numbers make it a
//! quarter faster in three quarters of the memory; 5-bit ones save more memory and hardly any time. English models cost
//! the same as those for many languages.
//!
//! The rule: of the models that hear the language well enough, the best one that writes such a phrase down in
//! [`LONGEST_WAIT`] (phrases come while one talks: it must not fall behind) and that takes at most half of the memory.
//! Where none is fast enough, the fastest that fits; where none fits, the smallest. `base` is clearly worse than `small`
//! in Korean, so nothing below `small` is recommended for it; larger ones than `small` take minutes on a plain CPU.

use rust_i18n::t;

use super::format::megabytes;
use super::{Model, published};
use crate::interview::Language;
use crate::machine::Machine;

/// Seconds that a phrase of 5 s may take, so that a third of the time is left for everything else.
const LONGEST_WAIT: f64 = 3.5;

/// What a second core brought; so much is assumed of each further one.
const OF_A_CORE: f64 = 0.9;

/// The encoder's work is not assumed to spread over more.
const MOST_CORES: usize = 8;

/// A candidate: its name, seconds on one core and resident bytes (see the top of this file).
struct Cost(&'static str, f64, u64);

/// For English, the best first.
const ENGLISH: [Cost; 7] = [
    Cost("small.en", 14.4, 783_000_000),
    Cost("small.en-q8_0", 10.4, 565_000_000),
    Cost("base.en", 3.8, 334_000_000),
    Cost("base.en-q8_0", 3.0, 269_000_000),
    Cost("base.en-q5_1", 3.6, 247_000_000),
    Cost("tiny.en-q8_0", 1.4, 185_000_000),
    Cost("tiny.en-q5_1", 1.7, 174_000_000),
];

/// For Korean, and for both.
const KOREAN: [Cost; 3] = [
    Cost("small", 14.4, 783_000_000),
    Cost("small-q8_0", 10.4, 565_000_000),
    Cost("small-q5_1", 12.9, 492_000_000),
];

/// A recommended model, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// Which.
    pub model: Model,
    machine: Machine,
    /// Seconds that a phrase of 5 s takes at most.
    seconds: f64,
    needs_korean: bool,
    /// A better one, and why it was not taken.
    better: Option<(&'static str, Against)>,
}

/// Why a better model was not taken.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Against {
    /// It would take so many seconds.
    Slow(f64),
    /// It would take more than half of the memory.
    Large,
}

impl Cost {
    fn seconds(&self, machine: Machine) -> f64 {
        let more = machine.cores.clamp(1, MOST_CORES) - 1;
        self.1 / (1.0 + OF_A_CORE * more as f64)
    }

    fn fits(&self, machine: Machine) -> bool {
        machine.memory.is_none_or(|memory| self.2 <= memory / 2)
    }

    fn against(&self, machine: Machine) -> Option<Against> {
        let seconds = self.seconds(machine);
        if self.fits(machine) {
            (seconds > LONGEST_WAIT).then_some(Against::Slow(seconds))
        } else {
            Some(Against::Large)
        }
    }
}

/// The model for this language (`None`: it is detected, so both have to be heard) and machine.
pub fn recommended(language: Option<Language>, machine: Machine) -> Recommendation {
    let needs_korean = language != Some(Language::English);
    let candidates: &[Cost] = if needs_korean { &KOREAN } else { &ENGLISH };
    let chosen = chosen(candidates, machine);
    let cost = &candidates[chosen];
    let better = candidates[..chosen]
        .last()
        .and_then(|better| Some((better.0, better.against(machine)?)));
    let model = published(cost.0).expect("a test finds every candidate in the catalogue");
    Recommendation {
        model,
        machine,
        seconds: cost.seconds(machine),
        needs_korean,
        better,
    }
}

/// Which of the candidates it is.
fn chosen(candidates: &[Cost], machine: Machine) -> usize {
    let good = candidates
        .iter()
        .position(|cost| cost.against(machine).is_none());
    let fitting = candidates
        .iter()
        .enumerate()
        .filter(|(_, cost)| cost.fits(machine));
    let fastest = fitting
        .min_by(|(_, one), (_, other)| one.1.total_cmp(&other.1))
        .map(|(index, _)| index);
    good.or(fastest).unwrap_or(candidates.len() - 1)
}

impl Recommendation {
    /// Returns the reason for the choice in one short sentence: "base.en: a good fit for …".
    pub fn reason(&self, language: Language) -> String {
        let locale = language.code();
        let name = &self.model.name;
        let seconds = tenths(self.seconds);
        let key = if self.needs_korean {
            "models.choice.korean"
        } else {
            "models.choice.english"
        };
        t!(key, locale = locale, name = name, seconds = seconds).into_owned()
    }

    /// The same, and why not the next better one.
    pub fn describe(&self, language: Language) -> String {
        let (locale, because) = (language.code(), self.reason(language));
        let memory = self.machine.memory.map(megabytes).unwrap_or_default();
        let otherwise = match self.better {
            Some((better, Against::Slow(seconds))) => {
                t!(
                    "models.choice.slow",
                    locale = locale,
                    better = better,
                    seconds = tenths(seconds)
                )
            }
            Some((better, Against::Large)) => {
                t!(
                    "models.choice.large",
                    locale = locale,
                    better = better,
                    memory = memory
                )
            }
            None => return format!("{because}."),
        };
        format!("{because}; {otherwise}.")
    }
}

fn tenths(seconds: f64) -> String {
    format!("{seconds:.1}")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ENGLISH_ONLY: Option<Language> = Some(Language::English);
    const KOREAN_ONLY: Option<Language> = Some(Language::Korean);
    const GB: u64 = 1_000_000_000;

    fn machine(cores: usize, memory: Option<u64>) -> Machine {
        Machine { cores, memory }
    }

    #[test]
    fn every_candidate_is_published_and_hears_what_it_is_recommended_for() {
        let hears =
            |cost: &Cost, language| published(cost.0).is_some_and(|model| model.supports(language));
        assert!(ENGLISH.iter().all(|cost| hears(cost, Language::English)));
        assert!(
            KOREAN
                .iter()
                .all(|cost| hears(cost, Language::Korean) && cost.0.starts_with("small"))
        );
    }

    #[rstest]
    #[case::two_cores(ENGLISH_ONLY, machine(2, Some(8 * GB)), "base.en")]
    #[case::one_core(ENGLISH_ONLY, machine(1, Some(2 * GB)), "base.en-q8_0")]
    #[case::little_memory(ENGLISH_ONLY, machine(2, Some(GB / 2)), "base.en-q5_1")]
    #[case::hardly_any_memory(ENGLISH_ONLY, machine(1, Some(GB / 4)), "tiny.en-q5_1")]
    #[case::four_cores(ENGLISH_ONLY, machine(4, Some(8 * GB)), "small.en-q8_0")]
    #[case::many_cores(ENGLISH_ONLY, machine(16, None), "small.en")]
    #[case::korean_on_two_cores(KOREAN_ONLY, machine(2, Some(8 * GB)), "small-q8_0")]
    #[case::korean_on_many_cores(KOREAN_ONLY, machine(6, Some(16 * GB)), "small")]
    #[case::korean_in_little_memory(KOREAN_ONLY, machine(8, Some(GB)), "small-q5_1")]
    #[case::either_language(None, machine(2, Some(8 * GB)), "small-q8_0")]
    fn the_best_that_is_fast_enough_and_fits(
        #[case] language: Option<Language>,
        #[case] machine: Machine,
        #[case] name: &str,
    ) {
        assert_eq!(recommended(language, machine).model.name, name);
    }

    #[rstest]
    #[case(
        ENGLISH_ONLY,
        machine(2, Some(8 * GB)),
        "base.en: a good fit for English on this computer (transcribes 5 s of speech in 2.0 s); small.en-q8_0 would take 5.5 s."
    )]
    #[case(
        KOREAN_ONLY,
        machine(2, Some(GB)),
        "small-q5_1: a good fit for Korean on this computer (transcribes 5 s of speech in 6.8 s); \
         small-q8_0 would take more than half of the 1000 MB of memory."
    )]
    #[case(
        KOREAN_ONLY,
        machine(8, None),
        "small: a good fit for Korean on this computer (transcribes 5 s of speech in 2.0 s)."
    )]
    fn the_reason_is_told(
        #[case] language: Option<Language>,
        #[case] machine: Machine,
        #[case] words: &str,
    ) {
        let choice = recommended(language, machine);
        assert_eq!(choice.describe(Language::English), words);
        assert!(
            choice
                .describe(Language::Korean)
                .starts_with(&choice.model.name)
        );
    }
}
