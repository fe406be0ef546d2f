//! Voice activity: which stretches of sound hold speech, cut into phrases at pauses.
//!
//! Whisper writes words for anything it is given, silence included, so only phrases found here reach it. A phrase is
//! closed by a pause once it is long enough to be worth a pass of Whisper, by a shorter pause once it is long, by a long
//! silence at any length, and at the latest at [`MAX_SECONDS`], at the best pause in it. How long is long: [`PhraseLimits`].

mod evidence;
mod gain;
mod spectrum;

use earshot::Detector;

use self::evidence::{Frame, STILL_VOICE};
use self::gain::Gain;
use self::spectrum::Spectrum;
use super::SAMPLE_RATE;

/// Samples the detector looks at in one step: 16 ms.
const FRAME: usize = 256;
/// A phrase begins with a run of this many frames at or above [`VOICE`]; key clicks are shorter.
const ONSET_FRAMES: usize = 4;
/// The detector's own threshold for voice.
const VOICE: f32 = 0.5;
/// Part of the samples of a vowel that change sign against the one before. The detector alone takes loud white noise for
/// voice (scores of 0.5 to 0.76 were seen), but noise changes sign at 0.41 to 0.57 of its samples, and vowels at 0.03 to 0.3.
const VOWEL_CROSSINGS: f32 = 0.35;
/// Kept before the first and after the last voiced frame: unvoiced consonants score low. 256 ms.
const MARGIN: usize = 16 * FRAME;
/// A pause that closes a phrase which is long enough. 512 ms, twice the margin.
const PAUSE: usize = 2 * MARGIN;
/// A pause that closes a long phrase: between clauses, hardly ever between syllables. 256 ms.
const SHORT_PAUSE: usize = MARGIN;
/// A silence that closes any phrase: Whisper invents words in long ones. 2 s.
const LONG_PAUSE: usize = 2 * SAMPLE_RATE as usize;
/// Seconds of the longest phrase: safely inside Whisper's window of 30 s.
pub const MAX_SECONDS: usize = 25;

/// How phrases are cut, in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhraseLimits {
    /// A phrase of this length is closed by the next pause.
    enough: usize,
    /// A phrase of this length is closed by the next short pause.
    long: usize,
    /// No phrase is longer.
    most: usize,
}

impl PhraseLimits {
    /// For somebody who is talking: what was said is written down soon, and little is left to do at the end.
    pub const LIVE: Self = Self::seconds(2, 8, 15);
    /// For recordings: each pass of Whisper costs about the same below ten seconds of sound, so phrases of five to ten are
    /// cheap. Longer ones are written no better (test model, its recordings of one and two minutes, begun at six places each:
    /// 42 s and 2.7 % of the words wrong cut at 4 and 10 s; 50 s and 5.2 % cut at 10 and 18 s).
    pub const RECORDED: Self = Self::seconds(5, 10, MAX_SECONDS);

    const fn seconds(enough: usize, long: usize, most: usize) -> Self {
        let rate = SAMPLE_RATE as usize;
        Self {
            enough: enough * rate,
            long: long * rate,
            most: most * rate,
        }
    }

    fn closes(self, length: usize, silence: usize) -> bool {
        silence >= LONG_PAUSE
            || (silence >= PAUSE && length >= self.enough)
            || (silence >= SHORT_PAUSE && length >= self.long)
    }
}

/// A stretch of speech with a little of what surrounds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Phrase {
    /// Its first sample, counted from the start of the sound.
    pub start: usize,
    /// Mono, [`SAMPLE_RATE`]; at most [`MAX_SECONDS`].
    pub samples: Vec<f32>,
}

/// Finds the phrases of a stream of mono samples at [`SAMPLE_RATE`].
pub struct Segmenter {
    cut: PhraseLimits,
    detector: Box<Detector>,
    gain: Gain,
    spectrum: Spectrum,
    /// Samples of the frame that is not whole yet.
    partial: Vec<f32>,
    /// Samples from `kept_from` on: the open phrase, or what may become the margin of the next.
    kept: Vec<f32>,
    kept_from: usize,
    /// The voiced frames in a row just heard, while no phrase is open.
    onset: Vec<Frame>,
    open: Option<Open>,
}

/// A phrase that goes on.
struct Open {
    /// Sample just after the last voiced frame.
    voice_end: usize,
    /// The first belongs to sample `scored_from`.
    frames: Vec<Frame>,
    scored_from: usize,
}

