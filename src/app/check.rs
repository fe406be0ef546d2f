//! Trying the microphone out: a sentence is recorded, measured, played back and written down.
use super::turn_id::TurnId;
pub use crate::voice::{MicrophoneReport, MicrophoneVerdict};

/// The check over the lobby.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub(crate) turn: TurnId,
    pub(crate) stage: Stage,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// The microphone is being opened.
    Opening,
    /// It is listened to.
    Hearing {
        /// Its name.
        microphone: String,
        /// Start, ms.
        since: u64,
        /// Loudness now, 0…1.
        level: f32,
    },
    /// It was.
    Heard(Box<Outcome>),
    /// It cannot be; why.
    Failed(String),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Of the microphone.
    pub microphone: String,
    /// The recording.
    pub measured: MicrophoneReport,
    /// It is being played.
    pub playing: bool,
    /// Why it is not played back, if it cannot be.
    pub unplayed: Option<String>,
    /// What was said.
    pub words: Words,
}

/// What was said in a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// There is no speech model.
    NoModel,
    /// They are being written down.
    Awaited,
    /// They were; empty: none.
    Text(String),
    /// They cannot be; why.
    Failed(String),
}

/// What is told of a check as it goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Checked {
    /// The microphone is open; its name.
    Hearing(String),
    /// The sentence was recorded.
    Recorded {
        /// What it is like.
        measured: MicrophoneReport,
        /// It is played back now.
        playing: bool,
        /// It is written down now.
        writing: bool,
    },
    /// It was written down, or could not be.
    Written(Result<String, String>),
    /// It could not be recorded; why.
    Failed(String),
}

impl Check {
    /// Something moves.
    pub(super) fn animates(&self) -> bool {
        matches!(self.stage, Stage::Hearing { .. })
    }

    /// Notes that the recording was played to its end.
    pub(super) fn played(&mut self) {
        if let Stage::Heard(outcome) = &mut self.stage {
            outcome.playing = false;
        }
    }

    /// Notes that the recording cannot be played, if it is being played.
    pub(super) fn not_played(&mut self, reason: &str) {
        if let Stage::Heard(outcome) = &mut self.stage
            && outcome.playing
        {
            outcome.playing = false;
            outcome.unplayed = Some(reason.to_owned());
        }
    }

    pub(super) fn update(&mut self, event: Checked, now: u64) {
        match (event, &mut self.stage) {
            (Checked::Hearing(microphone), _) => {
                self.stage = Stage::Hearing {
                    microphone,
                    since: now,
                    level: 0.0,
                }
            }
            (
                Checked::Recorded {
                    measured,
                    playing,
                    writing,
                },
                Stage::Hearing { microphone, .. },
            ) => {
                let words = if writing {
                    Words::Awaited
                } else {
                    Words::NoModel
                };
                let microphone = std::mem::take(microphone);
                self.stage = Stage::Heard(Box::new(Outcome {
                    microphone,
                    measured,
                    playing,
                    unplayed: None,
                    words,
                }));
            }
            (Checked::Written(words), Stage::Heard(outcome)) => {
                outcome.words = words.map_or_else(Words::Failed, Words::Text);
            }
            (Checked::Failed(reason), _) => self.stage = Stage::Failed(reason),
            _ => {}
        }
    }
}
