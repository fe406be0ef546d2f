//! What goes wrong with sound.

use rust_i18n::t;

use crate::interview::Language;

/// What goes wrong with sound. The runtime adds the command that mends it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VoiceError {
    /// None there.
    #[error("no microphone was found")]
    NoMicrophone,
    /// None there.
    #[error("no speaker was found")]
    NoSpeaker,
    /// The sound server hangs.
    #[error("the sound system does not respond")]
    NoAnswer,
    /// There, and refused.
    #[error("cannot open {device}: {reason}")]
    CannotOpen {
        /// Name.
        device: String,
        /// What the system said.
        reason: String,
    },
    /// Was there.
    #[error("{device} stopped: {reason}")]
    DeviceLost {
        /// Name.
        device: String,
        /// Why.
        reason: String,
    },
    /// Model missing or broken.
    #[error("cannot load the speech model {path}: {reason}")]
    Model {
        /// File.
        path: String,
        /// Why.
        reason: String,
    },
    /// The request was called off.
    #[error("cancelled")]
    Cancelled,
    /// Whisper failed.
    #[error("transcription failed: {0}")]
    Transcription(String),
    /// An audio file.
    #[error("{file}: {reason}")]
    File {
        /// Name.
        file: String,
        /// Why it is refused.
        reason: String,
    },
}

impl VoiceError {
    /// For the screen, in its language; what a system said stays in the words it used.
    pub fn told(&self, language: Language) -> String {
        let locale = language.code();
        let told = match self {
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
        };
        told.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_in_english_as_it_is_logged_and_in_korean_otherwise() {
        let (device, reason) = ("Desk".to_owned(), "busy".to_owned());
        let faults = [
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
        ];
        for fault in faults {
            assert_eq!(fault.told(Language::English), fault.to_string());
            assert!(
                fault
                    .told(Language::Korean)
                    .chars()
                    .any(|c| ('가'..='힣').contains(&c)),
                "{fault}"
            );
        }
    }
}
