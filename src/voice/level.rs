//! The loudness of a stretch of samples, for the meter on the screen.

/// The level up to which the meter stays empty. The noise of a quiet room is about −60 dB.
const FLOOR_DB: f32 = -60.0;
/// The level from which the meter is full. Speech close to a microphone is about −12 dB.
const FULL_DB: f32 = -12.0;

/// Returns the root mean square of `samples` on a scale from 0 (silence) to 1 (loud speech), linear
/// in decibels.
pub fn level(samples: &[f32]) -> f32 {
    if samples.is_empty() {
        return 0.0;
    }
    let power = samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32;
    let decibels = 10.0 * power.max(f32::MIN_POSITIVE).log10();
    ((decibels - FLOOR_DB) / (FULL_DB - FLOOR_DB)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing(vec![], 0.0)]
    #[case::digital_silence(vec![0.0; 800], 0.0)]
    #[case::full_scale(vec![1.0; 800], 1.0)]
    #[case::halfway_between_floor_and_full(vec![10f32.powf(-36.0 / 20.0); 800], 0.5)]
    fn the_level_is_linear_in_decibels(#[case] samples: Vec<f32>, #[case] expected: f32) {
        let level = level(&samples);
        assert!((level - expected).abs() < 1e-4, "{level}");
    }
}
