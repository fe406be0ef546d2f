//! The recording of one press.

use std::time::{Duration, Instant};

use super::live_transcript::LiveTranscript;
use super::seconds;
use crate::voice::SAMPLE_RATE;
use crate::voice::segmenter::{Phrase, PhraseLimits, Segmenter};

/// Samples recorded after the key came up: 200 ms, more than a sound card holds back.
pub(super) const TAIL: usize = SAMPLE_RATE as usize / 5;
/// A microphone that falls silent at the end is not waited for longer than this.
const LONGEST_TAIL: Duration = Duration::from_secs(1);

/// What is heard from just before the press until just after its release; only the phrases in it are kept.
pub(super) struct Recording {
    pub(super) transcript: LiveTranscript,
    segmenter: Segmenter,
    /// Samples before the press.
    before: usize,
    /// Samples since the press.
    since: usize,
    released: Option<Released>,
}

#[derive(Clone, Copy)]
struct Released {
    at: Instant,
    length: usize,
}

impl Recording {
    pub(super) fn new(transcript: LiveTranscript) -> Self {
        Self {
            transcript,
            segmenter: Segmenter::new(PhraseLimits::LIVE),
            before: 0,
            since: 0,
            released: None,
        }
    }

    /// What was heard just before the press.
    pub(super) fn begin(&mut self, pre_roll: &[f32]) {
        self.before = pre_roll.len();
        self.hear(pre_roll);
    }

    pub(super) fn push(&mut self, samples: &[f32]) {
        self.since += samples.len();
        self.hear(samples);
    }

    fn hear(&mut self, samples: &[f32]) {
        let mut closed = Vec::new();
        self.segmenter.push(samples, &mut closed);
        self.hand_in(closed);
        self.transcript
            .look(self.before + self.since, || self.segmenter.open_phrase());
    }

    fn hand_in(&mut self, closed: Vec<Phrase>) {
        for phrase in closed {
            self.transcript.phrase(phrase);
        }
    }

    /// Seconds since the press, without the tail.
    pub(super) fn length(&self) -> f64 {
        seconds(self.released.map_or(self.since, |released| released.length))
    }

    pub(super) fn release(&mut self) {
        self.released.get_or_insert(Released {
            at: Instant::now(),
            length: self.since,
        });
    }

    pub(super) fn released(&self) -> bool {
        self.released.is_some()
    }

    /// Since the release.
    pub(super) fn drain(&self) -> Duration {
        self.released
            .map_or(Duration::ZERO, |released| released.at.elapsed())
    }

    /// Has the tail been heard?
    pub(super) fn drained(&self) -> bool {
        self.released.is_some_and(|released| {
            self.since >= released.length + TAIL || released.at.elapsed() >= LONGEST_TAIL
        })
    }

    /// No more sound comes.
    pub(super) fn finish(mut self) -> LiveTranscript {
        let mut closed = Vec::new();
        self.segmenter.finish(&mut closed);
        self.hand_in(closed);
        self.transcript.end(self.length(), seconds(self.before));
        self.transcript
    }
}
