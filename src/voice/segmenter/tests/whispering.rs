//! Turns speech into whispering: the same vocal tract, with noise in place of the vocal cords.

use super::noise::Rng;

const ORDER: usize = 18;
const WINDOW: usize = 512;

/// Returns `speech` as a whisper. Linear prediction separates each 32 ms into an excitation and the
/// filter of the vocal tract, and noise replaces the excitation.
pub(super) fn whispered(speech: &[f32]) -> Vec<f32> {
    let mut rng = Rng::new(7);
    let weight = |n: usize| 0.5 - 0.5 * (std::f32::consts::TAU * n as f32 / WINDOW as f32).cos();
    let mut whispered = vec![0.0; speech.len()];
    for start in (0..speech.len().saturating_sub(WINDOW)).step_by(WINDOW / 2) {
        let part: Vec<f32> = (0..WINDOW).map(|n| speech[start + n] * weight(n)).collect();
        let (filter, power) = vocal_tract(&part);
        let air = (0..WINDOW).map(|_| rng.noise() * power.sqrt()).collect();
        for (n, sample) in filtered(&filter, air).into_iter().enumerate() {
            whispered[start + n] += sample * weight(n);
        }
    }
    whispered
}

/// Returns the coefficients of the all-pole filter that `part` went through and the power of its
/// excitation (Levinson and Durbin).
fn vocal_tract(part: &[f32]) -> (Vec<f32>, f32) {
    let correlation = |lag: usize| {
        part.iter()
            .zip(&part[lag..])
            .map(|(a, b)| a * b)
            .sum::<f32>()
    };
    let correlation: Vec<f32> = (0..=ORDER).map(correlation).collect();
    let mut filter = vec![1.0f32];
    let mut error = correlation[0] * 1.000_1 + 1e-9;
    for order in 1..=ORDER {
        let sum: f32 = filter
            .iter()
            .enumerate()
            .map(|(k, a)| a * correlation[order - k])
            .sum();
        let reflection = -sum / error;
        filter.push(0.0);
        let mirrored: Vec<f32> = filter.iter().rev().copied().collect();
        filter
            .iter_mut()
            .zip(mirrored)
            .for_each(|(a, b)| *a += reflection * b);
        error *= 1.0 - reflection * reflection;
    }
    (filter, error.max(0.0) / WINDOW as f32)
}

fn filtered(filter: &[f32], mut samples: Vec<f32>) -> Vec<f32> {
    for n in 0..samples.len() {
        let fed_back: f32 = (1..filter.len().min(n + 1))
            .map(|k| filter[k] * samples[n - k])
            .sum();
        samples[n] -= fed_back;
    }
    samples
}
