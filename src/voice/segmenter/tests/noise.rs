//! Five hundred clips of what is no speech, made from fixed seeds: no two alike, loud and faint.

use std::f32::consts::TAU;

use super::{SECOND, recording};

/// Samples of a clip.
const CLIP: usize = 5 * SECOND / 2;

/// Chance that is the same in every run (xorshift).
pub(super) struct Dice(u64);

impl Dice {
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

    /// White noise whose samples are about ±1.
    pub(super) fn noise(&mut self) -> f32 {
        self.between(-1.0, 1.0) + self.between(-1.0, 1.0)
    }
}

/// Low-pass filter of the first order.
fn muffle(samples: &mut [f32], hertz: f32) {
    let part = 1.0 - (-TAU * hertz / SECOND as f32).exp();
    let mut last = 0.0;
    for sample in samples {
        last += part * (*sample - last);
        *sample = last;
    }
}

/// High-pass filter of the first order.
fn thin(samples: &mut [f32], hertz: f32) {
    let mut low = samples.to_vec();
    muffle(&mut low, hertz);
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

pub(super) fn silence(dice: &mut Dice) -> Vec<f32> {
    let loudness = if dice.between(0.0, 1.0) < 0.5 {
        0.0
    } else {
        dice.between(1e-5, 1e-3)
    };
    (0..CLIP).map(|_| loudness * dice.noise()).collect()
}

pub(super) fn white(dice: &mut Dice) -> Vec<f32> {
    (0..CLIP).map(|_| dice.noise()).collect()
}

/// Power that falls by 3 dB an octave (Paul Kellet's filter).
pub(super) fn pink(dice: &mut Dice) -> Vec<f32> {
    let (mut a, mut b, mut c) = (0.0, 0.0, 0.0);
    let mut filter = |white: f32| {
        a = 0.997_65 * a + white * 0.099_046;
        b = 0.963 * b + white * 0.296_516_4;
        c = 0.57 * c + white * 1.052_691_3;
        a + b + c + white * 0.184_8
    };
    (0..CLIP).map(|_| filter(dice.noise())).collect()
}

/// Power that falls by 6 dB an octave.
pub(super) fn brown(dice: &mut Dice) -> Vec<f32> {
    let mut samples = white(dice);
    muffle(&mut samples, dice.between(20.0, 60.0));
    samples
}

/// Mains or a fan: many overtones, perhaps a slow beat, a little rush of air.
pub(super) fn hum(dice: &mut Dice) -> Vec<f32> {
    let base = [50.0, 60.0, 100.0, 120.0, 87.0, 233.0][dice.between(0.0, 6.0) as usize];
    let mut samples = vec![0.0; CLIP];
    for overtone in 1..=dice.between(2.0, 16.0) as usize {
        let (phase, loudness) = (
            dice.between(0.0, TAU),
            dice.between(0.2, 1.0) / overtone as f32,
        );
        let wave = |n: usize| {
            loudness * (phase + TAU * base * overtone as f32 * n as f32 / SECOND as f32).sin()
        };
        samples
            .iter_mut()
            .enumerate()
            .for_each(|(n, sample)| *sample += wave(n));
    }
    let (beat, depth, air) = (
        dice.between(0.3, 10.0),
        dice.between(0.0, 0.4),
        dice.between(0.0, 0.1),
    );
    let swing = |n: usize| 1.0 + depth * (TAU * beat * n as f32 / SECOND as f32).sin();
    samples
        .iter_mut()
        .enumerate()
        .for_each(|(n, sample)| *sample = *sample * swing(n) + air * dice.noise());
    samples
}

/// Air in and out, each through another opening of the mouth.
pub(super) fn breath(dice: &mut Dice) -> Vec<f32> {
    let (mut samples, mut at) = (vec![0.0; CLIP], 0);
    while at < CLIP {
        let length = dice.seconds(0.4, 1.6);
        let swell = |n: usize| (TAU / 2.0 * n as f32 / length as f32).sin().powi(2);
        let mut air: Vec<f32> = (0..length).map(|n| swell(n) * dice.noise()).collect();
        muffle(&mut air, dice.between(1_000.0, 5_000.0));
        thin(&mut air, dice.between(100.0, 700.0));
        mix(&mut samples, at, &air);
        at += length + dice.seconds(0.1, 1.0);
    }
    samples
}

/// Something short that is struck: a knock, with or without a ring.
fn knock(dice: &mut Dice, longest: f32) -> Vec<f32> {
    let length = dice.seconds(0.005, longest);
    let (decay, ring, hertz) = (
        dice.between(20.0, 200.0),
        dice.between(0.0, 0.8),
        dice.between(120.0, 2_500.0),
    );
    let sound = |n: usize, noise: f32| {
        (noise + ring * (TAU * hertz * n as f32 / SECOND as f32).sin())
            * (-(n as f32) / decay).exp()
    };
    let mut samples: Vec<f32> = (0..length).map(|n| sound(n, dice.noise())).collect();
    thin(&mut samples, dice.between(100.0, 2_000.0));
    samples
}

/// Keys being typed, each heard as it goes down and as it comes up.
pub(super) fn keys(dice: &mut Dice) -> Vec<f32> {
    let (mut samples, mut at) = (vec![0.0; CLIP], dice.seconds(0.0, 0.3));
    while at < CLIP {
        mix(&mut samples, at, &knock(dice, 0.08));
        let up = at + dice.seconds(0.04, 0.12);
        mix(&mut samples, up, &knock(dice, 0.04));
        at += dice.seconds(0.06, 0.35);
    }
    samples
}

pub(super) fn clicks(dice: &mut Dice) -> Vec<f32> {
    let mut samples = vec![0.0; CLIP];
    for _ in 0..dice.between(1.0, 30.0) as usize {
        let at = dice.seconds(0.0, 2.4);
        mix(&mut samples, at, &knock(dice, 0.01));
    }
    samples
}

/// A tone of an instrument with overtones that die away at their own pace.
fn note(dice: &mut Dice, hertz: f32, length: usize, bright: f32, decay: f32) -> Vec<f32> {
    let overtones = ((7_000.0 / hertz) as usize).clamp(1, 8);
    let phases: Vec<f32> = (0..overtones).map(|_| dice.between(0.0, TAU)).collect();
    let wave = |n: usize, k: usize| {
        let (time, overtone) = (n as f32 / SECOND as f32, (k + 1) as f32);
        (phases[k] + TAU * hertz * overtone * time).sin() / overtone.powf(bright)
            * (-time * overtone / decay).exp()
    };
    let ends = |n: usize| (n.min(length - n) as f32 / 160.0).min(1.0);
    (0..length)
        .map(|n| ends(n) * (0..overtones).map(|k| wave(n, k)).sum::<f32>())
        .collect()
}

/// A melody, or chords, with or without a beat.
pub(super) fn music(dice: &mut Dice) -> Vec<f32> {
    let (beat, root, voices) = (
        dice.between(0.35, 0.9),
        dice.between(110.0, 330.0),
        dice.between(1.0, 4.0) as usize,
    );
    let (bright, decay, drums) = (
        dice.between(0.6, 2.0),
        dice.between(0.3, 3.0),
        dice.between(0.0, 1.0) < 0.4,
    );
    let (mut samples, mut at) = (vec![0.0; CLIP], 0);
    while at < CLIP {
        let length =
            (beat * [0.5, 1.0, 1.0, 2.0][dice.between(0.0, 4.0) as usize] * SECOND as f32) as usize;
        for _ in 0..voices {
            let step = [0, 2, 4, 5, 7, 9, 11, 12][dice.between(0.0, 8.0) as usize] as f32;
            let sound = note(dice, root * 2.0f32.powf(step / 12.0), length, bright, decay);
            mix(&mut samples, at, &sound);
        }
        if drums {
            mix(&mut samples, at, &knock(dice, 0.06));
        }
        at += length;
    }
    samples
}

/// People talking in another room: one over the other, through a wall, with an echo.
pub(super) fn murmur(dice: &mut Dice) -> Vec<f32> {
    let voices: Vec<Vec<f32>> = ["jfk", "librivox-0880", "medium-en-1"]
        .map(recording)
        .into();
    let mut samples = vec![0.0; CLIP];
    for _ in 0..dice.between(2.0, 6.0) as usize {
        let voice = &voices[dice.between(0.0, 3.0) as usize];
        let (from, loudness) = (
            dice.between(0.0, voice.len() as f32) as usize,
            dice.between(0.5, 1.0),
        );
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
        let (delay, part) = (dice.seconds(0.03, 0.12), dice.between(0.3, 0.6));
        (delay..CLIP).for_each(|n| samples[n] += part * samples[n - delay]);
    }
    let wall = dice.between(400.0, 900.0);
    (0..4).for_each(|_| muffle(&mut samples, wall));
    samples
}

/// `clip` with its peak at `decibels`, over the rush of a microphone at `rush` decibels.
pub(super) fn at_level(mut clip: Vec<f32>, decibels: f32, rush: f32, dice: &mut Dice) -> Vec<f32> {
    let peak = clip
        .iter()
        .fold(1e-9f32, |peak, sample| peak.max(sample.abs()));
    let (gain, rush) = (
        10.0f32.powf(decibels / 20.0) / peak,
        10.0f32.powf(rush / 20.0),
    );
    for sample in &mut clip {
        *sample = *sample * gain + rush * dice.noise();
    }
    clip
}
