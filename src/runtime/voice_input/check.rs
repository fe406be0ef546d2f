//! A check of the microphone from the lobby: recorded on a thread of its own, told as it goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::sync::{mpsc, watch};

use crate::app::action::{Action, DeviceReport, TurnId};
use crate::app::check::Checked;
use crate::interview::Language;
use crate::narrator::{AudioFormat, Speech};
use crate::runtime::SpeechOutput;
use crate::voice::{Microphone, SpeechLanguage, TranscriberHandle, Verdict, check};

/// What a check needs.
pub struct MicrophoneCheck {
    /// Names it.
    pub turn: TurnId,
    /// Talked into.
    pub microphone: Box<dyn Microphone>,
    /// Writes down, if there is a model.
    pub transcriber: Option<TranscriberHandle>,
    /// Recognised.
    pub spoken: SpeechLanguage,
    /// Plays back, if it is wanted and possible.
    pub speech_output: Option<SpeechOutput>,
    /// Of the interview; the speech_output wants one.
    pub language: Language,
    /// Told how loud it is.
    pub level: watch::Sender<f32>,
    /// Told how it goes.
    pub actions: mpsc::Sender<Action>,
    /// Set when nobody waits any more.
    pub cancelled: Arc<AtomicBool>,
}

impl MicrophoneCheck {
    /// Begins.
    pub fn start(self) {
        let (turn, actions) = (self.turn, self.actions.clone());
        if let Err(error) = thread::Builder::new()
            .name("check".into())
            .spawn(move || self.run())
        {
            // The queue is nearly empty in the lobby.
            let _ = actions.try_send(Action::Device(DeviceReport::Check {
                turn,
                event: Checked::Failed(error.to_string()),
            }));
        }
    }

    fn run(mut self) {
        let (turn, actions, level) = (self.turn, self.actions.clone(), self.level.clone());
        let begun = move |name| {
            drop(actions.blocking_send(Action::Device(DeviceReport::Check {
                turn,
                event: Checked::Hearing(name),
            })))
        };
        let loudness = move |loudness| {
            level.send_replace(loudness);
        };
        let cancelled = self.cancelled.clone();
        let wanted = move || !cancelled.load(Ordering::Relaxed);
        let recorded = check::record(&mut *self.microphone, begun, loudness, wanted);
        self.level.send_replace(0.0);
        match recorded {
            _ if self.cancelled.load(Ordering::Relaxed) => {}
            Ok(samples) => self.recorded(samples),
            Err(error) => self.tell(Checked::Failed(error.told(self.language))),
        }
    }

    fn recorded(&self, samples: Vec<f32>) {
        let measured = check::measure(&samples);
        // Of a dead microphone there is nothing to hear.
        let speech_output = self
            .speech_output
            .as_ref()
            .filter(|_| measured.verdict != Verdict::Dead);
        let transcriber = self
            .transcriber
            .as_ref()
            .filter(|_| measured.verdict.is_usable());
        let writing = self.transcriber.is_some();
        self.tell(Checked::Recorded {
            measured,
            playing: speech_output.is_some(),
            writing,
        });
        if let Some(speech_output) = speech_output {
            let speech = Speech {
                bytes: check::wav(&samples),
                format: AudioFormat::Wav,
            };
            speech_output.begin(self.turn, self.language);
            speech_output.sound(self.turn, speech, String::new());
            speech_output.end(self.turn);
        }
        if let Some(transcriber) = transcriber {
            let (turn, actions, language) = (self.turn, self.actions.clone(), self.language);
            transcriber.transcribe_recording(samples, self.spoken, move |outcome| {
                let words = outcome
                    .map(|transcript| transcript.text)
                    .map_err(|error| error.told(language));
                let _ = actions.blocking_send(Action::Device(DeviceReport::Check {
                    turn,
                    event: Checked::Written(words),
                }));
            });
        }
    }

    fn tell(&self, news: Checked) {
        // The loop is gone: nobody is left to know.
        let _ = self
            .actions
            .blocking_send(Action::Device(DeviceReport::Check {
                turn: self.turn,
                event: news,
            }));
    }
}
