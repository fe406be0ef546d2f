//! Why an audio file cannot be read, in the user's words.

use std::path::Path;

use rust_i18n::t;

#[cfg(feature = "voice")]
use crate::files::FileKind;
use crate::interview::Language;
use crate::wave::WaveError;

/// The reason an audio file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileProblem {
    Empty,
    Folder,
    /// The file can be read and holds no sound.
    NoSound,
    Text,
    /// The file is of this format, which is not audio.
    NoAudio(&'static str),
    /// The first bytes are those of no known format.
    Unknown,
    /// No decoder for this format is built in.
    Undecodable(String),
    Damaged,
    HeaderBreaksOff,
    HeaderUnreadable(String),
    ZeroRate,
    NoChannels,
    NoFormat,
    /// A reason given by the system.
    System(String),
}

impl FileProblem {
    /// Returns the problem of a file that cannot be decoded because of its kind.
    #[cfg(feature = "voice")]
    pub(super) fn of_kind(kind: FileKind) -> Self {
        match kind {
            FileKind::Text => Self::Text,
            FileKind::Unknown => Self::Unknown,
            FileKind::NoAudio(name) => Self::NoAudio(name),
            other => Self::Undecodable(other.name().to_owned()),
        }
    }

    /// Returns what is wrong with `file`. A format that cannot be decoded is named with the command
    /// that converts it.
    pub fn message(&self, file: &str, language: Language) -> String {
        let locale = language.code();
        let message = match self {
            Self::Empty => t!("voice.file.empty", locale = locale),
            Self::Folder => t!("voice.file.folder", locale = locale),
            Self::NoSound => t!("voice.file.no_sound", locale = locale),
            Self::Text => t!("voice.file.text", locale = locale),
            Self::NoAudio(format) => t!("voice.file.no_audio", locale = locale, format = format),
            Self::Unknown => t!("voice.file.unknown", locale = locale),
            Self::Undecodable(format) => t!(
                "voice.file.undecodable",
                locale = locale,
                format = format,
                command = conversion(file)
            ),
            Self::Damaged => t!("voice.file.damaged", locale = locale),
            Self::HeaderBreaksOff => t!("voice.file.header_breaks_off", locale = locale),
            Self::HeaderUnreadable(reason) => t!(
                "voice.file.header_unreadable",
                locale = locale,
                reason = reason
            ),
            Self::ZeroRate => t!("voice.file.zero_rate", locale = locale),
            Self::NoChannels => t!("voice.file.no_channels", locale = locale),
            Self::NoFormat => t!("voice.file.no_format", locale = locale),
            Self::System(reason) => return reason.clone(),
        };
        message.into_owned()
    }
}

impl From<WaveError> for FileProblem {
    fn from(error: WaveError) -> Self {
        match error {
            WaveError::NoFormat => Self::NoFormat,
            WaveError::ZeroRate => Self::ZeroRate,
            WaveError::NoChannels => Self::NoChannels,
            WaveError::Compressed(name) => Self::Undecodable(format!("WAV, {name}")),
            WaveError::Io(reason) => Self::System(reason),
        }
    }
}

impl From<std::io::Error> for FileProblem {
    fn from(error: std::io::Error) -> Self {
        Self::System(error.to_string())
    }
}

/// Returns the command that converts `file` to WAV.
fn conversion(file: &str) -> String {
    let converted = Path::new(file).with_extension("wav");
    let converted = match converted.to_str() {
        Some(path) if path != file => path,
        _ => "answer.wav",
    };
    format!("ffmpeg -i {} {}", quoted(file), quoted(converted))
}

/// Quotes a path for the shell where it must be.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    if !path.is_empty() && path.chars().all(is_plain) {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("voice.webm", "ffmpeg -i voice.webm voice.wav")]
    #[case("/tmp/my memo.m4a", "ffmpeg -i '/tmp/my memo.m4a' '/tmp/my memo.wav'")]
    #[case("it's.amr", r"ffmpeg -i 'it'\''s.amr' 'it'\''s.wav'")]
    #[case("adpcm.wav", "ffmpeg -i adpcm.wav answer.wav")]
    fn the_command_that_converts_a_file_can_be_pasted(#[case] file: &str, #[case] command: &str) {
        assert_eq!(conversion(file), command);
    }
}
