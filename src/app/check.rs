//! The check of the microphone: a sentence is recorded, measured, played back and transcribed.

use super::turn_id::TurnId;
pub use crate::voice::{MicrophoneReport, MicrophoneVerdict};

/// The check over the lobby.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub(crate) turn: TurnId,
    pub(crate) stage: CheckStage,
}

/// How far a check is.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckStage {
    /// The microphone is being opened.
    Opening,
    Recording {
        microphone: String,
        /// The time the recording began, in ms.
        since: u64,
        /// The loudness now, 0 to 1.
        level: f32,
    },
    /// The sentence was recorded. It may still be played or transcribed.
    Done(Box<CheckOutcome>),
    /// The sentence cannot be recorded, for this reason.
    Failed(String),
}

/// The findings of a check.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckOutcome {
    pub microphone: String,
    pub measured: MicrophoneReport,
    /// Whether the recording is being played.
    pub playing: bool,
    /// Why the recording cannot be played, if so.
    pub unplayed: Option<String>,
    pub words: CheckWords,
}

/// The words that were said in a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckWords {
    /// There is no speech model.
    NoModel,
    /// The recording is being transcribed.
    Awaited,
    /// The words, or an empty text where none were recognised.
    Text(String),
    /// The recording cannot be transcribed, for this reason.
    Failed(String),
}

/// Events in the course of a check.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckEvent {
    /// The microphone is open and being recorded.
    Recording { microphone: String },
    Recorded {
        measured: MicrophoneReport,
        /// Whether the recording is played back now.
        playing: bool,
        /// Whether the recording is transcribed now.
        transcribing: bool,
    },
    /// The words, or why the recording cannot be transcribed.
    Transcribed(Result<String, String>),
    /// The sentence cannot be recorded, for this reason.
    Failed(String),
}

impl Check {
    /// Whether something in the check moves by itself.
    pub(super) fn animates(&self) -> bool {
        matches!(self.stage, CheckStage::Recording { .. })
    }

    /// Notes that the recording was played to its end.
    pub(super) fn played(&mut self) {
        if let CheckStage::Done(outcome) = &mut self.stage {
            outcome.playing = false;
        }
    }

    /// Notes that the recording cannot be played, if it is being played.
    pub(super) fn not_played(&mut self, reason: &str) {
        if let CheckStage::Done(outcome) = &mut self.stage
            && outcome.playing
        {
            outcome.playing = false;
            outcome.unplayed = Some(reason.to_owned());
        }
    }

    /// Takes in an event. One that does not fit the stage comes late and changes nothing.
    pub(super) fn update(&mut self, event: CheckEvent, now: u64) {
        match event {
            CheckEvent::Recording { microphone } => {
                self.stage = CheckStage::Recording {
                    microphone,
                    since: now,
                    level: 0.0,
                };
            }
            CheckEvent::Recorded {
                measured,
                playing,
                transcribing,
            } => self.recorded(measured, playing, transcribing),
            CheckEvent::Transcribed(words) => {
                if let CheckStage::Done(outcome) = &mut self.stage {
                    outcome.words = words.map_or_else(CheckWords::Failed, CheckWords::Text);
                }
            }
            CheckEvent::Failed(reason) => self.stage = CheckStage::Failed(reason),
        }
    }

    fn recorded(&mut self, measured: MicrophoneReport, playing: bool, transcribing: bool) {
        let CheckStage::Recording { microphone, .. } = &mut self.stage else {
            return;
        };
        self.stage = CheckStage::Done(Box::new(CheckOutcome {
            microphone: std::mem::take(microphone),
            measured,
            playing,
            unplayed: None,
            words: if transcribing {
                CheckWords::Awaited
            } else {
                CheckWords::NoModel
            },
        }));
    }
}
