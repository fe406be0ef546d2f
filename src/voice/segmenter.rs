//! Finds speech in audio and cuts it into phrases at pauses.
//!
//! Whisper writes words for anything it is given, silence included, so only phrases found here
//! reach it. A phrase is closed by a pause once it is long enough to be worth a run of Whisper, by
//! a shorter pause once it is long, by a long silence at any length, and at the latest at
//! [`MAX_SECONDS`], at the best pause in it. [`PhraseLimits`] holds the lengths.

mod gain;
mod spectrum;
mod speech_test;

use earshot::Detector;

use self::gain::Gain;
use self::spectrum::Spectrum;
use self::speech_test::{STILL_VOICE, ScoredFrame};
use super::SAMPLE_RATE;

/// Samples of the frames that the detector takes: 16 ms.
const FRAME: usize = 256;
/// A phrase begins with this many frames in a row at or above [`VOICE`]. Key clicks are shorter.
const ONSET_FRAMES: usize = 4;
/// The detector's own threshold for voice.
const VOICE: f32 = 0.5;
/// The largest part of the samples of a vowel at which the sign changes. The detector alone takes
/// loud white noise for voice (scores of 0.5 to 0.76 were seen), but noise changes its sign at 0.41
/// to 0.57 of its samples and vowels at 0.03 to 0.3.
const VOWEL_CROSSINGS: f32 = 0.35;
/// Samples kept before the first and after the last voiced frame, because unvoiced consonants score
/// low: 256 ms.
const MARGIN: usize = 16 * FRAME;
/// The pause that closes a phrase which is long enough: 512 ms, twice the margin.
const PAUSE: usize = 2 * MARGIN;
/// The pause that closes a long phrase: 256 ms, which occurs between clauses but hardly ever
/// between syllables.
const SHORT_PAUSE: usize = MARGIN;
/// The silence that closes any phrase: 2 s. Whisper invents words in long silences.
const LONG_PAUSE: usize = 2 * SAMPLE_RATE as usize;
/// The length of the longest phrase in seconds, safely inside Whisper's window of 30 s.
pub const MAX_SECONDS: usize = 25;

/// The lengths at which phrases are closed, in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhraseLimits {
    /// A phrase of this length is closed by the next pause.
    enough: usize,
    /// A phrase of this length is closed by the next short pause.
    long: usize,
    /// No phrase is longer than this.
    longest: usize,
}

impl PhraseLimits {
    /// The limits while somebody is talking. Words appear soon, and little is left to do at the
    /// end.
    pub const LIVE: Self = Self::seconds(2, 8, 15);
    /// The limits for recordings. Each run of Whisper costs about the same below ten seconds of
    /// audio, so phrases of five to ten are cheap. Longer ones are transcribed no better (test
    /// model, its recordings of one and two minutes, begun at six places each: 42 s and 2.7 % of
    /// the words wrong when cut at 4 and 10 s; 50 s and 5.2 % when cut at 10 and 18 s).
    pub const RECORDED: Self = Self::seconds(5, 10, MAX_SECONDS);

    const fn seconds(enough: usize, long: usize, longest: usize) -> Self {
        let rate = SAMPLE_RATE as usize;
        Self {
            enough: enough * rate,
            long: long * rate,
            longest: longest * rate,
        }
    }

    /// Returns whether a phrase of this length ends after this much silence.
    fn closes(self, length: usize, silence: usize) -> bool {
        silence >= LONG_PAUSE
            || (silence >= PAUSE && length >= self.enough)
            || (silence >= SHORT_PAUSE && length >= self.long)
    }
}

/// A stretch of speech with a margin on either side.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    /// The first sample, counted from the start of the audio.
    pub start: usize,
    /// Mono samples at [`SAMPLE_RATE`], at most [`MAX_SECONDS`].
    pub samples: Vec<f32>,
}

