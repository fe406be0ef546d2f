//! The listening thread: obeys commands, and while the microphone is open looks at it twenty times a second.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::input::MicrophoneInput;
use super::live_transcript::LiveTranscript;
use super::queue::{JobTarget, TranscriptionQueue};
use super::recording::Recording;
use super::silence::Silence;
use super::{Command, Events, RecorderEvent, RecordingSummary};
use crate::voice::level::level;
use crate::voice::{Microphone, SpeechLanguage, Transcript, UtteranceId, VoiceError};

/// Between two looks at the microphone.
pub(super) const WAKE: Duration = Duration::from_millis(50);

/// What the thread owns.
pub(super) struct RecorderWorker {
    /// How long a press may last.
    longest: Duration,
    microphone: Box<dyn Microphone>,
    level: watch::Sender<f32>,
    events: Events,
    queue: TranscriptionQueue,
    line: Option<MicrophoneInput>,
    /// Opened for longer than one press.
    stays_open: bool,
    recording: Option<Recording>,
    silence: Silence,
    /// Recorded, and not all written yet; oldest first.
    pending: Vec<LiveTranscript>,
}

impl RecorderWorker {
    /// With the microphone closed. A press ends after `longest`.
    pub fn new(
        longest: Duration,
        microphone: Box<dyn Microphone>,
        queue: TranscriptionQueue,
        (level, events): (watch::Sender<f32>, Events),
    ) -> Self {
        Self {
            longest,
            microphone,
            level,
            events,
            queue,
            line: None,
            stays_open: false,
            recording: None,
            silence: Silence::default(),
            pending: Vec::new(),
        }
    }

    /// Until told to quit.
    pub fn run(mut self, queue: &mpsc::Receiver<Command>) {
        loop {
            let command = match &self.line {
                Some(_) => queue.recv_timeout(WAKE),
                None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match command {
                Ok(Command::Quit) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => self.hear(),
            }
        }
        self.close();
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Open => {
                self.stays_open = true;
                // A failure was told as an event.
                let _ = self.open();
            }
            Command::Close => {
                self.stays_open = false;
                self.close();
            }
            Command::Press(utterance, language) => self.press(utterance, language),
            Command::Release(utterance) => self.release(utterance),
            Command::Cancel(utterance) => self.cancel(utterance),
            Command::Transcribed(utterance, target, outcome) => {
                self.wrote(utterance, target, outcome)
            }
            Command::Quit => {}
        }
    }

    fn open(&mut self) -> Result<(), VoiceError> {
        if self.line.is_some() {
            return Ok(());
        }
        match self.microphone.open().and_then(MicrophoneInput::new) {
            Ok(line) => {
                self.line = Some(line);
                (self.events)(RecorderEvent::Opened(self.microphone.name()));
                Ok(())
            }
            Err(error) => {
                self.microphone.close();
                (self.events)(RecorderEvent::MicrophoneFailed(error.clone()));
                Err(error)
            }
        }
    }

    fn close(&mut self) {
        if self.line.take().is_some() {
            self.microphone.close();
        }
        match self.recording.take() {
            Some(released) if released.released() => self.finish(released),
            Some(forgotten) => forgotten.transcript.cancel(),
            None => {}
        }
        self.level.send_replace(0.0);
    }

    fn press(&mut self, utterance: UtteranceId, language: SpeechLanguage) {
        if let Err(error) = self.open() {
            return (self.events)(RecorderEvent::Failed(utterance, error));
        }
        self.hear();
        let Some(line) = &mut self.line else {
            return (self.events)(RecorderEvent::Failed(utterance, VoiceError::NoMicrophone));
        };
        let pre_roll = std::mem::take(&mut line.pre_roll);
        // A key pressed again before the tail of the last press was heard.
        if let Some(unfinished) = self.recording.take() {
            self.finish(unfinished);
        }
        let mut recording =
            Recording::new(LiveTranscript::new(utterance, language, self.queue.clone()));
        recording.begin(&pre_roll);
        self.recording = Some(recording);
        self.silence = Silence::default();
        self.microphone.press();
    }

