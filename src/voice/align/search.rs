//! The best path of phones through the frames of a phrase.
//!
//! This is a semi-Markov model (Ostendorf, Digalakis and Kimball 1996, "From HMMs to segment
//! models", IEEE TSAP 4): each phone takes a number of frames, at a cost for every frame unlike it
//! and for a length unlike its own. Between words lies nothing, silence, or a hum that belongs to
//! no word of the text: speech recognition leaves "um" out. Without the hum 16 of 24 fillers are
//! found in the test recordings (`base`) and with it 23.

use std::ops::RangeInclusive;

use super::likelihood::{LogLikelihoods, SILENCE};
use super::phones::{Phone, PhoneClass};

/// The score of a path that does not exist.
const NO_PATH: f32 = -1e9;

/// The spread of the logarithm of a phone's length about the usual one.
const LENGTH_SPREAD: f32 = 0.42;
/// The fewest frames of a phone, unless there is hardly room.
const SHORTEST: usize = 2;
/// The most frames of a phone, as a multiple of its usual length.
const LONGEST: f32 = 3.0;
/// The cost of a silence between words where the text has no mark of a pause.
const PAUSE: f32 = 2.5;
/// The cost of a silence where the text has one.
const MARKED_PAUSE: f32 = 0.5;
/// The cost of a voice that belongs to no word. It is a vowel or a nasal, as "um", "uh", 음 and 그
/// are. Any value from 4 to 10 places the words alike.
const STRAY: f32 = 7.0;
/// The score of each frame of such a voice. Any value from −0.1 to −0.4 places the words alike.
const STRAY_FRAME: f32 = -0.2;

/// A word to be placed.
pub struct WordPhones {
    /// One phone or more, with lengths at the speaker's pace.
    pub phones: Vec<Phone>,
    pub pause_after: bool,
}

/// The frames of a word or of a stretch of voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameRange {
    pub start: usize,
    /// The frame after the last.
    pub end: usize,
}

/// The frames at which each phone may end.
pub struct Windows {
    /// The expected end of each phone.
    pub centres: Vec<usize>,
    /// The largest distance from it.
    pub reach: usize,
    /// The fewest frames of a phone.
    pub shortest: usize,
}

impl Windows {
    /// Returns the fewest frames of a phone, given how much room there is.
    pub fn shortest(phones: usize, frames: usize) -> usize {
        if phones * SHORTEST * 3 < frames * 2 {
            SHORTEST
        } else {
            1
        }
    }

    fn ends(&self, phone: usize) -> RangeInclusive<usize> {
        let centre = self.centres[phone];
        centre.saturating_sub(self.reach)..=centre + self.reach
    }
}

/// Returns the frames of `words`, in order, or `None` when there is no room for them.
pub fn place_words(
    words: &[WordPhones],
    likelihoods: &LogLikelihoods,
    windows: &Windows,
) -> Option<Vec<FrameRange>> {
    let mut search = Search::new(likelihoods);
    search.gap(MARKED_PAUSE);
    let mut number = 0;
    for word in words {
        for phone in &word.phones {
            search.phone(*phone, windows.shortest, windows.ends(number));
            number += 1;
        }
        let pause = if word.pause_after {
            MARKED_PAUSE
        } else {
            PAUSE
        };
        search.gap(pause);
    }
    search.trace_back(words)
}

/// The starts of one phone or gap for each frame at which it may end.
enum Backpointers {
    /// The length of the phone that ends at each frame.
    Phone(Vec<u16>),
    /// The start of the gap that ends at each frame.
    Gap(Vec<u32>),
}

/// The score of a gap that is still open, and the frame at which it began.
#[derive(Clone, Copy)]
struct OpenGap {
    score: f32,
    start: u32,
}

impl OpenGap {
    fn plus(self, score: f32) -> Self {
        Self {
            score: self.score + score,
            ..self
        }
    }

    fn or_better(self, other: Self) -> Self {
        if other.score > self.score {
            other
        } else {
            self
        }
    }
}

struct Search<'a> {
    likelihoods: &'a LogLikelihoods,
    /// The best score of everything so far, if it ends before each frame.
    best: Vec<f32>,
    backpointers: Vec<Backpointers>,
}

impl<'a> Search<'a> {
    fn new(likelihoods: &'a LogLikelihoods) -> Self {
        let mut best = vec![NO_PATH; likelihoods.sums(SILENCE).len()];
        best[0] = 0.0;
        Self {
            likelihoods,
            best,
            backpointers: Vec::new(),
        }
    }

