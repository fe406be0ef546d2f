//! The speech recogniser: one phrase to words, by whisper.cpp. Its settings, and why they are so: `settings`.

mod settings;
mod style;

use std::path::Path;

use whisper_rs::{WhisperContext, WhisperContextParameters, WhisperError, WhisperState};

use super::confidence::{Evidence, is_implausible};
use super::words::words;
use super::{
    Cancellation, Pass, SAMPLE_RATE, SpeechLanguage, Transcriber, Transcript, TranscriptionRequest,
    VoiceError, model_file, repetition,
};
use crate::config::{self, StyleSample};
use crate::interview::Language;
use crate::machine;
use settings::{DecodeOptions, Settings, WHOLE_CONTEXT, context_for};

/// The shortest sound Whisper takes is 100 ms; anything shorter is filled up with silence to this many samples (1 s).
const SHORTEST: usize = SAMPLE_RATE as usize;

/// A loaded model.
pub struct Whisper {
    context: WhisperContext,
    state: WhisperState,
    /// To calculate with; `None`: as many as there are free cores.
    threads: Option<usize>,
    /// Whether it is one of the published models.
    published: bool,
    style_sample: StyleSample,
    settings: Settings,
}

impl Whisper {
    /// Loads the model at `path` and runs it once, so that the first words are not kept waiting; `published` is the size
    /// of the published model of that name, where one is known. Takes seconds: see [`super::TranscriberHandle`].
    ///
    /// Published models are shown a sample of the style to write in, as text before the sound is what they were trained
    /// with; another may take it for words that were said (the test model, which never saw any: 5.7 to 8.3 % of the words
    /// wrong instead of 3.9 %).
    pub fn load(path: &Path, published: Option<u64>) -> Result<Self, VoiceError> {
        // Before anything else of whisper.cpp: without it, it writes to the screen.
        whisper_rs::install_logging_hooks();
        let refused = |reason: String| VoiceError::Model {
            path: path.display().to_string(),
            reason,
        };
        model_file::check(path, published).map_err(refused)?;
        let context = WhisperContext::new_with_params(path, WhisperContextParameters::default())
            .map_err(|error| refused(format!("whisper.cpp does not accept it ({error})")))?;
        let state = context
            .create_state()
            .map_err(|error| refused(error.to_string()))?;
        let mut whisper = Self {
            context,
            state,
            threads: None,
            published: published.is_some(),
            style_sample: StyleSample::default(),
            settings: Settings::default(),
        };
        whisper
            .warm_up()
            .map_err(|error| refused(error.to_string()))?;
        Ok(whisper)
    }

    /// As it is set.
    #[must_use]
    pub fn with_settings(self, settings: &config::SpeechConfig) -> Self {
        self.with_threads(settings.threads)
            .with_style_sample(settings.style_sample)
    }

