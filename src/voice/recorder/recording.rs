//! The recording of one press.

use std::time::{Duration, Instant};

use super::event::seconds;
use super::live_transcript::LiveTranscript;
use crate::voice::SAMPLE_RATE;
use crate::voice::segmenter::{Phrase, PhraseLimits, Segmenter};

/// The number of samples recorded after the release: 200 ms, more than a sound card holds back.
pub(super) const TAIL: usize = SAMPLE_RATE as usize / 5;
/// The longest wait for the tail, in case the microphone delivers nothing after the release.
const LONGEST_TAIL: Duration = Duration::from_secs(1);

/// Cuts the samples from just before a press until just after its release into phrases, and keeps
/// only those.
pub(super) struct Recording {
    pub(super) transcript: LiveTranscript,
    segmenter: Segmenter,
    samples_before_press: usize,
    samples_since_press: usize,
    release: Option<Release>,
}

#[derive(Clone, Copy)]
struct Release {
    at: Instant,
    samples_since_press: usize,
}

impl Recording {
    pub(super) fn new(transcript: LiveTranscript) -> Self {
        Self {
            transcript,
            segmenter: Segmenter::new(PhraseLimits::LIVE),
            samples_before_press: 0,
            samples_since_press: 0,
            release: None,
        }
    }

    /// Adds the samples captured just before the press.
    pub(super) fn push_pre_roll(&mut self, samples: &[f32]) {
        self.samples_before_press = samples.len();
        self.segment(samples);
    }

    pub(super) fn push(&mut self, samples: &[f32]) {
        self.samples_since_press += samples.len();
        self.segment(samples);
    }

    fn segment(&mut self, samples: &[f32]) {
        let mut closed = Vec::new();
        self.segmenter.push(samples, &mut closed);
        self.transcribe(closed);
        let now = self.samples_before_press + self.samples_since_press;
        self.transcript
            .update_draft(now, || self.segmenter.open_phrase());
    }

    fn transcribe(&mut self, closed: Vec<Phrase>) {
        for phrase in closed {
            self.transcript.push_phrase(phrase);
        }
    }

    /// Returns the seconds from the press to the release, or so far.
    pub(super) fn length(&self) -> f64 {
        let samples = self.release.map_or(self.samples_since_press, |release| {
            release.samples_since_press
        });
        seconds(samples)
    }

    /// Notes that the key came up; the first release counts.
    pub(super) fn release(&mut self) {
        self.release.get_or_insert(Release {
            at: Instant::now(),
            samples_since_press: self.samples_since_press,
        });
    }

    pub(super) fn is_released(&self) -> bool {
        self.release.is_some()
    }

    pub(super) fn time_since_release(&self) -> Duration {
        self.release
            .map_or(Duration::ZERO, |release| release.at.elapsed())
    }

    /// Returns whether the tail is recorded, or has been waited for long enough.
    pub(super) fn is_complete(&self) -> bool {
        self.release.is_some_and(|release| {
            self.samples_since_press >= release.samples_since_press + TAIL
                || release.at.elapsed() >= LONGEST_TAIL
        })
    }

    /// Closes the last phrase and returns the transcript, which may still wait for its words.
    pub(super) fn finish(mut self) -> LiveTranscript {
        let mut closed = Vec::new();
        self.segmenter.finish(&mut closed);
        self.transcribe(closed);
        let before = seconds(self.samples_before_press);
        self.transcript.finish(self.length(), before);
        self.transcript
    }
}
