//! The speech recogniser: one phrase to words, by whisper.cpp.
//!
//! The settings are those OpenAI's models were published with, as far as a plain CPU allows:
//! - Greedy at temperature 0, with the fallback to higher temperatures (best of 5) when the text repeats itself or is
//!   improbable. A beam of 5 decodes several times slower for a small gain, and somebody is waiting.
//! - Blank answers and non-speech tokens (brackets, notes, sound effects) are suppressed, as OpenAI's own program does:
//!   annotations such as `[BLANK_AUDIO]` or "(music)" cannot be written at all.
//! - No text context: phrases are independent, and a mistake in one must not breed in the next.
//! - Timestamps are on: words get their times from them, and text stays in step with the sound.
//! - The whole audio context: a reduced one is faster, but makes some models repeat themselves.

use std::path::Path;

use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperError, WhisperState};

use super::words::{Token, words};
use super::{SAMPLE_RATE, SpeechLanguage, Transcriber, Transcript, VoiceError, model_file};
use crate::interview::Language;
use crate::machine;

/// The shortest sound Whisper takes is 100 ms; anything shorter is filled up with silence to this many samples (1 s).
const SHORTEST: usize = SAMPLE_RATE as usize;

/// A loaded model.
pub struct Whisper {
    context: WhisperContext,
    state: WhisperState,
    threads: usize,
}

impl Whisper {
    /// Loads the model at `path`; `published` is the size of the published model of that name, where one is known.
    /// Takes seconds: see [`super::TranscriberHandle`].
    pub fn load(path: &Path, published: Option<u64>) -> Result<Self, VoiceError> {
        // Before anything else of whisper.cpp: without it, it writes to the screen.
        whisper_rs::install_logging_hooks();
        let refused = |reason: String| VoiceError::Model { path: path.display().to_string(), reason };
        model_file::check(path, published).map_err(refused)?;
        let context = WhisperContext::new_with_params(path, WhisperContextParameters::default())
            .map_err(|error| refused(format!("whisper.cpp does not accept it ({error})")))?;
        let state = context.create_state().map_err(|error| refused(error.to_string()))?;
        Ok(Self { context, state, threads: machine::cores() })
    }

    /// English or Korean, whichever the start of the sound is more like.
    fn detect(&mut self, samples: &[f32]) -> Result<Language, WhisperError> {
        if !self.context.is_multilingual() {
            return Ok(Language::English);
        }
        self.state.pcm_to_mel(samples, self.threads)?;
        let (_, likelihood) = self.state.lang_detect(0, self.threads)?;
        let of = |language: Language| {
            whisper_rs::get_lang_id(language.code()).and_then(|id| likelihood.get(id as usize)).copied().unwrap_or(0.0)
        };
        Ok(if of(Language::Korean) > of(Language::English) { Language::Korean } else { Language::English })
    }

    /// `length`: samples before the silence it was filled up with; no word is spoken after them.
    fn run(&mut self, samples: &[f32], length: usize, language: SpeechLanguage) -> Result<Transcript, WhisperError> {
        let language = match language {
            SpeechLanguage::Only(language) => language,
            SpeechLanguage::Auto => self.detect(samples)?,
        };
        self.state.full(parameters(language, self.threads), samples)?;
        let words = words(self.tokens(), length as f64 / f64::from(SAMPLE_RATE));
        let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        Ok(Transcript { text, words, language: Some(language) })
    }

    /// The text tokens; everything from the end-of-text token on is a mark of Whisper's own.
    fn tokens(&self) -> Vec<Token<'_>> {
        let marks = self.context.token_eot();
        let mut tokens = Vec::new();
        for segment in self.state.as_iter() {
            for token in (0..segment.n_tokens()).filter_map(|index| segment.get_token(index)) {
                let data = token.token_data();
                if let (true, Ok(bytes)) = (data.id < marks, self.context.token_to_bytes(data.id)) {
                    tokens.push(Token { bytes, start: data.t0 as f64 / 100.0, end: data.t1 as f64 / 100.0 });
                }
            }
        }
        tokens
    }
}

impl Transcriber for Whisper {
    fn transcribe(&mut self, samples: &[f32], language: SpeechLanguage) -> Result<Transcript, VoiceError> {
        if language == SpeechLanguage::Only(Language::Korean) && !self.context.is_multilingual() {
            return Err(VoiceError::Transcription("this speech model understands English only".into()));
        }
        let outcome = if samples.len() < SHORTEST {
            let mut filled = samples.to_vec();
            filled.resize(SHORTEST, 0.0);
            self.run(&filled, samples.len(), language)
        } else {
            self.run(samples, samples.len(), language)
        };
        outcome.map_err(|error| VoiceError::Transcription(error.to_string()))
    }
}

/// See the top of this file.
fn parameters(language: Language, threads: usize) -> FullParams<'static, 'static> {
    let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 5 });
    parameters.set_language(Some(language.code()));
    parameters.set_n_threads(i32::try_from(threads).unwrap_or(1));
    parameters.set_no_context(true);
    parameters.set_n_max_text_ctx(0);
    parameters.set_suppress_blank(true);
    parameters.set_suppress_nst(true);
    parameters.set_token_timestamps(true);
    parameters.set_print_progress(false);
    parameters.set_print_realtime(false);
    parameters.set_print_special(false);
    parameters.set_print_timestamps(false);
    parameters
}