    fn release(&mut self, utterance: UtteranceId) {
        self.hear();
        if let Some(recording) = self
            .recording
            .as_mut()
            .filter(|open| open.transcript.utterance == utterance)
        {
            recording.release();
        }
    }

    fn cancel(&mut self, utterance: UtteranceId) {
        if let Some(recording) = self
            .recording
            .take_if(|open| open.transcript.utterance == utterance)
        {
            recording.transcript.cancel();
            self.level.send_replace(0.0);
        }
        self.pending
            .iter()
            .filter(|pending| pending.utterance == utterance)
            .for_each(LiveTranscript::cancel);
        self.pending
            .retain(|pending| pending.utterance != utterance);
        self.rest();
    }

    /// Of an utterance that was cancelled meanwhile nothing is told.
    fn wrote(
        &mut self,
        utterance: UtteranceId,
        target: JobTarget,
        outcome: Result<Transcript, VoiceError>,
    ) {
        let open = self.recording.as_mut().map(|open| &mut open.transcript);
        let of = |transcript: &&mut LiveTranscript| transcript.utterance == utterance;
        let Some(transcript) = open.into_iter().chain(&mut self.pending).find(of) else {
            return;
        };
        let before = transcript.partial();
        transcript.wrote(target, outcome);
        let partial = transcript.partial();
        if partial != before {
            (self.events)(RecorderEvent::Partial(utterance, partial));
        }
        self.tell_outcomes();
    }

    /// The recording is over: what is left of it is written down.
    fn finish(&mut self, recording: Recording) {
        let (utterance, drained, begun) = (
            recording.transcript.utterance,
            recording.drain(),
            Instant::now(),
        );
        let seconds = recording.length();
        let transcript = recording.finish();
        let recorded = RecordingSummary {
            seconds,
            drain: drained,
            voice_activity: begun.elapsed(),
        };
        (self.events)(RecorderEvent::Recorded(utterance, recorded));
        self.pending.push(transcript);
        self.tell_outcomes();
    }

    fn tell_outcomes(&mut self) {
        let events = &self.events;
        self.pending.retain(|pending| match pending.outcome() {
            Some(outcome) => {
                events(outcome);
                false
            }
            None => true,
        });
    }

    /// Takes what the microphone has, and ends the recording when its time has come.
    fn hear(&mut self) {
        let Some(line) = &mut self.line else { return };
        let samples = match line.read(&mut *self.microphone) {
            Ok(samples) => samples,
            Err(error) => return self.lose(error),
        };
        match &mut self.recording {
            None => line.keep(&samples),
            Some(recording) => {
                recording.push(&samples);
                match self.silence.hear(&samples) {
                    Some(true) => (self.events)(RecorderEvent::MicrophoneDead(
                        recording.transcript.utterance,
                        self.microphone.name(),
                    )),
                    Some(false) => (self.events)(RecorderEvent::MicrophoneAlive(
                        recording.transcript.utterance,
                    )),
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
        let Some(mut recording) = self.recording.take() else {
            return;
        };
        if recording.length() >= self.longest.as_secs_f64() && !recording.released() {
            recording.release();
        }
        if recording.drained() {
            self.level.send_replace(0.0);
            self.finish(recording);
            self.rest();
        } else {
            self.recording = Some(recording);
        }
    }

    /// A microphone that may not stay open is closed after its press.
    fn rest(&mut self) {
        if !self.stays_open && self.recording.is_none() {
            self.close();
        }
    }

    /// The microphone is gone: what was recorded so far is not.
    fn lose(&mut self, error: VoiceError) {
        let recording = self.recording.take();
        self.close();
        // First the words: who hears of the failure before them takes them for lost.
        if let Some(recording) = recording {
            self.finish(recording);
        }
        (self.events)(RecorderEvent::MicrophoneFailed(error));
    }
}
