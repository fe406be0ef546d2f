//! The spoken side of a candidate's turn: microphone → recording of one press → phrases → words.
//!
//! One thread owns the microphone. While it is open the thread wakes twenty times a second; otherwise it sleeps on its
//! commands. No first or last word is lost: a recording begins with what was heard just before the key (the pre-roll) and
//! goes on for a moment after it (the tail, for what is still on its way through the device).

mod line;
mod recording;
mod silence;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tokio::sync::watch;

use super::level::level;
use super::{Microphone, SAMPLE_RATE, SpeechLanguage, TranscriberHandle, UtteranceId, VoiceError};
use crate::interview::Answer;
use line::Line;
use recording::{Recording, Requests};
use silence::Silence;

/// Between two looks at the microphone.
const WAKE: Duration = Duration::from_millis(50);
/// How long a press may last; then it is ended as if the key had come up.
const LONGEST_PRESS: usize = 600 * SAMPLE_RATE as usize;

/// What the listener tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// The microphone delivers; its name.
    Opened(String),
    /// The microphone cannot be opened, or is gone.
    MicrophoneFailed(String),
    /// The recording of a press ended and is being transcribed; its length in seconds. Comes by itself, without a release,
    /// when a press has lasted ten minutes or the microphone is lost.
    Recorded(UtteranceId, f64),
    /// The words of a press.
    Words(UtteranceId, Answer),
    /// Nothing was said during a press.
    Nothing(UtteranceId),
    /// A press could not be transcribed.
    Failed(UtteranceId, String),
    /// Nothing at all has come from the microphone for 2 s of a press; its name.
    Dead(UtteranceId, String),
    /// Something comes again.
    Alive(UtteranceId),
}

type Events = Arc<dyn Fn(Heard) + Send + Sync>;

/// Owns the microphone and a queue to the transcriber. Methods never block; the thread ends with the last command's sender.
pub struct Listener {
    commands: mpsc::Sender<Command>,
}

#[derive(Clone, Copy)]
enum Command {
    Open,
    Close,
    Press(UtteranceId, SpeechLanguage),
    Release(UtteranceId),
    Cancel(UtteranceId),
}

impl Listener {
    /// Starts the listening thread. `events` is called from it, and from the transcriber's thread; `level` (0…1) is
    /// updated while listening. Without a transcriber every press fails.
    pub fn spawn(
        microphone: Box<dyn Microphone>,
        transcriber: Option<TranscriberHandle>,
        level: watch::Sender<f32>,
        events: Events,
    ) -> Self {
        let (commands, queue) = mpsc::channel();
        let requests = Requests::new(transcriber, events.clone());
        let loud = events.clone();
        let listening =
            Listening { microphone, level, events, requests, line: None, recording: None, silence: Silence::default() };
        let spawned = thread::Builder::new().name("listener".into()).spawn(move || listening.run(&queue));
        if let Err(error) = spawned {
            loud(Heard::MicrophoneFailed(error.to_string()));
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

    /// The talk key went down. Opens the microphone if it is not, at the price of the first words.
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

/// What the thread owns.
struct Listening {
    microphone: Box<dyn Microphone>,
    level: watch::Sender<f32>,
    events: Events,
    requests: Requests,
    line: Option<Line>,
    recording: Option<Recording>,
    silence: Silence,
}

impl Listening {
    fn run(mut self, queue: &mpsc::Receiver<Command>) {
        loop {
            let command = match &self.line {
                Some(_) => queue.recv_timeout(WAKE),
                None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match command {
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => self.hear(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.close();
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Open => {
                // A failure was told as an event.
                let _ = self.open();
            }
            Command::Close => self.close(),
            Command::Press(utterance, language) => self.press(utterance, language),
            Command::Release(utterance) => self.release(utterance),
            Command::Cancel(utterance) => self.cancel(utterance),
        }
    }

    fn open(&mut self) -> Result<(), VoiceError> {
        if self.line.is_some() {
            return Ok(());
        }
        match self.microphone.open().and_then(Line::new) {
            Ok(line) => {
                self.line = Some(line);
                (self.events)(Heard::Opened(self.microphone.name()));
                Ok(())
            }
            Err(error) => {
                self.microphone.close();
                (self.events)(Heard::MicrophoneFailed(error.to_string()));
                Err(error)
            }
        }
    }

    fn close(&mut self) {
        if self.line.take().is_some() {
            self.microphone.close();
        }
        if let Some(released) = self.recording.take().filter(Recording::released) {
            self.requests.transcribe(released);
        }
        self.level.send_replace(0.0);
    }

    fn press(&mut self, utterance: UtteranceId, language: SpeechLanguage) {
        if let Err(error) = self.open() {
            return (self.events)(Heard::Failed(utterance, error.to_string()));
        }
        self.hear();
        let Some(line) = &mut self.line else {
            return (self.events)(Heard::Failed(utterance, "the microphone is gone".into()));
        };
        // A key pressed again before the tail of the last press was heard.
        if let Some(unfinished) = self.recording.take() {
            self.requests.transcribe(unfinished);
        }
        let mut recording = Recording::new(utterance, language);
        recording.begin(&std::mem::take(&mut line.pre_roll));
        self.recording = Some(recording);
        self.silence = Silence::default();
        self.microphone.press();
    }

    fn release(&mut self, utterance: UtteranceId) {
        self.hear();
        if let Some(recording) = self.recording.as_mut().filter(|recording| recording.utterance == utterance) {
            recording.release();
        }
    }

    fn cancel(&mut self, utterance: UtteranceId) {
        if self.recording.as_ref().is_some_and(|recording| recording.utterance == utterance) {
            self.recording = None;
            self.level.send_replace(0.0);
        }
        self.requests.cancel(utterance);
    }

    /// Takes what the microphone has, and ends the recording when its time has come.
    fn hear(&mut self) {
        let Some(line) = &mut self.line else { return };
        let samples = match line.read(&mut *self.microphone) {
            Ok(samples) => samples,
            Err(error) => return self.lose(&error),
        };
        match &mut self.recording {
            None => line.keep(&samples),
            Some(recording) => {
                recording.push(&samples);
                match self.silence.hear(&samples) {
                    Some(true) => (self.events)(Heard::Dead(recording.utterance, self.microphone.name())),
                    Some(false) => (self.events)(Heard::Alive(recording.utterance)),
                    None => {}
                }
                if !samples.is_empty() {
                    self.level.send_replace(level(&samples));
                }
            }
        }
        self.end_when_due();
    }

    fn end_when_due(&mut self) {
        let Some(mut recording) = self.recording.take() else { return };
        if recording.length() >= LONGEST_PRESS && !recording.released() {
            recording.release();
        }
        if recording.drained() {
            self.level.send_replace(0.0);
            self.requests.transcribe(recording);
        } else {
            self.recording = Some(recording);
        }
    }

    /// The microphone is gone: what was recorded so far is not.
    fn lose(&mut self, error: &VoiceError) {
        let recording = self.recording.take();
        self.close();
        // First the words: who hears of the failure before them takes them for lost.
        if let Some(recording) = recording {
            self.requests.transcribe(recording);
        }
        (self.events)(Heard::MicrophoneFailed(error.to_string()));
    }
}

/// Seconds of `samples`.
fn seconds(samples: usize) -> f64 {
    samples as f64 / f64::from(SAMPLE_RATE)
}
