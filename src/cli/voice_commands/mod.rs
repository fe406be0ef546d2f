//! The commands that need voice, and what the other commands use of it.

mod bench;
mod devices;
mod transcribe;

use std::path::PathBuf;

use anyhow::bail;
use clap::Subcommand;
use rust_i18n::t;

use super::Context;
use super::options::Options;
use crate::interview::{Answer, Language, Spoken};
use crate::models;
use crate::voice::{SpeechLanguage, TranscriberHandle, Whisper};

#[derive(Debug, Subcommand)]
pub enum VoiceSubcommand {
    /// Transcribe audio files
    Transcribe(transcribe::TranscribeArgs),
    /// List microphones and loudspeakers, or check them
    Devices(devices::DevicesArgs),
    /// Measure how fast this computer is with a speech model
    Bench(bench::BenchArgs),
}

impl VoiceSubcommand {
    /// Returns the shared options as this command was given them.
    pub fn options(&self) -> Options {
        match self {
            Self::Transcribe(args) => args.options(),
            Self::Devices(args) => args.options(),
            Self::Bench(args) => args.options(),
        }
    }

    /// Runs the command and returns the exit code.
    pub async fn run(self, context: &Context) -> anyhow::Result<u8> {
        match self {
            Self::Transcribe(args) => transcribe::open(args, context).await,
            Self::Devices(args) => devices::open(args, context).await,
            Self::Bench(args) => bench::run(args, context).await,
        }
    }
}

impl Context {
    /// Returns the language to recognise in an interview in the language `interview`.
    pub fn spoken_in(&self, interview: Language) -> SpeechLanguage {
        crate::runtime::recognised_language(self.config.speech.language, interview)
    }

    /// Returns the speech model, or an error that names the command to download one.
    pub fn required_model(&self) -> anyhow::Result<PathBuf> {
        self.speech_model(self.interview_language).ok_or_else(|| {
            let name = self.recommended_model().model.name;
            anyhow::anyhow!(
                t!("cli.no_model", locale = self.language.code(), name = name).into_owned()
            )
        })
    }

    /// Starts the transcriber, whose model loads in the background. Fails if there is no model.
    pub fn transcriber(&self) -> anyhow::Result<TranscriberHandle> {
        let model = self.required_model()?;
        let settings = self.config.speech.clone();
        let load = move || {
            let whisper = Whisper::load(&model, models::published_bytes(&model))?;
            Ok(Box::new(whisper.with_settings(&settings)) as _)
        };
        Ok(TranscriberHandle::spawn(load, |_| {}))
    }
}

/// Transcribes recorded answers; a recording without speech is refused.
pub async fn transcribe_answers(
    files: &[PathBuf],
    language: Language,
    context: &Context,
) -> anyhow::Result<Vec<Answer>> {
    if files.is_empty() {
        return Ok(vec![]);
    }
    let transcriber = context.transcriber()?;
    let language = context.spoken_in(language);
    let mut answers = vec![];
    for file in files {
        let heard = transcribe::transcribe_file(&transcriber, file, language).await;
        // An error is in the language of the interface.
        let heard = heard.map_err(|error| anyhow::anyhow!(error.message(context.language)))?;
        let seconds = heard.seconds;
        let transcript = heard.transcript;
        if transcript.text.is_empty() {
            let locale = context.language.code();
            bail!(t!("cli.no_speech", locale = locale, path = file.display()));
        }
        answers.push(Answer {
            text: transcript.text,
            spoken: Some(Spoken {
                seconds,
                words: transcript.words,
                voiced: transcript.voiced,
            }),
        });
    }
    Ok(answers)
}
