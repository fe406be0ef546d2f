//! The best path of sounds through the frames of a phrase.
//!
//! A semi-Markov model (Ostendorf, Digalakis and Kimball 1996, "From HMMs to segment models", IEEE TSAP 4): each sound
//! takes a number of frames, at a cost for every frame unlike it and for a length unlike its own. Between words lies
//! nothing, or silence, or a hum that says no word of the text ("um", which speech recognition leaves out).

use super::likeness::{Likeness, SILENCE};
use super::phones::{Class, Phone};

/// No path.
const NEVER: f32 = -1e9;

/// A word to be placed.
pub struct Unit {
    /// Its sounds; at least one. Lengths in frames, at the speaker's pace.
    pub phones: Vec<Phone>,
    /// The decoder's own start, as a frame.
    pub hint: f32,
    /// Whether people pause after it.
    pub pause_after: bool,
}

/// Frames of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// First frame.
    pub start: usize,
    /// The frame after the last.
    pub end: usize,
}

/// Spread of the logarithm of a sound's length about its usual one.
const LENGTH_SPREAD: f32 = 0.42;
/// The fewest frames of a sound; fewer where there is hardly room.
const SHORTEST: usize = 2;
/// The most frames, as a multiple of the usual length.
const LONGEST: f32 = 3.0;
/// A silence between words costs this much where the text has no mark of a pause, a little of it where it has.
const PAUSE: f32 = 2.5;
const MARKED_PAUSE: f32 = 0.5;
/// A voice that says no word of the text is vowel or nasal, as "um", "uh", 음 and 그 are; it costs this much, and a
/// little for each frame. Any costs from 4 to 10 and from 0.1 to 0.4 place the words alike.
const STRAY: f32 = 7.0;
const STRAY_FRAME: f32 = -0.2;
/// The decoder's own times pull softly, and no further than this many frames: bad ones do not spoil.
const PULL: f32 = 1.0;
const REACH: f32 = 40.0;

/// The places of `units`, in order; `None` when there is no room for them. `around` tells for each sound the frames
/// where it may end.
pub fn places(units: &[Unit], likeness: &Likeness, windows: &Windows) -> Option<Vec<Place>> {
    let mut search = Search::new(likeness);
    search.gap(PAUSE.min(MARKED_PAUSE));
    let mut sound = 0;
    for unit in units {
        search.pull(unit.hint);
        for phone in &unit.phones {
            search.phone(*phone, windows.shortest, windows.of(sound));
            sound += 1;
        }
        search.gap(if unit.pause_after {
            MARKED_PAUSE
        } else {
            PAUSE
        });
    }
    search.trace(units)
}

/// Where each sound may end.
pub struct Windows {
    /// The expected frame of each sound's end.
    pub centres: Vec<usize>,
    /// How far from it.
    pub reach: usize,
    /// The fewest frames of a sound.
    pub shortest: usize,
}

impl Windows {
    /// `shortest` follows from how much room there is: `sounds` in `frames`.
    pub fn shortest(sounds: usize, frames: usize) -> usize {
        if sounds * SHORTEST * 3 < frames * 2 {
            SHORTEST
        } else {
            1
        }
    }

    fn of(&self, sound: usize) -> std::ops::RangeInclusive<usize> {
        let centre = self.centres[sound];
        centre.saturating_sub(self.reach)..=centre + self.reach
    }
}

/// One step of the search, as it has to be undone.
enum Step {
    /// For each frame, how long the sound that ends there is.
    Phone(Vec<u16>),
    /// For each frame, where the gap that ends there began.
    Gap(Vec<u32>),
}

struct Search<'a> {
    likeness: &'a Likeness,
    /// The best score of everything so far ending before each frame.
    best: Vec<f32>,
    steps: Vec<Step>,
}

impl<'a> Search<'a> {
    fn new(likeness: &'a Likeness) -> Self {
        let mut best = vec![NEVER; likeness.sums(SILENCE).len()];
        best[0] = 0.0;
        Self {
            likeness,
            best,
            steps: Vec::new(),
        }
    }

