//! Recommends a model for a language and a machine, by a rule based on measurements.
//!
//! The cost of a model depends only on its shape and number format, so models of the published
//! shapes were measured: one phrase of 5 s decoded by whisper.cpp 1.8.3 with the whole audio
//! context (30 s, the encoder's worst case) into 20 words, on an AMD EPYC of 2023 with AVX-512, the
//! best of four runs. Resident memory is that of a program that does nothing else.
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
//! A short phrase takes about a third of that: the recogniser cuts the context to the length of the
//! audio, and uses the whole context only when the text is in doubt. The rule covers that case.
//!
//! The measurements put tiny : base : small at 1 : 2.2 : 8.3. A second core makes decoding 1.9
//! times as fast. 8-bit numbers make it a quarter faster in three quarters of the memory; 5-bit
//! numbers save more memory and hardly any time. English models cost as much as multilingual ones.
//!
//! The rule takes the best model that recognises the language well enough, transcribes such a
//! phrase within [`LONGEST_WAIT`] (phrases arrive during speech, and it must not fall behind) and
//! uses at most half of the memory. If none is fast enough, it takes the fastest that fits; if none
//! fits, the smallest. `base` is clearly worse than `small` in Korean, so nothing below `small` is
//! recommended for Korean. Models larger than `small` take minutes on a plain CPU.

use rust_i18n::t;

use super::format::megabytes;
use super::{Model, published};
use crate::interview::Language;
use crate::machine::Machine;

/// The seconds a phrase of 5 s may take, which leaves a third of the time for everything else.
const LONGEST_WAIT: f64 = 3.5;

/// The gain measured for a second core, which is assumed for each further core.
const GAIN_PER_CORE: f64 = 0.9;

/// The cores that the encoder is assumed to use at most.
const MOST_CORES: usize = 8;

/// A candidate: its name, seconds on one core and resident bytes, as measured in the module
/// description.
struct ModelCost {
    name: &'static str,
    seconds_on_one_core: f64,
    resident_bytes: u64,
}

const fn cost(name: &'static str, seconds_on_one_core: f64, resident_bytes: u64) -> ModelCost {
    ModelCost {
        name,
        seconds_on_one_core,
        resident_bytes,
    }
}

/// The candidates for English, best first.
const ENGLISH: [ModelCost; 7] = [
    cost("small.en", 14.4, 783_000_000),
    cost("small.en-q8_0", 10.4, 565_000_000),
    cost("base.en", 3.8, 334_000_000),
    cost("base.en-q8_0", 3.0, 269_000_000),
    cost("base.en-q5_1", 3.6, 247_000_000),
    cost("tiny.en-q8_0", 1.4, 185_000_000),
    cost("tiny.en-q5_1", 1.7, 174_000_000),
];

/// The candidates for Korean and for both languages, best first.
const KOREAN: [ModelCost; 3] = [
    cost("small", 14.4, 783_000_000),
    cost("small-q8_0", 10.4, 565_000_000),
    cost("small-q5_1", 12.9, 492_000_000),
];

/// A recommended model with the reason for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    pub model: Model,
    machine: Machine,
    /// The most seconds that a phrase of 5 s takes.
    seconds: f64,
    needs_korean: bool,
    /// The next better model and the reason against it.
    better: Option<(&'static str, Drawback)>,
}

/// The reason against a better model.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Drawback {
    /// It would take this many seconds.
    Slow(f64),
    /// It would take more than half of the memory.
    Large,
}

impl ModelCost {
    fn seconds(&self, machine: Machine) -> f64 {
        let more = machine.cores.clamp(1, MOST_CORES) - 1;
        self.seconds_on_one_core / (1.0 + GAIN_PER_CORE * more as f64)
    }

    fn fits(&self, machine: Machine) -> bool {
        machine
            .memory
            .is_none_or(|memory| self.resident_bytes <= memory / 2)
    }

    fn drawback(&self, machine: Machine) -> Option<Drawback> {
        let seconds = self.seconds(machine);
        if self.fits(machine) {
            (seconds > LONGEST_WAIT).then_some(Drawback::Slow(seconds))
        } else {
            Some(Drawback::Large)
        }
    }
}

/// Returns the model for this machine and language; `None` stands for detection, which needs both
/// languages.
pub fn recommended(language: Option<Language>, machine: Machine) -> Recommendation {
    let needs_korean = language != Some(Language::English);
    let candidates: &[ModelCost] = if needs_korean { &KOREAN } else { &ENGLISH };
    let recommended_index = recommended_index(candidates, machine);
    let cost = &candidates[recommended_index];
    let better = candidates[..recommended_index]
        .last()
        .and_then(|better| Some((better.name, better.drawback(machine)?)));
    let model = published(cost.name).expect("a test finds every candidate in the catalogue");
    Recommendation {
        model,
        machine,
        seconds: cost.seconds(machine),
        needs_korean,
        better,
    }
}

/// Returns the index of the recommended candidate.
fn recommended_index(candidates: &[ModelCost], machine: Machine) -> usize {
    let good = candidates
        .iter()
        .position(|cost| cost.drawback(machine).is_none());
    let fitting = candidates
        .iter()
        .enumerate()
        .filter(|(_, cost)| cost.fits(machine));
    let fastest = fitting
        .min_by(|(_, one), (_, other)| {
            one.seconds_on_one_core
                .total_cmp(&other.seconds_on_one_core)
        })
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

    /// Returns the reason for the choice, and the reason against the next better model.
    pub fn describe(&self, language: Language) -> String {
        let locale = language.code();
        let because = self.reason(language);
        let memory = self.machine.memory.map(megabytes).unwrap_or_default();
        let otherwise = match self.better {
            Some((better, Drawback::Slow(seconds))) => {
                t!(
                    "models.choice.slow",
                    locale = locale,
                    better = better,
                    seconds = tenths(seconds)
                )
            }
            Some((better, Drawback::Large)) => {
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
    fn every_candidate_is_published_and_supports_its_language() {
        let supports = |cost: &ModelCost, language| {
            published(cost.name).is_some_and(|model| model.supports(language))
        };
        assert!(ENGLISH.iter().all(|cost| supports(cost, Language::English)));
        assert!(
            KOREAN
                .iter()
                .all(|cost| supports(cost, Language::Korean) && cost.name.starts_with("small"))
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
    fn the_best_model_that_is_fast_enough_and_fits_is_recommended(
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
    fn the_reason_is_described(
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
