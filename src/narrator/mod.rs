//! Text to speech. Each of several engines takes a sentence and returns a whole audio file.
//!
//! The output of an engine is checked before it is passed on: its format by the first bytes, and
//! the lengths in a WAV header, which a program that writes to a pipe cannot know and makes up.

mod cache;
mod cached_narrator;
pub mod command;
pub mod espeak;
pub mod openai;
pub mod program;
mod pronunciation;
pub mod say;
pub mod sentences;
pub mod speakable;
pub mod spoken_forms;
mod symbols;
pub mod wav;

use bytes::Bytes;

pub use cache::SpeechCache;
pub use cached_narrator::CachedNarrator;

use crate::config::Rate;
use crate::files::FileKind;
use crate::files::kind::audio_start;
use crate::interview::Language;
use crate::upstream::UpstreamError;

/// The most bytes that a program may print before its audio.
const MOST_BYTES_BEFORE: usize = 64 * 1024;

/// Encoded audio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speech {
    /// The whole audio file.
    pub bytes: Bytes,
    pub format: AudioFormat,
}

/// The audio formats that engines produce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AudioFormat {
    Wav,
    /// MPEG audio layer III.
    Mp3,
    /// Ogg, usually with Vorbis or Opus audio.
    Ogg,
    Flac,
}

impl AudioFormat {
    /// Detects the format by the first bytes of a file.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            _ if FileKind::sniff(bytes) == FileKind::Wav => Some(Self::Wav),
            [b'O', b'g', b'g', b'S', ..] => Some(Self::Ogg),
            [b'f', b'L', b'a', b'C', ..] => Some(Self::Flac),
            // A version number follows. A letter in its place would make this a text.
            [b'I', b'D', b'3', 0..0x20, ..] => Some(Self::Mp3),
            // The frame sync is eleven bits long, and layer III follows.
            [0xFF, second, ..] if second & 0xE6 == 0xE2 => Some(Self::Mp3),
            _ => None,
        }
    }

    /// Returns the file extension.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Ogg => "ogg",
            Self::Flac => "flac",
        }
    }

    /// Returns the MIME type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Mp3 => "audio/mpeg",
            Self::Ogg => "audio/ogg",
            Self::Flac => "audio/flac",
        }
    }
}

/// The reason an engine produced no speech.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NarratorError {
    #[error("{program} is not installed")]
    NotInstalled { program: String },
    #[error("{engine} failed: {reason}")]
    Failed {
        engine: String,
        /// The reason, without secrets.
        reason: String,
    },
    /// The server that speaks gave no speech.
    #[error("{engine} failed: {error}")]
    Server {
        engine: String,
        error: UpstreamError,
    },
    #[error("{engine} did not answer in time")]
    TimedOut { engine: String },
}

/// A speech engine.
#[derive(Clone, Debug)]
pub enum Narrator {
    /// The engine that never speaks.
    None,
    /// The `espeak-ng` program.
    Espeak(espeak::EspeakNarrator),
    /// The `say` program of macOS.
    Say(say::SayNarrator),
    /// An OpenAI-compatible `/audio/speech` endpoint.
    OpenAi(openai::OpenAiNarrator),
    /// A command that reads text from stdin and writes audio to stdout.
    Command(command::CommandNarrator),
}

impl Narrator {
    /// Speaks `text`, which [`speakable::speakable`] has prepared. Returns `None` if the engine is
    /// silent or nothing is left to say.
    pub async fn speak(
        &self,
        text: &str,
        language: Language,
    ) -> Result<Option<Speech>, NarratorError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let bytes = match self {
            Self::None => return Ok(None),
            Self::Espeak(espeak) => espeak.speak(text, language).await?,
            Self::Say(say) => say.speak(text, language).await?,
            Self::OpenAi(openai) => openai.speak(text).await?,
            Self::Command(command) => command.speak(text, language).await?,
        };
        checked_speech(&bytes).map_err(|reason| NarratorError::Failed {
            engine: self.name(),
            reason,
        })
    }

    /// Returns `espeak-ng` if it is installed, `say` on macOS, and otherwise [`Narrator::None`].
    pub fn offline_default() -> Self {
        if program::is_installed(espeak::PROGRAM) {
            return Self::Espeak(espeak::EspeakNarrator::default());
        }
        let has_say = cfg!(target_os = "macos") && program::is_installed(say::PROGRAM);
        if has_say {
            Self::Say(say::SayNarrator::default())
        } else {
            Self::None
        }
    }

    pub fn set_rate(&mut self, rate: Rate) {
        match self {
            Self::None => {}
            Self::Espeak(espeak) => espeak.rate = rate,
            Self::Say(say) => say.rate = rate,
            Self::OpenAi(openai) => openai.rate = rate,
            Self::Command(command) => command.rate = rate,
        }
    }

    /// Returns whether the speed can be set. A command that takes no speed argument cannot change
    /// it.
    pub fn has_rate(&self) -> bool {
        match self {
            Self::None => false,
            Self::Command(command) => command.has_rate(),
            Self::Espeak(_) | Self::Say(_) | Self::OpenAi(_) => true,
        }
    }

    /// Returns everything the audio depends on besides text and language.
    fn identity(&self) -> Vec<String> {
        match self {
            Self::None => vec![],
            Self::Espeak(espeak) => vec![espeak.program.clone(), espeak.rate.to_string()],
            Self::Say(say) => vec![say.program.clone(), say.rate.to_string()],
            Self::OpenAi(openai) => {
                vec![
                    openai.endpoint.base_url().to_string(),
                    openai.model.known().to_owned(),
                    openai.voice.clone(),
                    openai.rate.to_string(),
                ]
            }
            Self::Command(command) => {
                [command.argv.clone(), vec![command.rate.to_string()]].concat()
            }
        }
    }

    /// Returns the display name: `none`, `espeak-ng`, `say`, the model and its host, or the
    /// command's name.
    pub fn name(&self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::Espeak(_) => espeak::PROGRAM.to_owned(),
            Self::Say(_) => say::PROGRAM.to_owned(),
            Self::OpenAi(openai) => openai.name(),
            Self::Command(command) => command.name(),
        }
    }
}

