//! The spoken side of a turn: it records one press of the talk key and transcribes it while the
//! candidate speaks.
//!
//! ```text
//! Recorder ─commands─► RecorderWorker (thread) ─► Recording ─phrases► TranscriptionQueue
//!                        ▲      │ reads the microphone                      │
//!                        │      └─► RecorderEvent                           ▼
//!                        └────────── LiveTranscript ◄─transcripts── transcriber thread
//! ```
//!
//! One thread owns the microphone and the transcripts that are under way. It wakes twenty times a
//! second while the microphone is open and sleeps on its commands otherwise. No first or last word
//! is lost: a recording begins with the samples captured just before the key went down (the
//! pre-roll) and goes on for a moment after it came up (the tail), because the last samples are
//! still on their way through the device then.

mod event;
mod live_transcript;
mod pre_roll;
mod queue;
mod recording;
#[cfg(test)]
mod rehearsal;
mod silence;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::watch;

use super::{Microphone, SpeechLanguage, TranscriberHandle, Transcript, UtteranceId, VoiceError};
pub use event::{PartialTranscript, RecorderEvent, RecordingSummary};
use queue::{JobTarget, TranscriptionQueue};
use worker::RecorderWorker;

/// The longest press; the recorder then acts as if the key had come up.
const LONGEST_PRESS: Duration = Duration::from_hours(1);

type EventHandler = Arc<dyn Fn(RecorderEvent) + Send + Sync>;

/// A handle to the thread that owns the microphone. Its methods never block, and the thread ends
/// when the handle is dropped.
pub struct Recorder {
    commands: mpsc::Sender<Command>,
}

enum Command {
    Open,
    Close,
    Press(UtteranceId, SpeechLanguage),
    Release(UtteranceId),
    Cancel(UtteranceId),
    Transcribed(UtteranceId, JobTarget, Result<Transcript, VoiceError>),
    Quit,
}

impl Recorder {
    /// Starts the recorder's thread. The thread calls `events` and updates `level` (0…1) while it
    /// records. Every press fails if there is no transcriber.
    pub fn spawn(
        microphone: Box<dyn Microphone>,
        transcriber: Option<TranscriberHandle>,
        level: watch::Sender<f32>,
        events: EventHandler,
    ) -> Self {
        Self::spawn_with_limit(LONGEST_PRESS, microphone, transcriber, level, events)
    }

    fn spawn_with_limit(
        longest_press: Duration,
        microphone: Box<dyn Microphone>,
        transcriber: Option<TranscriberHandle>,
        level: watch::Sender<f32>,
        events: EventHandler,
    ) -> Self {
        let (commands, received) = mpsc::channel();
        let queue = TranscriptionQueue::to_transcriber(transcriber, commands.clone());
        let report = events.clone();
        let worker = RecorderWorker::new(longest_press, microphone, queue, level, events);
        let spawned = thread::Builder::new()
            .name("recorder".into())
            .spawn(move || worker.run(&received));
        if let Err(error) = spawned {
            report(RecorderEvent::MicrophoneFailed(VoiceError::CannotOpen {
                device: String::new(),
                reason: error.to_string(),
            }));
        }
        Self { commands }
    }

    /// Opens the microphone and keeps it open; a microphone that failed before is tried again.
    pub fn open(&self) {
        self.send(Command::Open);
    }

    /// Closes the microphone and discards the press that is being recorded, if any.
    pub fn close(&self) {
        self.send(Command::Close);
    }

    /// Begins an utterance. A closed microphone is opened for this press only, which takes long
    /// enough to lose the first words.
    pub fn press(&self, utterance: UtteranceId, language: SpeechLanguage) {
        self.send(Command::Press(utterance, language));
    }

    /// Ends an utterance.
    pub fn release(&self, utterance: UtteranceId) {
        self.send(Command::Release(utterance));
    }

    /// Discards an utterance, even one that is being transcribed: no further event names it.
    pub fn cancel(&self, utterance: UtteranceId) {
        self.send(Command::Cancel(utterance));
    }

    fn send(&self, command: Command) {
        // Sending fails only if the thread could not be started, which was reported then.
        let _ = self.commands.send(command);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.send(Command::Quit);
    }
}
