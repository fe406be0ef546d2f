//! `say`: one text, spoken or written to a file.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rust_i18n::t;

use super::options::{
    CommonOptions, InterviewLanguageOption, NarratorOption, NetworkOption, Options, SpeakerOptions,
    file_path,
};
use super::spoken_output::SpokenOutput;
use super::{CommandError, Context};
use crate::interview::Language;
use crate::narrator::sentences::speakable;
use crate::narrator::{AudioFormat, Narrator};

/// Speak a text.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer say 'What does an index cost?'
  mock-interviewer say --language ko '인덱스의 비용은 무엇인가요?' -o question.wav")]
pub struct Args {
    /// Text to speak
    text: String,
    /// Write the audio to this file instead of playing it
    #[arg(short, long, value_name = "FILE", value_parser = file_path())]
    output: Option<PathBuf>,
    #[command(flatten)]
    interview_language: InterviewLanguageOption,
    #[command(flatten)]
    narrator: NarratorOption,
    #[command(flatten)]
    speaker: SpeakerOptions,
    #[command(flatten)]
    network: NetworkOption,
    #[command(flatten)]
    common: CommonOptions,
}

impl Args {
    pub fn options(&self) -> Options {
        Options {
            interview_language: self.interview_language.clone(),
            narrator: self.narrator.clone(),
            speaker: self.speaker.clone(),
            network: self.network.clone(),
            common: self.common.clone(),
            ..Options::default()
        }
    }
}

/// Runs the command. The text is spoken in the language of interviews.
pub async fn run(args: &Args, context: &Context) -> anyhow::Result<u8> {
    let narrator = context.narrator()?;
    if matches!(narrator, Narrator::None) {
        let why = if context.lacks_narrator()? {
            "say.no_narrator"
        } else {
            "say.switched_off"
        };
        bail!(t!(why, locale = context.language.code()));
    }
    match &args.output {
        Some(path) => write(args, path, &narrator, context).await?,
        None => {
            SpokenOutput::new(context)?
                .speak(&args.text, context.interview_language)
                .await?;
        }
    }
    Ok(0)
}

async fn write(
    args: &Args,
    path: &Path,
    narrator: &Narrator,
    context: &Context,
) -> anyhow::Result<()> {
    if let Some(format) = known_format(narrator) {
        check_extension(path, narrator, format, context.language)?;
    }
    let language = context.interview_language;
    let speech = narrator
        .speak(&speakable(&args.text, language), language)
        .await?;
    let speech = speech.with_context(|| t!("say.nothing", locale = context.language.code()))?;
    check_extension(path, narrator, speech.format, context.language)?;
    std::fs::write(path, &speech.bytes).with_context(|| {
        let path = path.display();
        t!(
            "cli.cannot_write",
            locale = context.language.code(),
            path = path
        )
    })
}

/// Returns the format that a narrator is known to make before it synthesises anything, which may
/// cost time and money. A command makes any format, and an endpoint may ignore the one requested.
fn known_format(narrator: &Narrator) -> Option<AudioFormat> {
    matches!(narrator, Narrator::Espeak(_) | Narrator::Say(_)).then_some(AudioFormat::Wav)
}

/// Refuses a file name with the extension of another format.
fn check_extension(
    path: &Path,
    narrator: &Narrator,
    format: AudioFormat,
    language: Language,
) -> Result<(), CommandError> {
    let wanted = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    let made = format.extension();
    if !wanted.eq_ignore_ascii_case(made) {
        let words = t!(
            "say.extension",
            locale = language.code(),
            name = narrator.name(),
            extension = made
        );
        return Err(CommandError::Usage(words.into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_of_the_output_must_match_its_format_in_any_case() {
        let espeak = Narrator::Espeak(crate::narrator::espeak::EspeakNarrator::default());
        let format = known_format(&espeak).unwrap();
        let language = Language::English;
        assert!(check_extension(Path::new("hello.WAV"), &espeak, format, language).is_ok());
        let error = check_extension(Path::new("hello.mp3"), &espeak, format, language).unwrap_err();
        assert_eq!(
            error.to_string(),
            "espeak-ng makes .wav files; give the output that extension"
        );
    }
}
