//! The port to the microphone and the speech model: commands go in, actions come out.
//!
//! ```text
//! VoiceCommand ─► VoiceInput ─► worker: microphone ─► recorder ─► transcriber
//!                                 └─► Action: words, levels, devices, what failed
//! ```
//!
//! A build without the `voice` feature has no worker: its port ignores every command.

#[cfg(feature = "voice")]
mod worker;

use std::path::PathBuf;

use tokio::sync::{mpsc, watch};

use super::SpeechOutput;
use crate::app::action::{Action, Missing, Part, TurnId};
use crate::config;
use crate::interview::Language;
use crate::machine::Machine;
use crate::preferences::SelectedDevices;
use crate::voice::{SharedDevicePreference, SpeechLanguage};

/// One thing to do on the microphone side.
pub enum VoiceCommand {
    /// Loads the speech model in this file in the background, and starts recording with it.
    LoadModel(PathBuf),
    /// Starts recording with a speech model that is loaded elsewhere.
    #[cfg(feature = "voice")]
    UseTranscriber(crate::voice::TranscriberHandle),
    /// Sets the language the interview is held in.
    SetInterviewLanguage(Language),
    /// Sets the language the answers are spoken in.
    SetSpeechLanguage(config::SpeechLanguage),
    /// Uses other devices from the next opening on.
    UseDevices(SelectedDevices),
    /// Opens the microphone while an interview is on the screen. If it must not stay open, the
    /// talk key opens it.
    Open,
    Close,
    /// Begins an utterance, as the talk key goes down.
    Press(TurnId),
    /// Ends the utterance, as the talk key comes up.
    Release(TurnId),
    /// Discards the utterance.
    Cancel(TurnId),
    /// Lists the system's devices.
    ListDevices(TurnId),
    /// Checks the microphone: records a sentence, measures it and transcribes it.
    Check {
        turn: TurnId,
        language: Language,
        play_back: bool,
    },
    CancelCheck,
}

/// The settings and devices of the microphone side.
pub struct VoiceInputSettings {
    /// Recordings that stand for the microphone; empty: the device.
    pub files: Vec<PathBuf>,
    pub speech: config::SpeechConfig,
    /// The language the interview is held in.
    pub interview: Language,
    /// The language of the user interface.
    pub interface: Language,
    pub microphone: SharedDevicePreference,
    /// Shared with the loudspeaker, so that another one can be chosen.
    pub speaker: SharedDevicePreference,
    /// Plays the recording of a microphone check back.
    pub speech_output: SpeechOutput,
}

impl VoiceInputSettings {
    /// Returns the settings for recordings in place of a microphone, without a loudspeaker.
    pub fn for_files(
        files: Vec<PathBuf>,
        speech: config::SpeechConfig,
        language: Language,
    ) -> Self {
        Self {
            files,
            speech,
            interview: language,
            interface: language,
            microphone: SharedDevicePreference::default(),
            speaker: SharedDevicePreference::default(),
            speech_output: SpeechOutput::unavailable(),
        }
    }
}

/// A handle to the microphone side. Sending never blocks.
pub struct VoiceInput {
    commands: mpsc::UnboundedSender<VoiceCommand>,
    level: watch::Receiver<f32>,
}

impl VoiceInput {
    /// Starts the worker; nothing is opened or loaded yet. Needs a tokio runtime.
    #[cfg(feature = "voice")]
    pub fn start(settings: VoiceInputSettings, actions: mpsc::Sender<Action>) -> Self {
        let (commands, level) = worker::spawn(settings, actions);
        Self { commands, level }
    }

    /// Returns an unavailable port: this build has no voice.
    #[cfg(not(feature = "voice"))]
    pub fn start(_settings: VoiceInputSettings, _actions: mpsc::Sender<Action>) -> Self {
        Self::unavailable()
    }

    /// Returns a port without a microphone, which ignores every command.
    pub fn unavailable() -> Self {
        let (commands, _) = mpsc::unbounded_channel();
        let (_, level) = watch::channel(0.0);
        Self { commands, level }
    }

    /// Returns whether voice is built in and its worker runs.
    pub fn is_available(&self) -> bool {
        !self.commands.is_closed()
    }

    /// Queues one command.
    pub fn send(&self, command: VoiceCommand) {
        // Without voice there is nothing to do.
        let _ = self.commands.send(command);
    }

    /// Returns the input level, 0…1.
    pub fn level(&self) -> f32 {
        *self.level.borrow()
    }
}

/// Returns the language to recognise in an interview held in `interview`.
pub fn recognised_language(choice: config::SpeechLanguage, interview: Language) -> SpeechLanguage {
    choice
        .during(interview)
        .map_or(SpeechLanguage::Auto, SpeechLanguage::Only)
}

/// Returns the notice that there is no usable speech model for the spoken language (`None`: it is
/// detected).
pub fn model_missing(reason: String, spoken: Option<Language>) -> Missing {
    let recommended = crate::models::recommended(spoken, Machine::here());
    Missing {
        part: Part::Model,
        reason,
        remedy: format!(
            "mock-interviewer models download {}",
            recommended.model.name
        ),
    }
}
