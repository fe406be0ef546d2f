//! The recorder's thread: it obeys commands and reads the microphone in between.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::live_transcript::LiveTranscript;
use super::pre_roll::PreRoll;
use super::queue::{JobTarget, TranscriptionQueue};
use super::recording::Recording;
use super::silence::SilenceDetector;
use super::{Command, EventHandler, RecorderEvent, RecordingSummary};
use crate::voice::level::level;
use crate::voice::{Microphone, SpeechLanguage, Transcript, UtteranceId, VoiceError};

/// The time between two reads of the microphone.
pub(super) const READ_INTERVAL: Duration = Duration::from_millis(50);

/// Everything the recorder's thread owns.
pub(super) struct RecorderWorker {
    longest_press: Duration,
    microphone: Box<dyn Microphone>,
    level: watch::Sender<f32>,
    events: EventHandler,
    queue: TranscriptionQueue,
    is_open: bool,
    /// Whether the microphone was opened for longer than one press.
    stays_open: bool,
    pre_roll: PreRoll,
    recording: Option<Recording>,
    silence: SilenceDetector,
    /// The utterances that are recorded but not wholly transcribed, oldest first.
    pending: Vec<LiveTranscript>,
}

impl RecorderWorker {
    pub(super) fn new(
        longest_press: Duration,
        microphone: Box<dyn Microphone>,
        queue: TranscriptionQueue,
        level: watch::Sender<f32>,
        events: EventHandler,
    ) -> Self {
        Self {
            longest_press,
            microphone,
            level,
            events,
            queue,
            is_open: false,
            stays_open: false,
            pre_roll: PreRoll::default(),
            recording: None,
            silence: SilenceDetector::default(),
            pending: Vec::new(),
        }
    }

    /// Runs until it receives [`Command::Quit`].
    pub(super) fn run(mut self, commands: &mpsc::Receiver<Command>) {
        loop {
            let command = if self.is_open {
                commands.recv_timeout(READ_INTERVAL)
            } else {
                commands.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            match command {
                Ok(Command::Quit) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => self.read_microphone(),
            }
        }
        self.close();
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Open => {
                self.stays_open = true;
                // A failure has been reported as an event.
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
                self.accept_transcript(utterance, target, outcome);
            }
            Command::Quit => {}
        }
    }

    fn report(&self, event: RecorderEvent) {
        (self.events)(event);
    }

    fn open(&mut self) -> Result<(), VoiceError> {
        if self.is_open {
            return Ok(());
        }
        match self.microphone.open() {
            Ok(()) => {
                self.is_open = true;
                self.report(RecorderEvent::Opened(self.microphone.name()));
                Ok(())
            }
            Err(error) => {
                self.microphone.close();
                self.report(RecorderEvent::MicrophoneFailed(error.clone()));
                Err(error)
            }
        }
    }

    fn close(&mut self) {
        if self.is_open {
            self.is_open = false;
            self.pre_roll = PreRoll::default();
            self.microphone.close();
        }
        match self.recording.take() {
            Some(recording) if recording.is_released() => self.finish(recording),
            Some(recording) => recording.transcript.cancel(),
            None => {}
        }
        self.level.send_replace(0.0);
    }

    fn press(&mut self, utterance: UtteranceId, language: SpeechLanguage) {
        if let Err(error) = self.open() {
            return self.report(RecorderEvent::Failed(utterance, error));
        }
        self.read_microphone();
        if !self.is_open {
            return self.report(RecorderEvent::Failed(utterance, VoiceError::NoMicrophone));
        }
        // The key may be pressed again before the tail of the last press is recorded.
        if let Some(unfinished) = self.recording.take() {
            self.finish(unfinished);
        }
        let transcript = LiveTranscript::new(utterance, language, self.queue.clone());
        let mut recording = Recording::new(transcript);
        recording.push_pre_roll(&self.pre_roll.drain());
        self.recording = Some(recording);
        self.silence = SilenceDetector::default();
        self.microphone.press();
    }

