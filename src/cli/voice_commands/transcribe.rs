//! `transcribe FILE…`: the transcripts of audio files, for scripts.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::sync::oneshot;

use crate::cli::Context;
use crate::cli::options::{CommonOptions, Options, RecognitionOptions, file_path};
use crate::cli::output::{self, print_notice};
use crate::cli::pipes::Inputs;
use crate::config::{self, LanguageChoice};
use crate::interview::{Language, Word};
use crate::printable::printable_json;
use crate::voice::{FileTranscript, SpeechLanguage, TranscriberHandle, VoiceError};

/// Transcribe audio files (WAV, FLAC, MP3, OGG, M4A, AAC, AIFF, CAF, `WebM`) to standard output.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer transcribe answer.wav
  mock-interviewer transcribe --json --language ko --model base *.flac")]
pub struct TranscribeArgs {
    /// Audio files
    #[arg(required = true, value_name = "FILE", value_parser = file_path())]
    pub files: Vec<PathBuf>,
    /// Print one JSON object a file, with the times of the words
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    recognition: RecognitionOptions,
    #[command(flatten)]
    common: CommonOptions,
}

impl TranscribeArgs {
    pub fn options(&self) -> Options {
        Options {
            recognition: self.recognition.clone(),
            common: self.common.clone(),
            ..Options::default()
        }
    }
}

/// One line of `--json`. Times are in seconds.
#[derive(Serialize)]
struct JsonLine<'a> {
    file: String,
    language: Option<&'static str>,
    seconds: f64,
    text: &'a str,
    words: Vec<Word>,
}

/// Runs the command with the settings. The language is detected unless one is named.
pub async fn open(mut args: TranscribeArgs, context: &Context) -> anyhow::Result<u8> {
    let inputs = Inputs::read(&args.files, context).await?;
    args.files.clone_from(&inputs.files);
    let language = match (
        context.config.speech.language,
        context.language_flag.and_then(LanguageChoice::fixed),
    ) {
        (config::SpeechLanguage::Interview, Some(language)) => SpeechLanguage::Only(language),
        (config::SpeechLanguage::Interview, None) => SpeechLanguage::Auto,
        _ => context.spoken_in(context.interview_language),
    };
    run(
        args,
        context.transcriber()?,
        language,
        context.language,
        &mut output::stdout(),
    )
    .await
}

/// Transcribes every file it can. Errors go to standard error, and the exit code is then 1.
pub async fn run(
    args: TranscribeArgs,
    transcriber: TranscriberHandle,
    language: SpeechLanguage,
    interface: Language,
    out: &mut (impl Write + Send),
) -> anyhow::Result<u8> {
    let mut code = 0;
    let several = args.files.len() > 1;
    for file in &args.files {
        match transcribe_file(&transcriber, file, language).await {
            Ok(heard) if args.json => writeln!(
                out,
                "{}",
                printable_json(&json_line(file, language, &heard)?)
            )?,
            Ok(heard) if several => writeln!(out, "{}: {}", file.display(), heard.transcript.text)?,
            Ok(heard) => writeln!(out, "{}", heard.transcript.text)?,
            // Without a model the other files would fail as well.
            Err(error @ VoiceError::Model { .. }) => return Err(error.into()),
            Err(error) => {
                print_notice(&error.message(interface));
                code = 1;
            }
        }
        out.flush()?;
    }
    Ok(code)
}

/// Transcribes one file.
pub async fn transcribe_file(
    transcriber: &TranscriberHandle,
    file: &Path,
    language: SpeechLanguage,
) -> Result<FileTranscript, VoiceError> {
    let (sender, receiver) = oneshot::channel();
    transcriber.transcribe_file(file.to_owned(), language, move |outcome| {
        // The receiver is gone if the command was interrupted.
        let _ = sender.send(outcome);
    });
    receiver.await.unwrap_or_else(|_| {
        Err(VoiceError::Transcription(
            "the transcriber has stopped".into(),
        ))
    })
}

fn json_line(
    file: &Path,
    asked: SpeechLanguage,
    heard: &FileTranscript,
) -> serde_json::Result<String> {
    let given = match asked {
        SpeechLanguage::Only(language) => Some(language),
        SpeechLanguage::Auto => heard.transcript.language,
    };
    let word = |word: &Word| Word {
        text: word.text.clone(),
        start: rounded(word.start),
        end: rounded(word.end),
    };
    serde_json::to_string(&JsonLine {
        file: file.display().to_string(),
        language: given.map(Language::code),
        seconds: rounded(heard.seconds),
        text: &heard.transcript.text,
        words: heard.transcript.words.iter().map(word).collect(),
    })
}

/// Rounds a time to the millisecond, its precision.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::Transcript;

    #[test]
    fn a_line_of_json_has_the_promised_keys() {
        let words = vec![Word {
            text: "네.".into(),
            start: 0.123_456,
            end: 0.5,
        }];
        let transcript = Transcript {
            text: "네.".into(),
            words,
            language: Some(Language::Korean),
            ..Transcript::default()
        };
        let heard = FileTranscript {
            seconds: 1.000_062_5,
            transcript,
        };
        let expected = r#"{"file":"a b.wav","language":"ko","seconds":1.0,"text":"네.","words":[{"text":"네.","start":0.123,"end":0.5}]}"#;
        assert_eq!(
            json_line(Path::new("a b.wav"), SpeechLanguage::Auto, &heard).unwrap(),
            expected
        );
    }

    #[test]
    fn a_silent_file_has_the_language_asked_for_or_none() {
        let heard = FileTranscript {
            seconds: 2.0,
            transcript: Transcript::default(),
        };
        let of = |asked| json_line(Path::new("s.wav"), asked, &heard).unwrap();
        assert_eq!(
            of(SpeechLanguage::Auto),
            r#"{"file":"s.wav","language":null,"seconds":2.0,"text":"","words":[]}"#
        );
        assert!(of(SpeechLanguage::Only(Language::English)).contains(r#""language":"en""#));
    }
}
