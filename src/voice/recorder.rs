//! The spoken side of a candidate's turn: microphone → recording of one press → phrases → words, while they are spoken.
//!
//! One thread owns the microphone and what is being written down. While the microphone is open the thread wakes twenty
//! times a second; otherwise it sleeps on its commands. No first or last word is lost: a recording begins with what was heard just before the key (the pre-roll) and
//! goes on for a moment after it (the tail, for what is still on its way through the device).

mod event;
mod input;
mod live_transcript;
mod queue;
mod recording;
pub mod rehearsal;
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
use event::{answer, seconds};
use queue::{JobTarget, TranscriptionQueue};
use worker::RecorderWorker;

/// How long a press may last; then it is ended as if the key had come up.
const LONGEST_PRESS: Duration = Duration::from_hours(1);

type Events = Arc<dyn Fn(RecorderEvent) + Send + Sync>;

/// Owns the microphone and a queue to the transcriber. Methods never block; the thread ends when this is dropped.
pub struct Recorder {
    commands: mpsc::Sender<Command>,
}

enum Command {
    Open,
    Close,
    Press(UtteranceId, SpeechLanguage),
    Release(UtteranceId),
    Cancel(UtteranceId),
    /// The transcriber has written something.
    Transcribed(UtteranceId, JobTarget, Result<Transcript, VoiceError>),
    /// The recorder was dropped.
    Quit,
}

impl Recorder {
    /// Starts the listening thread. `events` is called from it; `level` (0…1) is updated while listening. Without a transcriber every press fails.
    pub fn spawn(
        microphone: Box<dyn Microphone>,
        transcriber: Option<TranscriberHandle>,
        level: watch::Sender<f32>,
        events: Events,
    ) -> Self {
        Self::spawn_for(LONGEST_PRESS, microphone, transcriber, level, events)
    }

    fn spawn_for(
        longest: Duration,
        microphone: Box<dyn Microphone>,
        transcriber: Option<TranscriberHandle>,
        level: watch::Sender<f32>,
        events: Events,
    ) -> Self {
        let (commands, received) = mpsc::channel();
        let queue = TranscriptionQueue::to_transcriber(transcriber, commands.clone());
        let loud = events.clone();
        let worker = RecorderWorker::new(longest, microphone, queue, (level, events));
        let spawned = thread::Builder::new()
            .name("recorder".into())
            .spawn(move || worker.run(&received));
        if let Err(error) = spawned {
            let (device, reason) = (String::new(), error.to_string());
            loud(RecorderEvent::MicrophoneFailed(VoiceError::CannotOpen {
                device,
                reason,
            }));
        }
        Self { commands }
    }

    /// Opens the microphone (an interview is on the screen); tries again where it failed before.
    pub fn open(&self) {
        self.tell(Command::Open);
    }

    /// Closes it; a press going on is forgotten.
    pub fn close(&self) {
        self.tell(Command::Close);
    }

    /// The talk key went down. Opens the microphone if it is not, at the price of the first words, and for this press only.
    pub fn press(&self, utterance: UtteranceId, language: SpeechLanguage) {
        self.tell(Command::Press(utterance, language));
    }

    /// The talk key came up.
    pub fn release(&self, utterance: UtteranceId) {
        self.tell(Command::Release(utterance));
    }

    /// Forget this press, also when it is being transcribed already: nothing more is heard of it.
    pub fn cancel(&self, utterance: UtteranceId) {
        self.tell(Command::Cancel(utterance));
    }

    fn tell(&self, command: Command) {
        // Fails only when the thread could not be started, which was told.
        let _ = self.commands.send(command);
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.tell(Command::Quit);
    }
}
