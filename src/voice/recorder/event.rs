//! The events a recorder reports, and the answer made of a finished transcript.

use std::time::Duration;

use crate::interview::{Answer, Span, Spoken, Word};
use crate::voice::{SAMPLE_RATE, Transcript, UtteranceId, VoiceError};

/// Something that happened to the microphone or to an utterance.
#[derive(Clone, Debug, PartialEq)]
pub enum RecorderEvent {
    /// The microphone of this name delivers samples.
    Opened(String),
    /// The microphone cannot be opened, or has stopped for good.
    MicrophoneFailed(VoiceError),
    /// A recording ended and is being transcribed. The event comes without a release when a press
    /// has lasted an hour or the microphone is lost.
    Recorded(UtteranceId, RecordingSummary),
    Partial(UtteranceId, PartialTranscript),
    Transcribed(UtteranceId, Answer),
    /// The recording contains no speech.
    NoSpeech(UtteranceId),
    /// An utterance could not be recorded or transcribed.
    Failed(UtteranceId, VoiceError),
    /// The microphone of this name has delivered nothing but silence for 2 s of a press.
    MicrophoneDead(UtteranceId, String),
    /// A microphone that was reported dead delivers sound.
    MicrophoneAlive(UtteranceId),
}

/// A finished recording in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RecordingSummary {
    /// The length from the press to the release.
    pub seconds: f64,
    /// The time from the release until the tail was recorded.
    pub drain: Duration,
    /// The time it then took to find the end of the last phrase.
    pub voice_activity: Duration,
}

/// The text of an utterance that is still being spoken or transcribed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartialTranscript {
    /// The text of closed phrases, which does not change any more.
    pub stable: String,
    /// The text after them, which may still change.
    pub provisional: String,
}

/// Returns the duration of `samples` samples in seconds.
pub(super) fn seconds(samples: usize) -> f64 {
    samples as f64 / f64::from(SAMPLE_RATE)
}

/// Turns a transcript into an answer that lasted `length` seconds. The times of an answer count
/// from the press, which came `before` seconds after the first sample.
pub(super) fn answer(transcript: Transcript, length: f64, before: f64) -> Answer {
    let since_press = |time: f64| (time - before).max(0.0);
    let voiced = transcript
        .voiced
        .into_iter()
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
