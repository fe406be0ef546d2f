//! How loud a stretch of samples is, for the meter on the screen.

/// Quieter than this the meter stays empty: the noise of a quiet room is about −60 dB.
const FLOOR_DB: f32 = -60.0;
/// Louder than this the meter is full: speech close to a microphone is about −12 dB.
const FULL_DB: f32 = -12.0;

/// The root mean square of `samples` on a scale from 0 (silence) to 1 (loud speech), linear in decibels.
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
    fn level_of(#[case] samples: Vec<f32>, #[case] expected: f32) {
        assert!(
            (level(&samples) - expected).abs() < 1e-4,
            "{}",
            level(&samples)
        );
    }
}
