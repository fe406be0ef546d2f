//! Text to sound: one engine out of several, each of which takes a sentence and gives a whole audio file.
//!
//! What an engine gives is looked at before it is passed on: its format by its first bytes, and the lengths in a WAV
//! header, which programs writing to a pipe cannot know and so make up.

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
mod symbols;
pub mod wav;

use bytes::Bytes;

pub use cache::SpeechCache;
pub use cached_narrator::CachedNarrator;

use crate::config::Rate;
use crate::interview::Language;

/// Encoded audio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speech {
    /// A whole file.
    pub bytes: Bytes,
    /// What kind of file.
    pub format: AudioFormat,
}

/// The kinds of audio file engines give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AudioFormat {
    /// RIFF WAVE.
    Wav,
    /// MPEG layer 3.
    Mp3,
    /// Ogg (Vorbis).
    Ogg,
    /// FLAC.
    Flac,
}

impl AudioFormat {
    /// By the first bytes of a file.
    pub fn sniff(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'A',
                b'V',
                b'E',
                ..,
            ] => Some(Self::Wav),
            [b'O', b'g', b'g', b'S', ..] => Some(Self::Ogg),
            [b'f', b'L', b'a', b'C', ..] => Some(Self::Flac),
            // A version follows; a letter would make it a text.
            [b'I', b'D', b'3', 0..0x20, ..] => Some(Self::Mp3),
            // Eleven bits of frame sync, then layer III.
            [0xFF, second, ..] if second & 0xE6 == 0xE2 => Some(Self::Mp3),
            _ => None,
        }
    }

    /// File extension.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Mp3 => "mp3",
            Self::Ogg => "ogg",
            Self::Flac => "flac",
        }
    }

    /// MIME type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Mp3 => "audio/mpeg",
            Self::Ogg => "audio/ogg",
            Self::Flac => "audio/flac",
        }
    }
}

/// Why there is no sound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NarratorError {
    /// The program is not there.
    #[error("{program} is not installed")]
    NotInstalled {
        /// Name.
        program: String,
    },
    /// It failed.
    #[error("{engine} failed: {reason}")]
    Failed {
        /// Which.
        engine: String,
        /// Without secrets.
        reason: String,
    },
    /// It took too long.
    #[error("{engine} did not answer in time")]
    TimedOut {
        /// Which.
        engine: String,
    },
}

/// An engine that speaks.
#[derive(Clone, Debug)]
pub enum Narrator {
    /// Silent.
    None,
    /// `espeak-ng`.
    Espeak(espeak::EspeakNarrator),
    /// macOS `say`.
    Say(say::SayNarrator),
    /// `/audio/speech`.
    OpenAi(openai::OpenAiNarrator),
    /// Any command: text on stdin, audio on stdout.
    Command(command::CommandNarrator),
}

impl Narrator {
    /// Speaks `text` (already speakable, see [`speakable::speakable`]); `None` when silent or nothing is left to say.
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
        heard(bytes).map_err(|reason| NarratorError::Failed {
            engine: self.name(),
            reason,
        })
    }

    /// `espeak-ng` if installed, macOS `say` there, else [`Narrator::None`].
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

    /// From now on it speaks so fast.
    pub fn set_rate(&mut self, rate: Rate) {
        match self {
            Self::None => {}
            Self::Espeak(espeak) => espeak.rate = rate,
            Self::Say(say) => say.rate = rate,
            Self::OpenAi(openai) => openai.rate = rate,
            Self::Command(command) => command.rate = rate,
        }
    }

    /// Whether its speed can be chosen: not that of a command that is not told.
    pub fn has_rate(&self) -> bool {
        match self {
            Self::None => false,
            Self::Command(command) => command.has_rate(),
            Self::Espeak(_) | Self::Say(_) | Self::OpenAi(_) => true,
        }
    }

    /// All that its sound depends on besides text and language.
    fn identity(&self) -> Vec<String> {
        match self {
            Self::None => vec![],
            Self::Espeak(espeak) => vec![espeak.program.clone(), espeak.rate.to_string()],
            Self::Say(say) => vec![say.program.clone(), say.rate.to_string()],
            Self::OpenAi(openai) => {
                vec![
                    openai.base_url.to_string(),
                    openai.model.clone(),
                    openai.voice.clone(),
                    openai.rate.to_string(),
                ]
            }
            Self::Command(command) => {
                [command.argv.clone(), vec![command.rate.to_string()]].concat()
            }
        }
    }

    /// For the screen: `none`, `espeak-ng`, `say`, model at host, the command's name.
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

/// What an engine gave, as audio with a true header; `None` when it holds no sound at all.
fn heard(bytes: Bytes) -> Result<Option<Speech>, String> {
    if bytes.is_empty() {
        return Err("it gave no sound".to_owned());
    }
    match AudioFormat::sniff(&bytes) {
        Some(AudioFormat::Wav) => {
            let bytes = wav::with_correct_lengths(bytes).map_err(|error| error.to_string())?;
            Ok(bytes.map(|bytes| Speech {
                bytes,
                format: AudioFormat::Wav,
            }))
        }
        Some(format) => Ok(Some(Speech { bytes, format })),
        None => Err("what it gave is neither WAV, MP3, Ogg nor FLAC".to_owned()),
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
    fn a_format_is_known_by_its_first_bytes(
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
}