    /// With `threads` threads; 0: one a physical core that nobody else calculates on, as it is loaded. Threads spin while
    /// they wait for each other: one without a core of its own makes the others wait for the system to give it one, and
    /// a phrase that takes half a second takes half a minute.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        Self {
            threads: (threads > 0).then_some(threads),
            ..self
        }
    }

    /// Shown a sample of the style to write in whatever model it is, or none.
    #[must_use]
    pub fn with_style_sample(self, wanted: StyleSample) -> Self {
        Self {
            style_sample: wanted,
            ..self
        }
    }

    /// The number of threads it calculates with, at most.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(machine::cores)
    }

    fn threads_now(&self) -> usize {
        self.threads.unwrap_or_else(machine::free_cores)
    }

    /// The first run sizes whisper.cpp's buffers and takes the model's pages from the disk.
    fn warm_up(&mut self) -> Result<(), WhisperError> {
        let silence = vec![0.0; SHORTEST];
        let pass = DecodeOptions {
            language: Language::English,
            context: context_for(SHORTEST),
            again: false,
            styled: false,
        };
        let parameters = self
            .settings
            .run(pass, self.threads_now(), &Cancellation::default());
        self.state.full(parameters, &silence)
    }

    /// English or Korean, whichever the start of the sound is more like.
    fn detect(&mut self, samples: &[f32]) -> Result<Language, WhisperError> {
        if !self.context.is_multilingual() {
            return Ok(Language::English);
        }
        let threads = self.threads_now();
        self.state.pcm_to_mel(samples, threads)?;
        let (_, likelihood) = self.state.lang_detect(0, threads)?;
        let of = |language: Language| {
            whisper_rs::get_lang_id(language.code())
                .and_then(|id| likelihood.get(id as usize))
                .copied()
                .unwrap_or(0.0)
        };
        Ok(if of(Language::Korean) > of(Language::English) {
            Language::Korean
        } else {
            Language::English
        })
    }

    /// `length`: samples before the silence it was filled up with; no word is spoken after them.
    fn run(
        &mut self,
        samples: &[f32],
        length: usize,
        request: &TranscriptionRequest,
    ) -> Result<Transcript, WhisperError> {
        let language = match request.language {
            SpeechLanguage::Only(language) => language,
            SpeechLanguage::Auto => self.detect(samples)?,
        };
        let styled = self.style_sample.is_shown_to(self.published);
        let pass = DecodeOptions {
            language,
            context: context_for(length),
            again: false,
            styled,
        };
        let fast = self.pass(samples, length, pass, &request.cancellation)?;
        if request.pass == Pass::Draft || !fast.low_confidence {
            return Ok(fast);
        }
        tracing::debug!(context = pass.context, "a text in doubt is written again");
        let pass = DecodeOptions {
            context: WHOLE_CONTEXT,
            again: true,
            styled: false,
            ..pass
        };
        let careful = self.pass(samples, length, pass, &request.cancellation)?;
        Ok(believed(careful))
    }

    fn pass(
        &mut self,
        samples: &[f32],
        length: usize,
        pass: DecodeOptions,
        cancellation: &Cancellation,
    ) -> Result<Transcript, WhisperError> {
        self.state.full(
            self.settings.run(pass, self.threads_now(), cancellation),
            samples,
        )?;
        let seconds = length as f64 / f64::from(SAMPLE_RATE);
        let (tokens, mean_logprob) = self.tokens();
        let evidence = Evidence {
            mean_logprob,
            tokens: tokens.len(),
            seconds: seconds as f32,
        };
        let words = words(tokens);
        if pass.styled && style::is_echo(&words, pass.language) {
            return Ok(Transcript {
                language: Some(pass.language),
                low_confidence: true,
                ..Transcript::default()
            });
        }
        let low_confidence = is_implausible(&evidence) || repetition::is_repetitive(&words);
        Ok(Transcript {
            text: text_of(&words),
            words,
            language: Some(pass.language),
            voiced: Vec::new(),
            low_confidence,
        })
    }

    /// The text tokens and their mean log probability; everything from the end-of-text token on is a mark of Whisper's own.
    fn tokens(&self) -> (Vec<&[u8]>, f32) {
        let marks = self.context.token_eot();
        let (mut tokens, mut sum) = (Vec::new(), 0.0);
        for segment in self.state.as_iter() {
            for token in (0..segment.n_tokens()).filter_map(|index| segment.get_token(index)) {
                let data = token.token_data();
                if let (true, Ok(bytes)) = (data.id < marks, self.context.token_to_bytes(data.id)) {
                    tokens.push(bytes);
                    sum += data.plog;
                }
            }
        }
        let mean = if tokens.is_empty() {
            0.0
        } else {
            sum / tokens.len() as f32
        };
        (tokens, mean)
    }
}

fn text_of(words: &[crate::interview::Word]) -> String {
    words
        .iter()
        .map(|word| word.text.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// What is left of a text in doubt that was decoded with all care: what the model still repeats is cut, and what nobody
/// can have said is dropped.
fn believed(careful: Transcript) -> Transcript {
    let looped = repetition::is_repetitive(&careful.words);
    let words = if careful.low_confidence && !looped {
        Vec::new()
    } else {
        repetition::remove(careful.words)
    };
    Transcript {
        text: text_of(&words),
        words,
        ..careful
    }
}

impl Transcriber for Whisper {
    fn transcribe(
        &mut self,
        samples: &[f32],
        request: &TranscriptionRequest,
    ) -> Result<Transcript, VoiceError> {
        if request.language == SpeechLanguage::Only(Language::Korean)
            && !self.context.is_multilingual()
        {
            return Err(VoiceError::Transcription(
                "this speech model understands English only".into(),
            ));
        }
        if request.cancellation.is_cancelled() {
            return Err(VoiceError::Cancelled);
        }
        let outcome = if samples.len() < SHORTEST {
            let mut filled = samples.to_vec();
            filled.resize(SHORTEST, 0.0);
            self.run(&filled, samples.len(), request)
        } else {
            self.run(samples, samples.len(), request)
        };
        match outcome {
            // Whisper ends early with an error, or with the part it had.
            _ if request.cancellation.is_cancelled() => Err(VoiceError::Cancelled),
            outcome => outcome.map_err(|error| VoiceError::Transcription(error.to_string())),
        }
    }
}
