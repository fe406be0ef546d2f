//! Computes how well each frame of audio fits each kind of sound.

use super::features::FrameFeatures;
use super::phones::PhoneClass;

/// A kind of sound as a normal distribution of loudness, hiss and openness.
#[derive(Clone, Copy, Debug)]
struct ClassModel {
    mean: [f32; 3],
    deviation: [f32; 3],
}

const fn model(mean: [f32; 3], deviation: [f32; 3]) -> ClassModel {
    ClassModel { mean, deviation }
}

/// The five classes of phones and silence, in the order of [`LogLikelihoods::row`]. The values are
/// set by hand from what the classes are, not trained: any voice has loud vowels and high hisses.
const MODELS: [ClassModel; 6] = [
    model([0.88, 0.04, 0.35], [0.13, 0.10, 0.25]),
    model([0.74, 0.06, 0.20], [0.17, 0.12, 0.25]),
    model([0.62, 0.75, 0.55], [0.20, 0.25, 0.35]),
    model([0.45, 0.35, 0.45], [0.22, 0.35, 0.35]),
    model([0.40, 0.30, 0.40], [0.25, 0.35, 0.35]),
    model([0.06, 0.35, 0.35], [0.13, 0.40, 0.40]),
];

/// The row of silence.
pub const SILENCE: usize = 5;

/// Neighbouring frames are much alike, so each counts only in part.
const WEIGHT: f32 = 0.35;

/// No frame falls below this, so that a click does not decide where a word lies.
const WORST: f32 = -5.0;

/// The summed log-likelihoods of the frames before each frame, for each kind of sound.
pub struct LogLikelihoods {
    rows: [Vec<f32>; MODELS.len()],
}

impl LogLikelihoods {
    pub fn new(frames: &[FrameFeatures]) -> Self {
        Self {
            rows: MODELS.map(|model| cumulative(frames, &model)),
        }
    }

    pub fn row(class: PhoneClass) -> usize {
        match class {
            PhoneClass::Vowel => 0,
            PhoneClass::Sonorant => 1,
            PhoneClass::Hiss => 2,
            PhoneClass::Breath => 3,
            PhoneClass::Stop => 4,
        }
    }

    /// Returns the sums of a row; there is one more than there are frames.
    pub fn sums(&self, row: usize) -> &[f32] {
        &self.rows[row]
    }
}

fn cumulative(frames: &[FrameFeatures], model: &ClassModel) -> Vec<f32> {
    let mut sum = 0.0;
    let sums = frames.iter().map(|frame| {
        sum += log_likelihood(frame, model);
        sum
    });
    std::iter::once(0.0).chain(sums).collect()
}

/// Returns the logarithm of a normal density, without the constant.
fn log_likelihood(frame: &FrameFeatures, model: &ClassModel) -> f32 {
    let features = [frame.loud, frame.hiss, frame.open];
    let mut sum = 0.0;
    for (feature, value) in features.into_iter().enumerate() {
        let deviation = model.deviation[feature];
        let distance = (value - model.mean[feature]) / deviation;
        sum -= 0.5 * distance * distance + (deviation / 0.25).ln();
    }
    WEIGHT * sum.max(WORST)
}