    fn phone(&mut self, phone: Phone, shortest: usize, ends: RangeInclusive<usize>) {
        let sums = self.likelihoods.sums(LogLikelihoods::row(phone.class));
        let longest = ((phone.length * LONGEST) as usize).max(6);
        let costs: Vec<f32> = (shortest..=longest)
            .map(|length| length_cost(length, phone.length))
            .collect();
        // Only the frames that this phone can reach are searched: the rest of a long phrase would
        // cost more than the search itself.
        let last = (*ends.end()).min(sums.len() - 1);
        let first = ends.start().saturating_sub(longest).min(last);
        let entered: Vec<f32> = (first..=last).map(|at| self.best[at] - sums[at]).collect();
        let mut after = vec![NO_PATH; self.best.len()];
        let mut lengths = vec![0; self.best.len()];
        for end in *ends.start()..=last {
            let Some(latest) = end.checked_sub(shortest + first) else {
                continue;
            };
            let (score, extra) = best_start(&entered[..=latest], &costs);
            after[end] = score + sums[end];
            lengths[end] = (shortest + extra) as u16;
        }
        self.best = after;
        self.backpointers.push(Backpointers::Phone(lengths));
    }

    /// Adds nothing, a silence, or a silence with a stray voice in it; a silence costs `pause`.
    fn gap(&mut self, pause: f32) {
        let silence = self.likelihoods.sums(SILENCE);
        let vowel = self
            .likelihoods
            .sums(LogLikelihoods::row(PhoneClass::Vowel));
        let nasal = self
            .likelihoods
            .sums(LogLikelihoods::row(PhoneClass::Sonorant));
        let never = OpenGap {
            score: NO_PATH,
            start: 0,
        };
        let mut silent = never;
        let mut stray = never;
        let mut after = self.best.clone();
        let mut starts: Vec<u32> = (0..self.best.len() as u32).collect();
        for at in 0..self.best.len() {
            if at > 0 {
                let voice = (vowel[at] - vowel[at - 1]).max(nasal[at] - nasal[at - 1]);
                silent = silent.plus(silence[at] - silence[at - 1]);
                stray = stray.plus(STRAY_FRAME + voice);
            }
            for gap in [silent, stray] {
                if gap.score > after[at] {
                    after[at] = gap.score;
                    starts[at] = gap.start;
                }
            }
            let entered = OpenGap {
                score: self.best[at] - pause,
                start: at as u32,
            };
            let from_silence = silent.plus(-STRAY);
            silent = silent.or_better(entered).or_better(stray);
            stray = stray
                .or_better(from_silence)
                .or_better(entered.plus(-STRAY));
        }
        self.best = after;
        self.backpointers.push(Backpointers::Gap(starts));
    }

    /// Follows the best path back from the last frame.
    fn trace_back(mut self, words: &[WordPhones]) -> Option<Vec<FrameRange>> {
        let mut at = self.best.len() - 1;
        if self.best[at] < NO_PATH / 2.0 {
            return None;
        }
        let mut ranges = Vec::with_capacity(words.len());
        for word in words.iter().rev() {
            let end = self.step_back(at);
            let start = word.phones.iter().fold(end, |at, _| self.step_back(at));
            ranges.push(FrameRange { start, end });
            at = start;
        }
        ranges.reverse();
        Some(ranges)
    }

    /// Returns the start of the last phone or gap, which ends at `at`.
    fn step_back(&mut self, at: usize) -> usize {
        match self.backpointers.pop() {
            Some(Backpointers::Phone(lengths)) => at - usize::from(lengths[at]),
            Some(Backpointers::Gap(starts)) => starts[at] as usize,
            None => at,
        }
    }
}

/// Returns the best score of a phone that begins at one of the frames of `entered`, and by how many
/// frames it is longer than the shortest.
fn best_start(entered: &[f32], costs: &[f32]) -> (f32, usize) {
    let mut best = (2.0 * NO_PATH, 0);
    for (extra, (score, cost)) in entered.iter().rev().zip(costs).enumerate() {
        if score - cost > best.0 {
            best = (score - cost, extra);
        }
    }
    best
}

fn length_cost(length: usize, usual: f32) -> f32 {
    let distance = (length as f32 / usual).ln() / LENGTH_SPREAD;
    0.5 * distance * distance
}
