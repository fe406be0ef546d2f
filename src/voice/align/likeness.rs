//! How well a frame of sound fits a kind of sound.

use super::phones::Class;
use super::sound::Frame;

/// What of a frame is compared.
const FEATURES: usize = 3;

/// Mean and spread of each feature of a kind of sound.
#[derive(Clone, Copy, Debug)]
struct Kind {
    mean: [f32; FEATURES],
    spread: [f32; FEATURES],
}

/// loud, hiss, open. Set by hand from what the kinds are, not trained: any voice has loud vowels and high hisses.
/// In the order of [`Likeness::row`].
const KINDS: [Kind; 6] = [
    Kind {
        mean: [0.88, 0.04, 0.35],
        spread: [0.13, 0.10, 0.25],
    },
    Kind {
        mean: [0.74, 0.06, 0.20],
        spread: [0.17, 0.12, 0.25],
    },
    Kind {
        mean: [0.62, 0.75, 0.55],
        spread: [0.20, 0.25, 0.35],
    },
    Kind {
        mean: [0.45, 0.35, 0.45],
        spread: [0.22, 0.35, 0.35],
    },
    Kind {
        mean: [0.40, 0.30, 0.40],
        spread: [0.25, 0.35, 0.35],
    },
    Kind {
        mean: [0.06, 0.35, 0.35],
        spread: [0.13, 0.40, 0.40],
    },
];

/// The row of silence.
pub const SILENCE: usize = 5;

/// Frames next to each other are much alike: each counts only in part.
const WEIGHT: f32 = 0.35;

/// What no frame falls below: a click must not decide where a word lies.
const WORST: f32 = -5.0;

/// For each kind of sound, the summed likeness of the frames before each.
pub struct Likeness {
    rows: [Vec<f32>; KINDS.len()],
}

impl Likeness {
    /// Of `frames` to every kind.
    pub fn of(frames: &[Frame]) -> Self {
        Self {
            rows: KINDS.map(|kind| summed(frames, &kind)),
        }
    }

    /// Which row a class has.
    pub fn row(class: Class) -> usize {
        match class {
            Class::Vowel => 0,
            Class::Sonorant => 1,
            Class::Hiss => 2,
            Class::Breath => 3,
            Class::Stop => 4,
        }
    }

    /// The sums of a row: one more than there are frames.
    pub fn sums(&self, row: usize) -> &[f32] {
        &self.rows[row]
    }
}

fn summed(frames: &[Frame], kind: &Kind) -> Vec<f32> {
    let mut sum = 0.0;
    let sums = frames.iter().map(|frame| {
        sum += likeness(frame, kind);
        sum
    });
    std::iter::once(0.0).chain(sums).collect()
}

/// The logarithm of a normal density, without the constant.
fn likeness(frame: &Frame, kind: &Kind) -> f32 {
    let features = [frame.loud, frame.hiss, frame.open];
    let each = features
        .iter()
        .zip(kind.mean)
        .zip(kind.spread)
        .map(|((value, mean), spread)| {
            let off = (value - mean) / spread;
            -0.5 * off * off - (spread / 0.25).ln()
        });
    WEIGHT * each.sum::<f32>().max(WORST)
}