/// Checks the output of an engine, leaves out what a program printed before its audio, and makes one
/// correct file of WAV. Returns `None` if it contains no sound.
fn checked_speech(bytes: &Bytes) -> Result<Option<Speech>, String> {
    if bytes.is_empty() {
        return Err("it produced no sound".to_owned());
    }
    let start = match FileKind::sniff(bytes) {
        kind if AudioFormat::sniff(bytes).is_some() || kind.is_audio() => 0,
        _ => audio_start(&bytes[..bytes.len().min(MOST_BYTES_BEFORE)]).unwrap_or(0),
    };
    let bytes = bytes.slice(start..);
    match AudioFormat::sniff(&bytes) {
        Some(AudioFormat::Wav) => {
            let bytes = wav::corrected(&bytes).map_err(|error| error.to_string())?;
            Ok(bytes.map(|bytes| Speech {
                bytes,
                format: AudioFormat::Wav,
            }))
        }
        Some(format) => Ok(Some(Speech { bytes, format })),
        None => Err(match FileKind::sniff(&bytes) {
            FileKind::Text | FileKind::Unknown => {
                "its output is neither WAV, MP3, Ogg nor FLAC".to_owned()
            }
            kind => format!("its output is {}, not WAV, MP3, Ogg or FLAC", kind.name()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(b"RIFF\0\0\0\0WAVEfmt ", Some(AudioFormat::Wav))]
    #[case(b"OggS\0", Some(AudioFormat::Ogg))]
    #[case(b"fLaC\0", Some(AudioFormat::Flac))]
    #[case(b"ID3\x04", Some(AudioFormat::Mp3))]
    #[case(b"ID3 tags hold titles.", None)]
    #[case(b"\xFF\xFB\x90", Some(AudioFormat::Mp3))]
    #[case(b"\xFF\xF1\x50", None)]
    #[case(b"RIFF\0\0\0\0AVI ", None)]
    #[case(b"<html>", None)]
    #[case(b"", None)]
    fn a_format_is_detected_by_its_first_bytes(
        #[case] bytes: &[u8],
        #[case] expected: Option<AudioFormat>,
    ) {
        assert_eq!(AudioFormat::sniff(bytes), expected);
    }

    #[tokio::test]
    async fn nothing_to_say_starts_no_program() {
        let absent = Narrator::Command(command::CommandNarrator::new(vec![
            "/no/such/program".into(),
        ]));
        assert_eq!(absent.speak(" \n", Language::English).await, Ok(None));
        assert_eq!(
            Narrator::None.speak("Hello.", Language::English).await,
            Ok(None)
        );
    }

    /// Returns a WAV file of two samples.
    fn wav() -> Vec<u8> {
        let format = crate::wave::WaveFormat {
            encoding: crate::wave::Encoding::S16,
            channels: 1,
            rate: 16_000,
        };
        [crate::wave::header(format, 4).as_slice(), b"abcd"].concat()
    }

    #[rstest]
    #[case::alone(wav(), Ok(Some(wav())))]
    #[case::behind_a_line([b"Loading the voice\xE2\x80\xA6\n".as_slice(), &wav()].concat(), Ok(Some(wav())))]
    #[case::in_two([wav(), b"done\n".to_vec(), wav()].concat(), Ok(Some([&wav()[..4], &[44], &wav()[5..40], &[8], &wav()[41..], b"abcd"].concat())))]
    #[case::mp3_behind_a_line(b"ok\n\xFF\xFB\x90\0".to_vec(), Ok(Some(b"\xFF\xFB\x90\0".to_vec())))]
    #[case::text(b"no such voice".to_vec(), Err("its output is neither WAV, MP3, Ogg nor FLAC"))]
    #[case::another_format(b"FORM\0\0\0\0AIFF".to_vec(), Err("its output is AIFF, not WAV, MP3, Ogg or FLAC"))]
    #[case::nothing(vec![], Err("it produced no sound"))]
    fn what_a_program_writes_becomes_one_file_or_is_refused(
        #[case] output: Vec<u8>,
        #[case] expected: Result<Option<Vec<u8>>, &str>,
    ) {
        let speech = checked_speech(&output.into());
        let bytes = speech.map(|speech| speech.map(|speech| speech.bytes.to_vec()));
        assert_eq!(bytes, expected.map_err(str::to_owned));
    }
}
