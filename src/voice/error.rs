//! The errors of sound: devices, files, the speech model and its transcriptions.

use std::io::ErrorKind;

use rust_i18n::t;

use super::FileProblem;
use crate::files::reason::of_system;
use crate::interview::Language;

/// An error of a sound device, an audio file or the speech model. The runtime adds the command that
/// mends it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VoiceError {
    #[error("no microphone was found")]
    NoMicrophone,
    #[error("no speaker was found")]
    NoSpeaker,
    /// The sound server hangs.
    #[error("the sound system does not respond")]
    NoAnswer,
    /// The device is there, but the system refuses it for the given reason.
    #[error("cannot open {device}: {reason}")]
    CannotOpen { device: String, reason: String },
    /// The device worked and has stopped.
    #[error("{device} stopped: {reason}")]
    DeviceLost { device: String, reason: String },
    /// The speech model is missing or broken.
    #[error("cannot load the speech model {path}: {reason}")]
    Model { path: String, reason: String },
    /// The transcription was cancelled.
    #[error("cancelled")]
    Cancelled,
    #[error("transcription failed: {0}")]
    Transcription(String),
    /// An audio file cannot be written.
    #[error("{file}: {reason}")]
    File { file: String, reason: String },
    /// The system refuses to write an audio file.
    #[error("{file}: {words}")]
    NotWritable {
        file: String,
        kind: ErrorKind,
        /// The words of the system.
        words: String,
    },
    /// An audio file cannot be read.
    #[error("{file}: {}", problem.message(file, Language::English))]
    Unreadable { file: String, problem: FileProblem },
}

impl VoiceError {
    /// Returns the message shown to the user. A reason given by the system keeps the system's words.
    pub fn message(&self, language: Language) -> String {
        let locale = language.code();
        let message = match self {
            Self::NoMicrophone => t!("voice.fault.no_microphone", locale = locale),
            Self::NoSpeaker => t!("voice.fault.no_speaker", locale = locale),
            Self::NoAnswer => t!("voice.fault.no_answer", locale = locale),
            Self::CannotOpen { device, reason } => {
                t!(
                    "voice.fault.cannot_open",
                    locale = locale,
                    device = device,
                    reason = reason
                )
            }
            Self::DeviceLost { device, reason } => {
                t!(
                    "voice.fault.lost",
                    locale = locale,
                    device = device,
                    reason = reason
                )
            }
            Self::Model { path, reason } => t!(
                "voice.fault.model",
                locale = locale,
                path = path,
                reason = reason
            ),
            Self::Cancelled => t!("voice.fault.stopped", locale = locale),
            Self::Transcription(reason) => t!(
                "voice.fault.transcription",
                locale = locale,
                reason = reason
            ),
            Self::File { file, reason } => t!(
                "voice.fault.file",
                locale = locale,
                file = file,
                reason = reason
            ),
            Self::NotWritable { file, kind, words } => t!(
                "voice.fault.file",
                locale = locale,
                file = file,
                reason = of_system(*kind, words, language)
            ),
            Self::Unreadable { file, problem } => t!(
                "voice.fault.file",
                locale = locale,
                file = file,
                reason = problem.message(file, language)
            ),
        };
        message.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_error_is_told_in_english_as_it_is_logged_and_in_korean_otherwise() {
        let (device, reason) = ("Desk".to_owned(), "busy".to_owned());
        let errors = [
            VoiceError::NoMicrophone,
            VoiceError::NoSpeaker,
            VoiceError::NoAnswer,
            VoiceError::CannotOpen {
                device: device.clone(),
                reason: reason.clone(),
            },
            VoiceError::DeviceLost {
                device,
                reason: reason.clone(),
            },
            VoiceError::Model {
                path: "a.bin".to_owned(),
                reason: reason.clone(),
            },
            VoiceError::Cancelled,
            VoiceError::Transcription(reason.clone()),
            VoiceError::File {
                file: "a.wav".to_owned(),
                reason,
            },
            VoiceError::Unreadable {
                file: "a.wav".to_owned(),
                problem: FileProblem::Empty,
            },
        ];
        for error in errors {
            assert_eq!(error.message(Language::English), error.to_string());
            assert!(
                error
                    .message(Language::Korean)
                    .chars()
                    .any(|c| ('가'..='힣').contains(&c)),
                "{error}"
            );
        }
    }
}
