//! How whisper.cpp is run. The settings are those OpenAI's models were published with, as far as a plain CPU allows:
//!
//! - Greedy at temperature 0. A beam of 5 takes 2.7 times as long for the same word error rate (test model, 30 clips:
//!   11.7 s against 4.3 s, both 3.9 %), and somebody is waiting. Only a text that is in doubt is decoded again: with the whole context, and at
//!   higher temperatures (best of 5) if it repeats itself or is improbable.
//! - Blank answers and non-speech tokens (brackets, notes, sound effects) are suppressed, as OpenAI's own program does:
//!   annotations such as `[BLANK_AUDIO]` or "(music)" cannot be written at all.
//! - No text context: phrases are independent, and a mistake in one must not breed in the next. Where the [`style`] sample is
//!   wanted it is shown before each phrase; if one takes several windows, its later ones are shown what was written too.
//! - Timestamps are on: text stays in step with the sound.
//! - An audio context as long as the sound, but not below [`LEAST_CONTEXT`]: see [`context_for`].
//! - As many threads as there are physical cores nobody else calculates on (see [`crate::machine::free_cores`]). All cores
//!   are fastest at rest, and hopeless beside two busy programs (two cores, test model, an answer of 10 s after the release:
//!   38 s with two threads, 0.7 s with this rule).
//! - No flash attention: on a CPU it takes longer (same clips: 8.0 s against 4.3 s).

use std::sync::{Arc, Mutex};

use whisper_rs::{FullParams, SamplingStrategy};

use super::style;
use crate::interview::Language;
use crate::sync::lock;
use crate::voice::{Cancellation, SAMPLE_RATE};

/// Positions of the whole audio context, 20 ms each: 30 s.
pub(super) const WHOLE_CONTEXT: usize = 1_500;
/// Published models were trained on whole windows: with less than about a third of one they begin to repeat themselves.
const LEAST_CONTEXT: usize = 512;
/// Positions beyond the end of the sound, so that the model hears it end.
const CONTEXT_MARGIN: usize = 32;

/// Tokens of text context: room for the style sample, a quarter of what Whisper has.
const SAMPLE_CONTEXT: i32 = 112;

/// Parameters prepared once for each language: preparing them leaks a little memory in whisper-rs (0.16).
pub(super) struct Settings {
    plain: Prepared,
    styled: Prepared,
    current: Arc<Mutex<Cancellation>>,
}

struct Prepared {
    english: FullParams<'static, 'static>,
    korean: FullParams<'static, 'static>,
}

/// How one run goes over the sound.
#[derive(Clone, Copy)]
pub(super) struct DecodeOptions {
    pub(super) language: Language,
    /// In positions.
    pub(super) context: usize,
    /// Whether higher temperatures may be tried.
    pub(super) again: bool,
    /// Whether the style sample is shown.
    pub(super) styled: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let current = Arc::<Mutex<Cancellation>>::default();
        let plain = Prepared::with(|language| prepared(language, &current));
        let styled =
            Prepared::with(|language| shown(style::sample(language), prepared(language, &current)));
        Self {
            plain,
            styled,
            current,
        }
    }
}

impl Settings {
    /// For one run, which `cancellation` ends early.
    pub(super) fn run(
        &self,
        pass: DecodeOptions,
        threads: usize,
        cancellation: &Cancellation,
    ) -> FullParams<'static, 'static> {
        let DecodeOptions {
            language,
            context,
            again,
            styled,
        } = pass;
        *lock(&self.current) = cancellation.clone();
        let prepared = if styled { &self.styled } else { &self.plain };
        let mut parameters = match language {
            Language::English => prepared.english.clone(),
            Language::Korean => prepared.korean.clone(),
        };
        parameters.set_n_threads(i32::try_from(threads).unwrap_or(1));
        parameters.set_audio_ctx(if context < WHOLE_CONTEXT {
            i32::try_from(context).unwrap_or(0)
        } else {
            0
        });
        if !again {
            parameters.set_temperature_inc(0.0);
        }
        parameters
    }
}

impl Prepared {
    fn with(prepare: impl Fn(Language) -> FullParams<'static, 'static>) -> Self {
        Self {
            english: prepare(Language::English),
            korean: prepare(Language::Korean),
        }
    }
}

fn shown(
    sample: &str,
    mut parameters: FullParams<'static, 'static>,
) -> FullParams<'static, 'static> {
    parameters.set_n_max_text_ctx(SAMPLE_CONTEXT);
    parameters.set_initial_prompt(sample);
    parameters
}

fn prepared(
    language: Language,
    current: &Arc<Mutex<Cancellation>>,
) -> FullParams<'static, 'static> {
    let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 5 });
    parameters.set_language(Some(language.code()));
    parameters.set_no_context(true);
    parameters.set_n_max_text_ctx(0);
    parameters.set_suppress_blank(true);
    parameters.set_suppress_nst(true);
    parameters.set_print_progress(false);
    parameters.set_print_realtime(false);
    parameters.set_print_special(false);
    parameters.set_print_timestamps(false);
    let current = current.clone();
    // whisper-rs reads its user data as the type given here, and is right about it only for this one.
    let is_cancelled: Box<dyn FnMut() -> bool> = Box::new(move || lock(&current).is_cancelled());
    parameters.set_abort_callback_safe(is_cancelled);
    parameters
}

/// The audio context for `samples` of sound, in positions of 20 ms: Whisper pays for the whole of its context however
/// short the sound is (base, two cores, a clip of 3.4 s: 1,564 ms with the whole, 189 ms with 256 positions; test model,
/// 30 clips of one to three sentences: 14.7 s with the whole, 4.3 s with this rule, the same words).
pub(super) fn context_for(samples: usize) -> usize {
    let positions = samples.div_ceil(SAMPLE_RATE as usize / 50);
    (positions + CONTEXT_MARGIN)
        .max(LEAST_CONTEXT)
        .next_multiple_of(64)
        .min(WHOLE_CONTEXT)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_word(0.5, 512)]
    #[case::a_sentence(9.5, 512)]
    #[case::longer(12.0, 640)]
    #[case::all_of_it(29.9, 1_500)]
    fn the_context_is_as_long_as_the_sound(#[case] seconds: f64, #[case] positions: usize) {
        assert_eq!(
            context_for((seconds * f64::from(SAMPLE_RATE)) as usize),
            positions
        );
    }
}