    /// The word that begins here should begin near `hint`.
    fn pull(&mut self, hint: f32) {
        for (at, best) in self.best.iter_mut().enumerate() {
            *best -= PULL * ((at as f32 - hint).abs() / REACH).min(1.0);
        }
    }

    fn phone(&mut self, phone: Phone, shortest: usize, ends: std::ops::RangeInclusive<usize>) {
        let sums = self.likeness.sums(Likeness::row(phone.class));
        let longest = ((phone.length * LONGEST) as usize).max(6);
        let costs: Vec<f32> = (shortest..=longest)
            .map(|length| length_cost(length, phone.length))
            .collect();
        // Only what this sound can reach: the rest of a long phrase would cost more than the search itself.
        let last = (*ends.end()).min(sums.len() - 1);
        let from = ends.start().saturating_sub(longest).min(last);
        let free: Vec<f32> = (from..=last).map(|at| self.best[at] - sums[at]).collect();
        let mut after = vec![NEVER; self.best.len()];
        let mut lengths = vec![0; self.best.len()];
        for end in *ends.start()..=last {
            let Some(latest) = end.checked_sub(shortest + from) else {
                continue;
            };
            let starts = free[..=latest].iter().rev().zip(&costs).enumerate();
            let scored = starts.map(|(more, (start, cost))| (start - cost, more));
            let (score, more) =
                scored.fold(
                    (2.0 * NEVER, 0),
                    |top, one| if one.0 > top.0 { one } else { top },
                );
            after[end] = score + sums[end];
            lengths[end] = (shortest + more) as u16;
        }
        self.best = after;
        self.steps.push(Step::Phone(lengths));
    }

    /// Nothing, silence, or silence with a stray voice in it. `cost`: of a silence.
    fn gap(&mut self, cost: f32) {
        let silence = self.likeness.sums(SILENCE);
        let [vowel, nasal] =
            [Class::Vowel, Class::Sonorant].map(|class| self.likeness.sums(Likeness::row(class)));
        let mut after = self.best.clone();
        let mut began: Vec<u32> = (0..self.best.len() as u32).collect();
        // The best score of a gap that goes on in silence and in a voice, and where it began.
        let (mut silent, mut stray) = ((NEVER, 0), (NEVER, 0));
        for at in 0..self.best.len() {
            if at > 0 {
                silent.0 += silence[at] - silence[at - 1];
                stray.0 += STRAY_FRAME + (vowel[at] - vowel[at - 1]).max(nasal[at] - nasal[at - 1]);
            }
            let entered = (self.best[at] - cost, at as u32);
            let (from_silence, from_stray) = ((silent.0 - STRAY, silent.1), (stray.0, stray.1));
            for out in [silent, stray] {
                if out.0 > after[at] {
                    (after[at], began[at]) = out;
                }
            }
            silent = better(better(silent, entered), from_stray);
            stray = better(better(stray, from_silence), (entered.0 - STRAY, entered.1));
        }
        self.best = after;
        self.steps.push(Step::Gap(began));
    }

    /// Undoes the steps from the end of the sound.
    fn trace(mut self, units: &[Unit]) -> Option<Vec<Place>> {
        let mut at = self.best.len() - 1;
        if self.best[at] < NEVER / 2.0 {
            return None;
        }
        let mut places = Vec::with_capacity(units.len());
        for unit in units.iter().rev() {
            let end = self.undo(at);
            let start = unit.phones.iter().fold(end, |at, _| self.undo(at));
            places.push(Place { start, end });
            at = start;
        }
        places.reverse();
        Some(places)
    }

    /// Where the last step, which ended at `at`, began.
    fn undo(&mut self, at: usize) -> usize {
        match self.steps.pop() {
            Some(Step::Phone(lengths)) => at - usize::from(lengths[at]),
            Some(Step::Gap(began)) => began[at] as usize,
            None => at,
        }
    }
}

fn better(one: (f32, u32), other: (f32, u32)) -> (f32, u32) {
    if other.0 > one.0 { other } else { one }
}

fn length_cost(length: usize, usual: f32) -> f32 {
    let off = (length as f32 / usual).ln() / LENGTH_SPREAD;
    0.5 * off * off
}
