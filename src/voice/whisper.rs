//! The speech recogniser, which turns one phrase into words with whisper.cpp. The module `settings`
//! explains the parameters.

mod settings;
mod style;

use std::path::Path;

use whisper_rs::{WhisperContext, WhisperContextParameters, WhisperError, WhisperState};

use super::confidence::{DecoderStatistics, is_implausible};
use super::words::words;
use super::{
    Cancellation, Pass, SAMPLE_RATE, SpeechLanguage, Transcriber, Transcript, TranscriptionRequest,
    VoiceError, model_file, repetition,
};
use crate::config::{self, StyleSample};
use crate::interview::Language;
use crate::machine;
use settings::{DecodeOptions, Settings, WHOLE_CONTEXT, context_for};

/// Whisper takes no audio shorter than 100 ms, so anything below this length (1 s) is padded with
/// silence.
const SHORTEST: usize = SAMPLE_RATE as usize;

/// A loaded Whisper model.
pub struct Whisper {
    context: WhisperContext,
    state: WhisperState,
    /// The number of threads; `None` stands for as many as there are free cores.
    threads: Option<usize>,
    /// True for one of the published models.
    published: bool,
    style_sample: StyleSample,
    settings: Settings,
}

impl Whisper {
    /// Loads the model at `path` and runs it once, so that the first words do not have to wait.
    ///
    /// `published` is the size of the published model of that name, where one is known. Loading
    /// takes seconds: see [`super::TranscriberHandle`].
    ///
    /// Published models get a style sample, because they were trained with text before the audio.
    /// Another model may take the sample for words that were said: the test model, which never saw
    /// any, then gets 5.7 to 8.3 % of the words wrong instead of 3.9 %.
    pub fn load(path: &Path, published: Option<u64>) -> Result<Self, VoiceError> {
        // Without these hooks whisper.cpp writes to the screen.
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

    /// Applies the user's settings.
    #[must_use]
    pub fn with_settings(self, settings: &config::SpeechConfig) -> Self {
        self.with_threads(settings.threads)
            .with_style_sample(settings.style_sample)
    }

    /// Sets the number of threads; 0 stands for one for each physical core that no other program
    /// uses.
    ///
    /// Threads spin while they wait for each other. One without a core of its own makes the others
    /// wait until the system gives it one, and a phrase that takes half a second then takes half a
    /// minute.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        Self {
            threads: (threads > 0).then_some(threads),
            ..self
        }
    }

    /// Sets whether the style sample precedes the audio.
    #[must_use]
    pub fn with_style_sample(self, wanted: StyleSample) -> Self {
        Self {
            style_sample: wanted,
            ..self
        }
    }

    /// Returns the largest number of threads that the model uses.
    pub fn threads(&self) -> usize {
        self.threads.unwrap_or_else(machine::cores)
    }

    fn threads_now(&self) -> usize {
        self.threads.unwrap_or_else(machine::free_cores)
    }

    /// Decodes silence: the first run allocates whisper.cpp's buffers and reads the model's pages
    /// from disk.
    fn warm_up(&mut self) -> Result<(), WhisperError> {
        let silence = vec![0.0; SHORTEST];
        let options = DecodeOptions {
            language: Language::English,
            context: context_for(SHORTEST),
            retry: false,
            styled: false,
        };
        let parameters =
            self.settings
                .parameters(options, self.threads_now(), &Cancellation::default());
        self.state.full(parameters, &silence)
    }

    /// Returns English or Korean, whichever the start of the audio resembles more.
    fn detect(&mut self, samples: &[f32]) -> Result<Language, WhisperError> {
        if !self.context.is_multilingual() {
            return Ok(Language::English);
        }
        let threads = self.threads_now();
        self.state.pcm_to_mel(samples, threads)?;
        let (_, probabilities) = self.state.lang_detect(0, threads)?;
        let probability = |language: Language| {
            whisper_rs::get_lang_id(language.code())
                .and_then(|id| probabilities.get(id as usize))
                .copied()
                .unwrap_or(0.0)
        };
        let is_korean = probability(Language::Korean) > probability(Language::English);
        Ok(if is_korean {
            Language::Korean
        } else {
            Language::English
        })
    }

    /// Transcribes `samples`, of which those after the first `length` are padding.
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
        let options = DecodeOptions {
            language,
            context: context_for(length),
            retry: false,
            styled,
        };
        let first = self.decode(samples, length, options, &request.cancellation)?;
        if request.pass == Pass::Draft || !first.low_confidence {
            return Ok(first);
        }
        tracing::debug!(
            context = options.context,
            "decoding again after low confidence"
        );
        let options = DecodeOptions {
            context: WHOLE_CONTEXT,
            retry: true,
            styled: false,
            ..options
        };
        let second = self.decode(samples, length, options, &request.cancellation)?;
        Ok(without_invented_words(second))
    }

    fn decode(
        &mut self,
        samples: &[f32],
        length: usize,
        options: DecodeOptions,
        cancellation: &Cancellation,
    ) -> Result<Transcript, WhisperError> {
        self.state.full(
            self.settings
                .parameters(options, self.threads_now(), cancellation),
            samples,
        )?;
        let seconds = length as f64 / f64::from(SAMPLE_RATE);
        let (tokens, mean_logprob) = self.tokens();
        let statistics = DecoderStatistics {
            mean_logprob,
            tokens: tokens.len(),
            seconds: seconds as f32,
        };
        let words = words(tokens);
        if options.styled && style::is_echo(&words, options.language) {
            return Ok(Transcript {
                language: Some(options.language),
                low_confidence: true,
                ..Transcript::default()
            });
        }
        let low_confidence = is_implausible(&statistics) || repetition::is_repetitive(&words);
        Ok(Transcript {
            text: text_of(&words),
            words,
            language: Some(options.language),
            voiced: Vec::new(),
            low_confidence,
        })
    }

    /// Returns the text tokens and their mean log probability. Tokens from the end-of-text token on
    /// are Whisper's own marks.
    fn tokens(&self) -> (Vec<&[u8]>, f32) {
        let marks = self.context.token_eot();
        let mut tokens = Vec::new();
        let mut sum = 0.0;
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

/// Returns what is left of a text whose confidence stayed low: repetitions are removed, and words
/// that nobody can have said are dropped.
fn without_invented_words(transcript: Transcript) -> Transcript {
    let repetitive = repetition::is_repetitive(&transcript.words);
    let words = if transcript.low_confidence && !repetitive {
        Vec::new()
    } else {
        repetition::remove(transcript.words)
    };
    Transcript {
        text: text_of(&words),
        words,
        ..transcript
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
            // A cancelled run ends with an error, or with the words it had so far.
            _ if request.cancellation.is_cancelled() => Err(VoiceError::Cancelled),
            outcome => outcome.map_err(|error| VoiceError::Transcription(error.to_string())),
        }
    }
}