/// Finds the phrases of a stream of mono samples at [`SAMPLE_RATE`].
pub struct Segmenter {
    limits: PhraseLimits,
    detector: Box<Detector>,
    gain: Gain,
    spectrum: Spectrum,
    /// The samples of the frame that is not complete yet.
    partial: Vec<f32>,
    /// The samples from `kept_from` on: the open phrase, or what may become the margin of the next.
    kept: Vec<f32>,
    kept_from: usize,
    /// The latest voiced frames in a row, while no phrase is open.
    onset: Vec<ScoredFrame>,
    open: Option<OpenPhrase>,
}

/// A phrase that has not ended yet.
struct OpenPhrase {
    /// The sample after the last voiced frame.
    voice_end: usize,
    /// The frames from sample `scored_from` on.
    frames: Vec<ScoredFrame>,
    scored_from: usize,
}

impl Segmenter {
    pub fn new(limits: PhraseLimits) -> Self {
        Self {
            limits,
            detector: Box::new(Detector::default()),
            gain: Gain::default(),
            spectrum: Spectrum::default(),
            partial: Vec::with_capacity(FRAME),
            kept: Vec::new(),
            kept_from: 0,
            onset: Vec::with_capacity(ONSET_FRAMES),
            open: None,
        }
    }
}

/// Returns the phrases of a recording (mono, [`SAMPLE_RATE`]).
pub fn phrases(samples: &[f32]) -> Vec<Phrase> {
    let mut segmenter = Segmenter::new(PhraseLimits::RECORDED);
    let mut phrases = Vec::new();
    segmenter.push(samples, &mut phrases);
    segmenter.finish(&mut phrases);
    phrases
}

impl Segmenter {
    /// Takes the next samples, in pieces of any length, and appends the phrases they close to
    /// `into`.
    pub fn push(&mut self, mut samples: &[f32], into: &mut Vec<Phrase>) {
        while !samples.is_empty() {
            let missing = FRAME - self.partial.len();
            let (now, later) = samples.split_at(samples.len().min(missing));
            self.partial.extend_from_slice(now);
            samples = later;
            if self.partial.len() == FRAME {
                self.process_frame(into);
            }
        }
    }

    /// Closes the open phrase at the end of the audio.
    pub fn finish(&mut self, into: &mut Vec<Phrase>) {
        if !self.partial.is_empty() {
            self.partial.resize(FRAME, 0.0);
            self.process_frame(into);
        }
        if let Some(open) = self.open.take() {
            self.close(&open, open.voice_end + MARGIN, into);
        }
    }

    /// Returns the open phrase as it would be if the audio ended here, without closing it.
    pub fn open_phrase(&self) -> Option<Phrase> {
        let open = self.open.as_ref()?;
        let end = (open.voice_end + MARGIN).min(self.now());
        let is_speech = speech_test::is_speech(open.frames_before(end));
        is_speech.then(|| Phrase {
            start: self.kept_from,
            samples: self.kept[..end - self.kept_from].to_vec(),
        })
    }

    fn process_frame(&mut self, into: &mut Vec<Phrase>) {
        self.partial
            .iter_mut()
            .for_each(|sample| *sample = sample.clamp(-1.0, 1.0));
        self.kept.extend_from_slice(&self.partial);
        let frame = self.score_frame();
        self.partial.clear();
        match self.open.take() {
            None => self.await_onset(frame),
            Some(open) => self.extend(open, frame, into),
        }
    }

    /// Amplifies and scores the frame in `partial`.
    fn score_frame(&mut self) -> ScoredFrame {
        self.gain.apply(&mut self.partial);
        let score = self.detector.predict_f32(&self.partial);
        let vowel = score >= STILL_VOICE && sign_changes(&self.partial) < VOWEL_CROSSINGS;
        ScoredFrame {
            score,
            vowel,
            spectrum: self.spectrum.push(&self.partial),
        }
    }

    /// Returns the sample after the last one seen.
    fn now(&self) -> usize {
        self.kept_from + self.kept.len()
    }

