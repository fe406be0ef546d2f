//! What the recorder tells, and how a transcript becomes an answer.

use std::time::Duration;

use crate::interview::{Answer, Span, Spoken, Word};
use crate::voice::{SAMPLE_RATE, Transcript, UtteranceId, VoiceError};

/// What the recorder tells.
#[derive(Clone, Debug, PartialEq)]
pub enum RecorderEvent {
    /// The microphone delivers; its name.
    Opened(String),
    /// The microphone cannot be opened, or is gone.
    MicrophoneFailed(VoiceError),
    /// The recording of a press ended and is being transcribed. Comes by itself, without a release,
    /// when a press has lasted an hour or the microphone is lost.
    Recorded(UtteranceId, RecordingSummary),
    /// The words of a press so far, while it goes on or is being transcribed.
    Partial(UtteranceId, PartialTranscript),
    /// The words of a press.
    Transcribed(UtteranceId, Answer),
    /// Nothing was said during a press.
    NoSpeech(UtteranceId),
    /// A press could not be transcribed.
    Failed(UtteranceId, VoiceError),
    /// Nothing at all has come from the microphone for 2 s of a press; its name.
    MicrophoneDead(UtteranceId, String),
    /// Something comes again.
    MicrophoneAlive(UtteranceId),
}

/// A recording that ended.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RecordingSummary {
    /// Length since the press, without the tail.
    pub seconds: f64,
    /// From the release until the tail was heard.
    pub drain: Duration,
    /// What it then took to find where the last phrase ends.
    pub voice_activity: Duration,
}

/// The words of an utterance that goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartialTranscript {
    /// Of closed phrases: these stay.
    pub written: String,
    /// Of what was said after them: provisional.
    pub draft: String,
}

/// Seconds of `samples`.
pub(super) fn seconds(samples: usize) -> f64 {
    samples as f64 / f64::from(SAMPLE_RATE)
}

/// Times count from the press, which came `before` seconds after the first sample.
pub(super) fn answer(transcript: Transcript, length: f64, before: f64) -> Answer {
    let since_press = |time: f64| (time - before).max(0.0);
    let voiced = transcript.voiced.into_iter();
    let voiced = voiced
        .map(|span| Span {
            start: since_press(span.start),
            end: since_press(span.end),
        })
        .collect();
    let words: Vec<Word> = transcript
        .words
        .into_iter()
        .map(|word| Word {
            text: word.text,
            start: since_press(word.start),
            end: since_press(word.end),
        })
        .collect();
    let seconds = words.last().map_or(length, |last| length.max(last.end));
    Answer {
        text: transcript.text,
        spoken: Some(Spoken {
            seconds,
            words,
            voiced,
        }),
    }
}
