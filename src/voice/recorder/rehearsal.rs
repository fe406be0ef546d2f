//! Tests of one press on a virtual clock: how long a person would wait for the words, without
//! waiting as long as the person talks.
//!
//! The recording, its phrases and its drafts are those of the recorder. The test plays the
//! transcriber: it returns the transcript of each phrase and the time that took, one phrase after
//! the other, as the real transcriber works.

use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use super::RecorderEvent;
use super::event::seconds;
use super::live_transcript::LiveTranscript;
use super::queue::{TranscriptionJob, TranscriptionQueue};
use super::recording::{Recording, TAIL};
use super::worker::READ_INTERVAL;
use crate::interview::{Language, Word};
use crate::voice::segmenter::{Phrase, PhraseLimits, Segmenter};
use crate::voice::test_audio::fixture;
use crate::voice::{
    Pass, SAMPLE_RATE, SpeechLanguage, Transcript, TranscriptionRequest, VoiceError,
};

const LANGUAGE: SpeechLanguage = SpeechLanguage::Only(Language::English);

type Outcome = Result<Transcript, VoiceError>;
/// Transcribes a phrase, and returns the transcript and the time it took.
type Transcribe<'a> = dyn FnMut(&Phrase, &TranscriptionRequest) -> (Outcome, Duration) + 'a;

/// The outcome of a rehearsed press.
#[derive(Debug)]
struct Rehearsed {
    release_to_final: Duration,
    event: RecorderEvent,
}

/// Rehearses a press during which `samples` are spoken, followed by silence.
fn rehearse(samples: &[f32], transcribe: &mut Transcribe<'_>) -> Rehearsed {
    let (sender, jobs) = mpsc::channel();
    let queue = TranscriptionQueue::new(move |job| drop(sender.send(job)));
    let mut recording = Recording::new(LiveTranscript::new(0, LANGUAGE, queue));
    let mut clock = Clock {
        now: Duration::ZERO,
        jobs,
        running: None,
        transcribe,
    };
    clock.record(samples, &mut recording);
    let released_at = clock.now;
    recording.release();
    clock.record(&[0.0; TAIL], &mut recording);
    let mut transcript = recording.finish();
    let event = loop {
        match transcript.outcome() {
            Some(event) => break event,
            None => clock.complete_job(&mut transcript),
        }
    };
    Rehearsed {
        release_to_final: clock.now.saturating_sub(released_at),
        event,
    }
}

/// The virtual time, and the transcriber that works in it.
struct Clock<'a> {
    now: Duration,
    jobs: Receiver<TranscriptionJob>,
    running: Option<RunningJob>,
    transcribe: &'a mut Transcribe<'a>,
}

struct RunningJob {
    job: TranscriptionJob,
    outcome: Outcome,
    end: Duration,
}

impl Clock<'_> {
    /// Passes the time in which `samples` are spoken, one read of the microphone after the other.
    fn record(&mut self, samples: &[f32], recording: &mut Recording) {
        let read = (READ_INTERVAL.as_secs_f64() * f64::from(SAMPLE_RATE)) as usize;
        for block in samples.chunks(read) {
            let until = self.now + Duration::from_secs_f64(seconds(block.len()));
            while self.job_end().is_some_and(|end| end <= until) {
                self.complete_job(&mut recording.transcript);
            }
            self.now = until;
            recording.push(block);
        }
    }

    /// Returns the end of the running job, or of the next one.
    fn job_end(&mut self) -> Option<Duration> {
        if self.running.is_none() {
            let job = self.jobs.try_recv().ok()?;
            let (outcome, cost) = (self.transcribe)(&job.phrase, &job.request);
            self.running = Some(RunningJob {
                job,
                outcome,
                end: self.now + cost,
            });
        }
        let running = self.running.as_mut()?;
        if running.job.request.cancellation.is_cancelled() {
            running.outcome = Err(VoiceError::Cancelled);
            running.end = running.end.min(self.now);
        }
        Some(running.end)
    }

    /// Advances to the end of the running job, or of the next one, and hands over its outcome.
    fn complete_job(&mut self, transcript: &mut LiveTranscript) {
        self.job_end();
        let running = self.running.take();
        let running = running.expect("an utterance waits only for jobs that it queued");
        self.now = self.now.max(running.end);
        transcript.accept(running.job.target, running.outcome);
    }
}

/// Returns speech of this length, made of a fixture that is repeated.
fn speech(seconds: usize) -> Vec<f32> {
    fixture("medium-en-1")
        .into_iter()
        .cycle()
        .take(seconds * SAMPLE_RATE as usize)
        .collect()
}

fn one_word() -> Transcript {
    Transcript {
        text: "word".into(),
        words: vec![Word {
            text: "word".into(),
            start: 0.0,
            end: 0.5,
        }],
        language: Some(Language::English),
        ..Transcript::default()
    }
}

/// Returns the time a transcriber of this speed needs, as a multiple of the phrase's length.
fn cost(phrase: &Phrase, factor: f64) -> Duration {
    Duration::from_secs_f64(seconds(phrase.samples.len()) * factor)
}

#[test]
fn a_long_answer_is_final_as_soon_as_a_short_one_if_the_transcriber_keeps_up() {
    for length in [5, 15, 120] {
        let rehearsed = rehearse(&speech(length), &mut |phrase, _| {
            (Ok(one_word()), cost(phrase, 0.1))
        });
        let expected = Duration::from_millis(200)..Duration::from_secs(4);
        assert!(
            expected.contains(&rehearsed.release_to_final),
            "{rehearsed:?}"
        );
        assert!(matches!(rehearsed.event, RecorderEvent::Transcribed(..)));
    }
}

#[test]
fn the_final_words_wait_for_a_transcriber_slower_than_speech() {
    let rehearsed = rehearse(&speech(30), &mut |phrase, request| {
        let transcript = Transcript {
            low_confidence: request.pass == Pass::Draft,
            ..one_word()
        };
        (Ok(transcript), cost(phrase, 2.0))
    });
    assert!(
        rehearsed.release_to_final > Duration::from_secs(10),
        "{rehearsed:?}"
    );
}

#[test]
fn a_draft_that_became_the_final_text_is_kept_though_the_next_phrase_is_closed_first() {
    let rehearsed = rehearse(&speech(30), &mut |phrase, _| {
        (Ok(one_word()), cost(phrase, 2.0))
    });
    let RecorderEvent::Transcribed(_, answer) = rehearsed.event else {
        panic!("{rehearsed:?}")
    };
    let mut phrases = Vec::new();
    let mut segmenter = Segmenter::new(PhraseLimits::LIVE);
    segmenter.push(&speech(30), &mut phrases);
    segmenter.finish(&mut phrases);
    assert_eq!(
        answer.text.split(' ').count(),
        phrases.len(),
        "there is one word for each phrase"
    );
}

#[test]
fn silence_is_final_with_the_tail_and_never_transcribed() {
    let rehearsed = rehearse(&vec![0.0; 32_000], &mut |_, _| {
        panic!("there is nothing to transcribe")
    });
    assert_eq!(rehearsed.event, RecorderEvent::NoSpeech(0));
    assert_eq!(rehearsed.release_to_final, Duration::from_millis(200));
}
