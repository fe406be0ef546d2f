//! Generates clips of noise that is no speech, from fixed seeds. No two are alike.

use std::f32::consts::TAU;

use super::{SECOND, recording};

/// The samples of a clip.
const CLIP: usize = 5 * SECOND / 2;

/// A random generator (xorshift) that gives the same values in every run.
pub(super) struct Rng(u64);

impl Rng {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        low + (high - low) * (self.0 >> 40) as f32 / 16_777_216.0
    }

    fn seconds(&mut self, low: f32, high: f32) -> usize {
        (self.between(low, high) * SECOND as f32) as usize
    }

    /// Returns a sample of white noise, within ±2 and mostly within ±1.
    pub(super) fn noise(&mut self) -> f32 {
        self.between(-1.0, 1.0) + self.between(-1.0, 1.0)
    }
}

/// Applies a low-pass filter of the first order.
fn low_pass(samples: &mut [f32], hertz: f32) {
    let part = 1.0 - (-TAU * hertz / SECOND as f32).exp();
    let mut last = 0.0;
    for sample in samples {
        last += part * (*sample - last);
        *sample = last;
    }
}

/// Applies a high-pass filter of the first order.
fn high_pass(samples: &mut [f32], hertz: f32) {
    let mut low = samples.to_vec();
    low_pass(&mut low, hertz);
    samples
        .iter_mut()
        .zip(low)
        .for_each(|(sample, low)| *sample -= low);
}

/// Adds `sound` from sample `at` on, as far as there is room.
fn mix(into: &mut [f32], at: usize, sound: &[f32]) {
    into.iter_mut()
        .skip(at)
        .zip(sound)
        .for_each(|(into, sample)| *into += sample);
}

pub(super) fn silence(rng: &mut Rng) -> Vec<f32> {
    let loudness = if rng.between(0.0, 1.0) < 0.5 {
        0.0
    } else {
        rng.between(1e-5, 1e-3)
    };
    (0..CLIP).map(|_| loudness * rng.noise()).collect()
}

pub(super) fn white(rng: &mut Rng) -> Vec<f32> {
    (0..CLIP).map(|_| rng.noise()).collect()
}

/// Returns noise whose power falls by 3 dB an octave (Paul Kellet's filter).
pub(super) fn pink(rng: &mut Rng) -> Vec<f32> {
    let mut a = 0.0;
    let mut b = 0.0;
    let mut c = 0.0;
    let mut filter = |white: f32| {
        a = 0.997_65 * a + white * 0.099_046;
        b = 0.963 * b + white * 0.296_516_4;
        c = 0.57 * c + white * 1.052_691_3;
        a + b + c + white * 0.184_8
    };
    (0..CLIP).map(|_| filter(rng.noise())).collect()
}

/// Returns noise whose power falls by 6 dB an octave.
pub(super) fn brown(rng: &mut Rng) -> Vec<f32> {
    let mut samples = white(rng);
    low_pass(&mut samples, rng.between(20.0, 60.0));
    samples
}

/// Returns the hum of mains or a fan: many overtones, perhaps a slow beat, and a little rush of
/// air.
pub(super) fn hum(rng: &mut Rng) -> Vec<f32> {
    let base = [50.0, 60.0, 100.0, 120.0, 87.0, 233.0][rng.between(0.0, 6.0) as usize];
    let mut samples = vec![0.0; CLIP];
    for overtone in 1..=rng.between(2.0, 16.0) as usize {
        let phase = rng.between(0.0, TAU);
        let loudness = rng.between(0.2, 1.0) / overtone as f32;
        let wave = |n: usize| {
            loudness * (phase + TAU * base * overtone as f32 * n as f32 / SECOND as f32).sin()
        };
        samples
            .iter_mut()
            .enumerate()
            .for_each(|(n, sample)| *sample += wave(n));
    }
    let beat = rng.between(0.3, 10.0);
    let depth = rng.between(0.0, 0.4);
    let air = rng.between(0.0, 0.1);
    let swing = |n: usize| 1.0 + depth * (TAU * beat * n as f32 / SECOND as f32).sin();
    samples
        .iter_mut()
        .enumerate()
        .for_each(|(n, sample)| *sample = *sample * swing(n) + air * rng.noise());
    samples
}

/// Returns breath going in and out, each time through another opening of the mouth.
pub(super) fn breath(rng: &mut Rng) -> Vec<f32> {
    let mut samples = vec![0.0; CLIP];
    let mut at = 0;
    while at < CLIP {
        let length = rng.seconds(0.4, 1.6);
        let swell = |n: usize| (TAU / 2.0 * n as f32 / length as f32).sin().powi(2);
        let mut air: Vec<f32> = (0..length).map(|n| swell(n) * rng.noise()).collect();
        low_pass(&mut air, rng.between(1_000.0, 5_000.0));
        high_pass(&mut air, rng.between(100.0, 700.0));
        mix(&mut samples, at, &air);
        at += length + rng.seconds(0.1, 1.0);
    }
    samples
}

