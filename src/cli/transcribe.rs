//! `transcribe FILE…`: the words of audio files, for scripts.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tokio::sync::oneshot;

use super::Context;
use super::errors::print_notice;
use super::options::{CommonOptions, Options, RecognitionOptions};
use crate::config::{self, LanguageChoice};
use crate::interview::Word;
use crate::voice::{FileTranscript, SpeechLanguage, TranscriberHandle, VoiceError};

/// Writes the words of audio files (WAV, FLAC, MP3, OGG Vorbis) to standard output.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mock-interviewer transcribe answer.wav
  mock-interviewer transcribe --json --language ko --model base *.flac")]
pub struct TranscribeArgs {
    /// Audio files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// One JSON object a file, with the times of the words.
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

/// One line of `--json`; times in seconds.
#[derive(Serialize)]
struct Line<'a> {
    file: String,
    language: Option<&'static str>,
    seconds: f64,
    text: &'a str,
    words: Vec<Word>,
}

/// Runs the command with what the settings say. Unless a language is named, it is detected.
pub async fn open(args: TranscribeArgs, context: &Context) -> anyhow::Result<u8> {
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
        &mut std::io::stdout(),
    )
    .await
}

/// Transcribes every file it can; those it cannot are told on standard error, and the outcome is then a failure.
pub async fn run(
    args: TranscribeArgs,
    transcriber: TranscriberHandle,
    language: SpeechLanguage,
    out: &mut (impl Write + Send),
) -> anyhow::Result<u8> {
    let mut code = 0;
    let several = args.files.len() > 1;
    for file in &args.files {
        match words(&transcriber, file, language).await {
            Ok(heard) if args.json => writeln!(out, "{}", line(file, language, &heard)?)?,
            Ok(heard) if several => writeln!(out, "{}: {}", file.display(), heard.transcript.text)?,
            Ok(heard) => writeln!(out, "{}", heard.transcript.text)?,
            // Without a model no other file can be done either.
            Err(error @ VoiceError::Model { .. }) => return Err(error.into()),
            Err(error) => {
                print_notice(&error.to_string());
                code = 1;
            }
        }
        out.flush()?;
    }
    Ok(code)
}

/// The words of one file.
pub(super) async fn words(
    transcriber: &TranscriberHandle,
    file: &Path,
    language: SpeechLanguage,
) -> Result<FileTranscript, VoiceError> {
    let (then, heard) = oneshot::channel();
    transcriber.transcribe_file(file.to_owned(), language, move |outcome| {
        // Nobody waits any more when the command was interrupted.
        let _ = then.send(outcome);
    });
    heard.await.unwrap_or_else(|_| {
        Err(VoiceError::Transcription(
            "the transcriber has stopped".into(),
        ))
    })
}

fn line(file: &Path, asked: SpeechLanguage, heard: &FileTranscript) -> serde_json::Result<String> {
    let given = match asked {
        SpeechLanguage::Only(language) => Some(language),
        SpeechLanguage::Auto => heard.transcript.language,
    };
    let word = |word: &Word| Word {
        text: word.text.clone(),
        start: rounded(word.start),
        end: rounded(word.end),
    };
    serde_json::to_string(&Line {
        file: file.display().to_string(),
        language: given.map(crate::interview::Language::code),
        seconds: rounded(heard.seconds),
        text: &heard.transcript.text,
        words: heard.transcript.words.iter().map(word).collect(),
    })
}

/// To the millisecond: the times are not better than that.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interview::Language;
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
            line(Path::new("a b.wav"), SpeechLanguage::Auto, &heard).unwrap(),
            expected
        );
    }

    #[test]
    fn a_silent_file_has_the_language_asked_for_or_none() {
        let heard = FileTranscript {
            seconds: 2.0,
            transcript: Transcript::default(),
        };
        let of = |asked| line(Path::new("s.wav"), asked, &heard).unwrap();
        assert_eq!(
            of(SpeechLanguage::Auto),
            r#"{"file":"s.wav","language":null,"seconds":2.0,"text":"","words":[]}"#
        );
        assert!(of(SpeechLanguage::Only(Language::English)).contains(r#""language":"en""#));
    }
}