impl Segmenter {
    /// Cuts phrases by `cut`.
    pub fn new(cut: PhraseLimits) -> Self {
        Self {
            cut,
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

/// The phrases of `samples` (mono, [`SAMPLE_RATE`]), cut as those of a recording.
pub fn phrases(samples: &[f32]) -> Vec<Phrase> {
    let mut segmenter = Segmenter::new(PhraseLimits::RECORDED);
    let mut into = Vec::new();
    segmenter.push(samples, &mut into);
    segmenter.finish(&mut into);
    into
}

impl Segmenter {
    /// Takes `samples`, cut anywhere, and appends the phrases they close to `into`.
    pub fn push(&mut self, mut samples: &[f32], into: &mut Vec<Phrase>) {
        while !samples.is_empty() {
            let (now, later) = samples.split_at(samples.len().min(FRAME - self.partial.len()));
            self.partial.extend_from_slice(now);
            samples = later;
            if self.partial.len() == FRAME {
                self.frame(into);
            }
        }
    }

    /// The sound is over: closes the open phrase.
    pub fn finish(&mut self, into: &mut Vec<Phrase>) {
        if !self.partial.is_empty() {
            self.partial.resize(FRAME, 0.0);
            self.frame(into);
        }
        if let Some(open) = self.open.take() {
            self.close(&open, open.voice_end + MARGIN, into);
        }
    }

    /// The phrase that goes on, if one does, as it would be if the sound ended here; nothing is closed.
    pub fn open_phrase(&self) -> Option<Phrase> {
        let open = self.open.as_ref()?;
        let end = (open.voice_end + MARGIN).min(self.now());
        let speech = evidence::is_speech(open.frames_before(end));
        speech.then(|| Phrase {
            start: self.kept_from,
            samples: self.kept[..end - self.kept_from].to_vec(),
        })
    }

    fn frame(&mut self, into: &mut Vec<Phrase>) {
        self.partial
            .iter_mut()
            .for_each(|sample| *sample = sample.clamp(-1.0, 1.0));
        self.kept.extend_from_slice(&self.partial);
        let frame = self.classify();
        self.partial.clear();
        match self.open.take() {
            None => self.listen(frame),
            Some(open) => self.follow(open, frame, into),
        }
    }

    /// What the frame in `partial`, which is amplified for it, tells.
    fn classify(&mut self) -> Frame {
        self.gain.apply(&mut self.partial);
        let score = self.detector.predict_f32(&self.partial);
        let vowel = score >= STILL_VOICE && crossings(&self.partial) < VOWEL_CROSSINGS;
        Frame {
            score,
            vowel,
            sound: self.spectrum.push(&self.partial),
        }
    }

    /// The sample after the last one seen.
    fn now(&self) -> usize {
        self.kept_from + self.kept.len()
    }

    /// No phrase is open: does one begin?
    fn listen(&mut self, frame: Frame) {
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
        let (frames, scored_from) = (
            std::mem::take(&mut self.onset),
            self.now() - ONSET_FRAMES * FRAME,
        );
        self.forget_before(scored_from.saturating_sub(MARGIN));
        self.open = Some(Open {
            voice_end: self.now(),
            frames,
            scored_from,
        });
    }

    /// A phrase is open: does it end?
    fn follow(&mut self, mut open: Open, frame: Frame, into: &mut Vec<Phrase>) {
        open.frames.push(frame);
        if frame.score >= STILL_VOICE {
            open.voice_end = self.now();
        }
        let silence = self.now() - open.voice_end;
        let length = open.voice_end - self.kept_from;
        if self.cut.closes(length, silence) {
            self.close(&open, open.voice_end + MARGIN, into);
        } else if self.kept.len() >= self.cut.most {
            self.split(&open, into);
        } else {
            self.open = Some(open);
        }
    }

    /// Closes the phrase at sample `end` and drops it where it is no speech; what follows may become part of the next one.
    fn close(&mut self, open: &Open, end: usize, into: &mut Vec<Phrase>) {
        let end = end.min(self.now());
        if evidence::is_speech(open.frames_before(end)) {
            let samples = self.kept[..end - self.kept_from].to_vec();
            into.push(Phrase {
                start: self.kept_from,
                samples,
            });
        }
        self.forget_before(end);
    }

    /// The phrase is too long: cuts it at the best place and goes on with the rest.
    fn split(&mut self, open: &Open, into: &mut Vec<Phrase>) {
        let cut = open.best_cut(self.kept_from + self.cut.long);
        self.close(open, cut, into);
        let frames = open.frames[(cut - open.scored_from) / FRAME..].to_vec();
        self.open = Some(Open {
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

impl Open {
    fn frames_before(&self, end: usize) -> &[Frame] {
        let frames = end.saturating_sub(self.scored_from).div_ceil(FRAME);
        &self.frames[..frames.min(self.frames.len())]
    }

    /// The middle of the longest pause from `earliest` on; the least voiced frame where there is none.
    fn best_cut(&self, earliest: usize) -> usize {
        let first = earliest
            .saturating_sub(self.scored_from)
            .div_ceil(FRAME)
            .min(self.frames.len() - 1);
        let frame =
            longest_pause(&self.frames[first..]).unwrap_or_else(|| quietest(&self.frames[first..]));
        self.scored_from + (first + frame) * FRAME
    }
}

/// The middle of the longest run of frames without voice.
fn longest_pause(frames: &[Frame]) -> Option<usize> {
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

fn quietest(frames: &[Frame]) -> usize {
    let least = frames
        .iter()
        .enumerate()
        .min_by(|(_, a), (_, b)| a.score.total_cmp(&b.score));
    least.map_or(0, |(index, _)| index)
}

/// The part of `samples` that changes sign against the one before.
fn crossings(samples: &[f32]) -> f32 {
    let changes = samples
        .windows(2)
        .filter(|pair| (pair[0] < 0.0) != (pair[1] < 0.0))
        .count();
    changes as f32 / samples.len() as f32
}

#[cfg(test)]
mod tests;
