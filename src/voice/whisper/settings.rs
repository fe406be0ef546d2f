//! The parameters of whisper.cpp. They are those OpenAI's models were published with, as far as a
//! plain CPU allows:
//!
//! - Decoding is greedy at temperature 0. A beam of 5 takes 2.7 times as long for the same word
//!   error rate (test model, 30 clips: 11.7 s against 4.3 s, both 3.9 %), and the user is waiting.
//!   Only a text of low confidence is decoded again: with the whole context, and at higher
//!   temperatures (best of 5) if it repeats itself or is improbable.
//! - Blank output and non-speech tokens (brackets, notes, sound effects) are suppressed, as
//!   OpenAI's own program does, so annotations such as `[BLANK_AUDIO]` or "(music)" cannot appear.
//! - There is no text context: phrases are independent, and a mistake in one must not breed in the
//!   next. Where the [`style`] sample is wanted it precedes each phrase. If a phrase takes several
//!   windows, the later ones are prompted with the text so far as well.
//! - Timestamps are on, because they keep the text in step with the audio. Token times are off: see
//!   [`crate::voice::align`].
//! - The audio context is as long as the audio, but not below [`LEAST_CONTEXT`]: see
//!   [`context_for`].
//! - There are as many threads as physical cores that no other program uses (see
//!   [`crate::machine::free_cores`]). All cores are fastest on an idle machine and hopeless beside
//!   two busy programs (two cores, test model, the time from the end of a 10 s answer to its words:
//!   38 s with two threads, 0.7 s with this rule).
//! - Flash attention is off: on a CPU it takes longer (same clips: 8.0 s against 4.3 s).

use std::sync::{Arc, Mutex};

use whisper_rs::{FullParams, SamplingStrategy};

use super::style;
use crate::interview::Language;
use crate::sync::lock;
use crate::voice::{Cancellation, SAMPLE_RATE};

/// The length of the whole audio context, in positions of 20 ms: 30 s.
pub(super) const WHOLE_CONTEXT: usize = 1_500;
/// The shortest audio context. Published models were trained on whole windows and begin to repeat
/// themselves with less than about a third of one.
const LEAST_CONTEXT: usize = 512;
/// Positions beyond the end of the audio, so that the model hears it end.
const CONTEXT_MARGIN: usize = 32;

/// Tokens of text context for the style sample, a quarter of what Whisper has.
const SAMPLE_CONTEXT: i32 = 112;

/// The parameters for each language. They are prepared once, because preparing them leaks a little
/// memory in whisper-rs 0.16.
pub(super) struct Settings {
    plain: ByLanguage,
    styled: ByLanguage,
    /// The cancellation of the decoding that is running.
    current: Arc<Mutex<Cancellation>>,
}

struct ByLanguage {
    english: FullParams<'static, 'static>,
    korean: FullParams<'static, 'static>,
}

/// The options that may differ from one decoding to the next.
#[derive(Clone, Copy)]
pub(super) struct DecodeOptions {
    pub(super) language: Language,
    /// The audio context, in positions.
    pub(super) context: usize,
    /// Tries higher temperatures if the text repeats itself or is improbable.
    pub(super) retry: bool,
    /// Puts the style sample before the audio.
    pub(super) styled: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let current = Arc::<Mutex<Cancellation>>::default();
        let plain = ByLanguage::new(|language| prepared(language, &current));
        let styled = ByLanguage::new(|language| {
            with_prompt(style::sample(language), prepared(language, &current))
        });
        Self {
            plain,
            styled,
            current,
        }
    }
}

impl Settings {
    /// Returns the parameters of one decoding, which `cancellation` ends early.
    pub(super) fn parameters(
        &self,
        options: DecodeOptions,
        threads: usize,
        cancellation: &Cancellation,
    ) -> FullParams<'static, 'static> {
        *lock(&self.current) = cancellation.clone();
        let prepared = if options.styled {
            &self.styled
        } else {
            &self.plain
        };
        let mut parameters = match options.language {
            Language::English => prepared.english.clone(),
            Language::Korean => prepared.korean.clone(),
        };
        parameters.set_n_threads(i32::try_from(threads).unwrap_or(1));
        // whisper.cpp takes 0 for the whole context.
        let context = match options.context {
            WHOLE_CONTEXT.. => 0,
            positions => i32::try_from(positions).unwrap_or(0),
        };
        parameters.set_audio_ctx(context);
        if !options.retry {
            parameters.set_temperature_inc(0.0);
        }
        parameters
    }
}

impl ByLanguage {
    fn new(prepare: impl Fn(Language) -> FullParams<'static, 'static>) -> Self {
        Self {
            english: prepare(Language::English),
            korean: prepare(Language::Korean),
        }
    }
}

fn with_prompt(
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
    // whisper-rs 0.16 reads the user data of the callback as the type given here, which is right
    // for this type only.
    let is_cancelled: Box<dyn FnMut() -> bool> = Box::new(move || lock(&current).is_cancelled());
    parameters.set_abort_callback_safe(is_cancelled);
    parameters
}

/// Returns the audio context for `samples` of audio, in positions of 20 ms.
///
/// Whisper's cost grows with its context however short the audio is (`base`, two cores, a clip of
/// 3.4 s: 1,564 ms with the whole context, 189 ms with 256 positions; test model, 30 clips of one
/// to three sentences: 14.7 s with the whole context, 4.3 s with this rule, the same words).
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
    fn the_context_is_as_long_as_the_audio(#[case] seconds: f64, #[case] positions: usize) {
        assert_eq!(
            context_for((seconds * f64::from(SAMPLE_RATE)) as usize),
            positions
        );
    }
}