/// Returns a knock, with or without a ring.
fn knock(rng: &mut Rng, longest: f32) -> Vec<f32> {
    let length = rng.seconds(0.005, longest);
    let decay = rng.between(20.0, 200.0);
    let ringing = rng.between(0.0, 0.8);
    let hertz = rng.between(120.0, 2_500.0);
    let sound = |n: usize, noise: f32| {
        (noise + ringing * (TAU * hertz * n as f32 / SECOND as f32).sin())
            * (-(n as f32) / decay).exp()
    };
    let mut samples: Vec<f32> = (0..length).map(|n| sound(n, rng.noise())).collect();
    high_pass(&mut samples, rng.between(100.0, 2_000.0));
    samples
}

/// Returns typing, in which each key sounds as it goes down and as it comes up.
pub(super) fn keys(rng: &mut Rng) -> Vec<f32> {
    let mut samples = vec![0.0; CLIP];
    let mut at = rng.seconds(0.0, 0.3);
    while at < CLIP {
        mix(&mut samples, at, &knock(rng, 0.08));
        let up = at + rng.seconds(0.04, 0.12);
        mix(&mut samples, up, &knock(rng, 0.04));
        at += rng.seconds(0.06, 0.35);
    }
    samples
}

pub(super) fn clicks(rng: &mut Rng) -> Vec<f32> {
    let mut samples = vec![0.0; CLIP];
    for _ in 0..rng.between(1.0, 30.0) as usize {
        let at = rng.seconds(0.0, 2.4);
        mix(&mut samples, at, &knock(rng, 0.01));
    }
    samples
}

/// Returns a tone of an instrument with overtones that decay at their own pace.
fn note(rng: &mut Rng, hertz: f32, length: usize, bright: f32, decay: f32) -> Vec<f32> {
    let overtones = ((7_000.0 / hertz) as usize).clamp(1, 8);
    let phases: Vec<f32> = (0..overtones).map(|_| rng.between(0.0, TAU)).collect();
    let wave = |n: usize, k: usize| {
        let time = n as f32 / SECOND as f32;
        let overtone = (k + 1) as f32;
        (phases[k] + TAU * hertz * overtone * time).sin() / overtone.powf(bright)
            * (-time * overtone / decay).exp()
    };
    let ends = |n: usize| (n.min(length - n) as f32 / 160.0).min(1.0);
    (0..length)
        .map(|n| ends(n) * (0..overtones).map(|k| wave(n, k)).sum::<f32>())
        .collect()
}

/// Returns a melody or chords, with or without a beat.
pub(super) fn music(rng: &mut Rng) -> Vec<f32> {
    let beat = rng.between(0.35, 0.9);
    let root = rng.between(110.0, 330.0);
    let voices = rng.between(1.0, 4.0) as usize;
    let bright = rng.between(0.6, 2.0);
    let decay = rng.between(0.3, 3.0);
    let drums = rng.between(0.0, 1.0) < 0.4;
    let mut samples = vec![0.0; CLIP];
    let mut at = 0;
    while at < CLIP {
        let length =
            (beat * [0.5, 1.0, 1.0, 2.0][rng.between(0.0, 4.0) as usize] * SECOND as f32) as usize;
        for _ in 0..voices {
            let step = [0, 2, 4, 5, 7, 9, 11, 12][rng.between(0.0, 8.0) as usize] as f32;
            let sound = note(rng, root * 2.0f32.powf(step / 12.0), length, bright, decay);
            mix(&mut samples, at, &sound);
        }
        if drums {
            mix(&mut samples, at, &knock(rng, 0.06));
        }
        at += length;
    }
    samples
}

/// Returns several people talking in another room, through a wall and with an echo.
pub(super) fn murmur(rng: &mut Rng) -> Vec<f32> {
    let voices: Vec<Vec<f32>> = ["jfk", "librivox-0880", "medium-en-1"]
        .map(recording)
        .into();
    let mut samples = vec![0.0; CLIP];
    for _ in 0..rng.between(2.0, 6.0) as usize {
        let voice = &voices[rng.between(0.0, 3.0) as usize];
        let from = rng.between(0.0, voice.len() as f32) as usize;
        let loudness = rng.between(0.5, 1.0);
        let part: Vec<f32> = voice
            .iter()
            .cycle()
            .skip(from)
            .take(CLIP)
            .map(|sample| loudness * sample)
            .collect();
        mix(&mut samples, 0, &part);
    }
    for _ in 0..4 {
        let delay = rng.seconds(0.03, 0.12);
        let part = rng.between(0.3, 0.6);
        (delay..CLIP).for_each(|n| samples[n] += part * samples[n - delay]);
    }
    let wall = rng.between(400.0, 900.0);
    (0..4).for_each(|_| low_pass(&mut samples, wall));
    samples
}

/// Returns `clip` with its peak at `decibels`, over the noise of a microphone at `floor` decibels.
pub(super) fn at_level(mut clip: Vec<f32>, decibels: f32, floor: f32, rng: &mut Rng) -> Vec<f32> {
    let peak = clip
        .iter()
        .fold(1e-9f32, |peak, sample| peak.max(sample.abs()));
    let gain = 10.0f32.powf(decibels / 20.0) / peak;
    let floor = 10.0f32.powf(floor / 20.0);
    for sample in &mut clip {
        *sample = *sample * gain + floor * rng.noise();
    }
    clip
}