    /// Opens a phrase if this frame completes an onset.
    fn await_onset(&mut self, frame: ScoredFrame) {
        if frame.score >= VOICE {
            self.onset.push(frame);
        } else {
            self.onset.clear();
        }
        if self.onset.len() < ONSET_FRAMES {
            let keep = MARGIN + ONSET_FRAMES * FRAME;
            self.forget_before(self.now().saturating_sub(keep));
            return;
        }
        let frames = std::mem::take(&mut self.onset);
        let scored_from = self.now() - ONSET_FRAMES * FRAME;
        self.forget_before(scored_from.saturating_sub(MARGIN));
        self.open = Some(OpenPhrase {
            voice_end: self.now(),
            frames,
            scored_from,
        });
    }

    /// Adds a frame to the open phrase, which it may close.
    fn extend(&mut self, mut open: OpenPhrase, frame: ScoredFrame, into: &mut Vec<Phrase>) {
        open.frames.push(frame);
        if frame.score >= STILL_VOICE {
            open.voice_end = self.now();
        }
        let silence = self.now() - open.voice_end;
        let length = open.voice_end - self.kept_from;
        if self.limits.closes(length, silence) {
            self.close(&open, open.voice_end + MARGIN, into);
        } else if self.kept.len() >= self.limits.longest {
            self.split(&open, into);
        } else {
            self.open = Some(open);
        }
    }

    /// Closes the phrase at sample `end` and drops it unless it is speech. What follows may become
    /// part of the next one.
    fn close(&mut self, open: &OpenPhrase, end: usize, into: &mut Vec<Phrase>) {
        let end = end.min(self.now());
        if speech_test::is_speech(open.frames_before(end)) {
            let samples = self.kept[..end - self.kept_from].to_vec();
            into.push(Phrase {
                start: self.kept_from,
                samples,
            });
        }
        self.forget_before(end);
    }

    /// Cuts a phrase that is too long at the best place and continues with the rest.
    fn split(&mut self, open: &OpenPhrase, into: &mut Vec<Phrase>) {
        let cut = open.best_cut(self.kept_from + self.limits.long);
        self.close(open, cut, into);
        let frames = open.frames[(cut - open.scored_from) / FRAME..].to_vec();
        self.open = Some(OpenPhrase {
            voice_end: open.voice_end.max(cut),
            frames,
            scored_from: cut,
        });
    }

    fn forget_before(&mut self, sample: usize) {
        let surplus = sample.saturating_sub(self.kept_from);
        self.kept.drain(..surplus);
        self.kept_from += surplus;
    }
}

impl OpenPhrase {
    fn frames_before(&self, end: usize) -> &[ScoredFrame] {
        let frames = end.saturating_sub(self.scored_from).div_ceil(FRAME);
        &self.frames[..frames.min(self.frames.len())]
    }

    /// Returns the middle of the longest pause from `earliest` on, or the least voiced frame where
    /// there is none.
    fn best_cut(&self, earliest: usize) -> usize {
        let first = earliest
            .saturating_sub(self.scored_from)
            .div_ceil(FRAME)
            .min(self.frames.len() - 1);
        let frame = longest_pause(&self.frames[first..])
            .unwrap_or_else(|| least_voiced(&self.frames[first..]));
        self.scored_from + (first + frame) * FRAME
    }
}

/// Returns the middle of the longest run of frames without voice.
fn longest_pause(frames: &[ScoredFrame]) -> Option<usize> {
    let mut best = None;
    let mut run = 0;
    for (index, frame) in frames.iter().enumerate() {
        run = if frame.score < STILL_VOICE {
            run + 1
        } else {
            0
        };
        if run > best.map_or(0, |(length, _)| length) {
            best = Some((run, index));
        }
    }
    best.map(|(length, last)| last - length / 2)
}

fn least_voiced(frames: &[ScoredFrame]) -> usize {
    let least = frames
        .iter()
        .enumerate()
        .min_by(|(_, a), (_, b)| a.score.total_cmp(&b.score));
    least.map_or(0, |(index, _)| index)
}

/// Returns the part of the samples whose sign differs from the one before.
fn sign_changes(samples: &[f32]) -> f32 {
    let changes = samples
        .windows(2)
        .filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0))
        .count();
    changes as f32 / samples.len() as f32
}

#[cfg(test)]
mod tests;