    fn release(&mut self, utterance: UtteranceId) {
        self.read_microphone();
        if let Some(recording) = &mut self.recording
            && recording.transcript.utterance == utterance
        {
            recording.release();
        }
    }

    fn cancel(&mut self, utterance: UtteranceId) {
        let recording = self
            .recording
            .take_if(|recording| recording.transcript.utterance == utterance);
        if let Some(recording) = recording {
            recording.transcript.cancel();
            self.level.send_replace(0.0);
        }
        self.pending.retain(|transcript| {
            let is_cancelled = transcript.utterance == utterance;
            if is_cancelled {
                transcript.cancel();
            }
            !is_cancelled
        });
        self.close_unless_held_open();
    }

    /// Adds a transcript to its utterance, unless that was cancelled meanwhile.
    fn accept_transcript(
        &mut self,
        utterance: UtteranceId,
        target: JobTarget,
        outcome: Result<Transcript, VoiceError>,
    ) {
        let recording = self.recording.as_mut();
        let transcript = recording
            .map(|recording| &mut recording.transcript)
            .into_iter()
            .chain(&mut self.pending)
            .find(|transcript| transcript.utterance == utterance);
        let Some(transcript) = transcript else { return };
        let before = transcript.partial();
        transcript.accept(target, outcome);
        let partial = transcript.partial();
        if partial != before {
            self.report(RecorderEvent::Partial(utterance, partial));
        }
        self.report_outcomes();
    }

    fn finish(&mut self, recording: Recording) {
        let utterance = recording.transcript.utterance;
        let drain = recording.time_since_release();
        let seconds = recording.length();
        let started = Instant::now();
        let transcript = recording.finish();
        let summary = RecordingSummary {
            seconds,
            drain,
            voice_activity: started.elapsed(),
        };
        self.report(RecorderEvent::Recorded(utterance, summary));
        self.pending.push(transcript);
        self.report_outcomes();
    }

    fn report_outcomes(&mut self) {
        let events = &self.events;
        self.pending
            .retain(|transcript| match transcript.outcome() {
                Some(outcome) => {
                    events(outcome);
                    false
                }
                None => true,
            });
    }

    /// Takes what the microphone has delivered, and ends the recording when its tail is complete.
    fn read_microphone(&mut self) {
        if !self.is_open {
            return;
        }
        let mut samples = Vec::new();
        match self.microphone.read(&mut samples) {
            Ok(()) => {
                self.record(&samples);
                self.finish_when_complete();
            }
            Err(error) => self.lose_microphone(error),
        }
    }

    fn record(&mut self, samples: &[f32]) {
        let Some(recording) = &mut self.recording else {
            return self.pre_roll.push(samples);
        };
        recording.push(samples);
        let utterance = recording.transcript.utterance;
        match self.silence.push(samples) {
            Some(true) => {
                let name = self.microphone.name();
                self.report(RecorderEvent::MicrophoneDead(utterance, name));
            }
            Some(false) => self.report(RecorderEvent::MicrophoneAlive(utterance)),
            None => {}
        }
        if !samples.is_empty() {
            self.level.send_replace(level(samples));
        }
    }

    fn finish_when_complete(&mut self) {
        let Some(mut recording) = self.recording.take() else {
            return;
        };
        if recording.length() >= self.longest_press.as_secs_f64() {
            recording.release();
        }
        if recording.is_complete() {
            self.level.send_replace(0.0);
            self.finish(recording);
            self.close_unless_held_open();
        } else {
            self.recording = Some(recording);
        }
    }

    /// Closes a microphone that was opened for one press.
    fn close_unless_held_open(&mut self) {
        if !self.stays_open && self.recording.is_none() {
            self.close();
        }
    }

    /// Closes a microphone that failed, and finishes the recording with what it has.
    fn lose_microphone(&mut self, error: VoiceError) {
        let recording = self.recording.take();
        self.close();
        // The recording is reported before the failure, so that its words are not taken for lost.
        if let Some(recording) = recording {
            self.finish(recording);
        }
        self.report(RecorderEvent::MicrophoneFailed(error));
    }
}
