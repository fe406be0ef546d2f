//! Speech without a voice: the same mouth, with a rush of air in place of the vocal cords.

use super::noise::Dice;

const ORDER: usize = 18;
const WINDOW: usize = 512;

/// `speech` whispered: each 32 ms of it is taken apart into its breath and what the mouth makes of it (linear
/// prediction), and the breath is replaced by noise.
pub(super) fn whispered(speech: &[f32]) -> Vec<f32> {
    let mut dice = Dice::new(7);
    let weight = |n: usize| 0.5 - 0.5 * (std::f32::consts::TAU * n as f32 / WINDOW as f32).cos();
    let mut whispered = vec![0.0; speech.len()];
    for start in (0..speech.len().saturating_sub(WINDOW)).step_by(WINDOW / 2) {
        let part: Vec<f32> = (0..WINDOW).map(|n| speech[start + n] * weight(n)).collect();
        let (mouth, power) = mouth(&part);
        let air = (0..WINDOW).map(|_| dice.noise() * power.sqrt()).collect();
        for (n, sample) in through(&mouth, air).into_iter().enumerate() {
            whispered[start + n] += sample * weight(n);
        }
    }
    whispered
}

/// The coefficients of the all-pole filter that `part` went through, and the power that went in (Levinson and Durbin).
fn mouth(part: &[f32]) -> (Vec<f32>, f32) {
    let likeness = |lag: usize| {
        part.iter()
            .zip(&part[lag..])
            .map(|(a, b)| a * b)
            .sum::<f32>()
    };
    let correlation: Vec<f32> = (0..=ORDER).map(likeness).collect();
    let (mut filter, mut error) = (vec![1.0f32], correlation[0] * 1.000_1 + 1e-9);
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

fn through(filter: &[f32], mut samples: Vec<f32>) -> Vec<f32> {
    for n in 0..samples.len() {
        let fed_back: f32 = (1..filter.len().min(n + 1))
            .map(|k| filter[k] * samples[n - k])
            .sum();
        samples[n] -= fed_back;
    }
    samples
}
