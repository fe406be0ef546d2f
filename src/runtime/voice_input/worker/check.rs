//! The microphone check: a thread of its own records a sentence, measures it, plays it back and has
//! it transcribed, and reports each step.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::sync::{mpsc, watch};

use crate::app::action::{Action, DeviceReport, TurnId};
use crate::app::check::CheckEvent;
use crate::interview::Language;
use crate::narrator::{AudioFormat, Speech};
use crate::runtime::{SpeechCommand, SpeechOutput};
use crate::voice::{Microphone, MicrophoneVerdict, SpeechLanguage, TranscriberHandle, check};

/// One check, with the devices it uses.
pub(super) struct MicrophoneCheck {
    pub(super) turn: TurnId,
    pub(super) microphone: Box<dyn Microphone>,
    /// `None` without a speech model.
    pub(super) transcriber: Option<TranscriberHandle>,
    pub(super) spoken: SpeechLanguage,
    /// Plays the recording back, if that is wanted.
    pub(super) playback: Option<SpeechOutput>,
    pub(super) language: Language,
    pub(super) level: watch::Sender<f32>,
    pub(super) actions: mpsc::Sender<Action>,
    /// Set once nobody waits for the check any more.
    pub(super) cancelled: Arc<AtomicBool>,
}

impl MicrophoneCheck {
    /// Starts the check on its own thread.
    pub(super) fn start(self) -> io::Result<()> {
        let thread = thread::Builder::new().name("check".into());
        thread.spawn(move || self.run())?;
        Ok(())
    }

    fn run(mut self) {
        let recorded = self.record();
        self.level.send_replace(0.0);
        if self.cancelled.load(Ordering::Relaxed) {
            return;
        }
        match recorded {
            Ok(samples) => self.evaluate(samples),
            Err(error) => self.report(CheckEvent::Failed(error.message(self.language))),
        }
    }

    fn record(&mut self) -> Result<Vec<f32>, crate::voice::VoiceError> {
        let turn = self.turn;
        let actions = self.actions.clone();
        let begun = move |name| {
            report(&actions, turn, CheckEvent::Recording { microphone: name });
        };
        let level = self.level.clone();
        let loudness = move |loudness| {
            level.send_replace(loudness);
        };
        let cancelled = self.cancelled.clone();
        let wanted = move || !cancelled.load(Ordering::Relaxed);
        check::record(&mut *self.microphone, begun, loudness, wanted)
    }

    fn evaluate(&self, samples: Vec<f32>) {
        let measured = check::measure(&samples);
        // A dead microphone recorded nothing to listen to.
        let playback = self
            .playback
            .as_ref()
            .filter(|output| output.is_available() && measured.verdict != MicrophoneVerdict::Dead);
        let transcriber = self
            .transcriber
            .as_ref()
            .filter(|_| measured.verdict.is_usable());
        self.report(CheckEvent::Recorded {
            measured,
            playing: playback.is_some(),
            transcribing: self.transcriber.is_some(),
        });
        if let Some(output) = playback {
            self.play(output, &samples);
        }
        if let Some(transcriber) = transcriber {
            self.transcribe(transcriber, samples);
        }
    }

    fn play(&self, output: &SpeechOutput, samples: &[f32]) {
        let turn = self.turn;
        output.send(SpeechCommand::Begin {
            turn,
            language: self.language,
        });
        output.send(SpeechCommand::Audio {
            turn,
            speech: Speech {
                bytes: check::encode_wav(samples),
                format: AudioFormat::Wav,
            },
            text: String::new(),
        });
        output.send(SpeechCommand::End(turn));
    }

    fn transcribe(&self, transcriber: &TranscriberHandle, samples: Vec<f32>) {
        let turn = self.turn;
        let actions = self.actions.clone();
        let language = self.language;
        transcriber.transcribe_recording(samples, self.spoken, move |outcome| {
            let words = outcome
                .map(|transcript| transcript.text)
                .map_err(|error| error.message(language));
            report(&actions, turn, CheckEvent::Transcribed(words));
        });
    }

    fn report(&self, event: CheckEvent) {
        report(&self.actions, self.turn, event);
    }
}

fn report(actions: &mpsc::Sender<Action>, turn: TurnId, event: CheckEvent) {
    // Once the loop is gone, nobody needs the report.
    let _ = actions.blocking_send(Action::Device(DeviceReport::Check { turn, event }));
}
