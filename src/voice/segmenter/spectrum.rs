//! What the spectrum of a sound does from frame to frame.
//!
//! A mouth moves: the shape of the spectrum of speech, voiced or whispered, is another one 64 ms later, and the harmonics
//! of a voice glide. Noise and breath keep their shape, an instrument holds its note, and a wall lets no treble through.

use std::collections::VecDeque;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Samples a spectrum is made of: 64 ms, bins of 15.6 Hz, so that the harmonics of low voices are apart.
const WINDOW: usize = 1024;
/// Borders of the bands that make up the shape, as bins: 100 Hz to 7 kHz, about the width of what the ear tells apart.
const BORDERS: [usize; 17] = [
    7, 13, 20, 26, 36, 45, 58, 71, 90, 109, 135, 167, 205, 250, 301, 365, 448,
];
const BANDS: usize = BORDERS.len() - 1;
/// The bands below 1.7 kHz.
const BASS: std::ops::Range<usize> = 0..9;
/// The bands from 2.1 to 5.7 kHz: the second and third formants, and consonants.
const TREBLE: std::ops::Range<usize> = 10..15;
/// The bands from 2.1 kHz up.
const BRIGHT: std::ops::Range<usize> = 10..BANDS;
/// Frames averaged to a shape (48 ms): single spectra of noise differ by chance.
const SMOOTH: usize = 3;
/// Frames between two shapes compared: 64 ms, less than a syllable lasts.
const STEP: usize = 4;
/// Bins whose fine structure tells held notes: 150 Hz to 3 kHz.
const FINE: std::ops::Range<usize> = 10..192;
/// Bins on either side that the fine structure is relative to: wider than the harmonics of a voice are apart.
const AROUND: usize = 6;
/// Frames between two fine structures compared: 96 ms. Musical notes are mostly held longer; in speech the pitch has
/// moved on, and the higher harmonics by more than their distance.
const HOLD: usize = 6;
/// Power added to a band before its shape is looked at, 50 dB below the loudest bands of speech at the level to which
/// [`super::gain`] raises it: what is fainter has no shape.
const FLOOR: f32 = 1e-2;

/// What one frame tells.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sound {
    /// Mean change of the bands against 64 ms before, in dB, the loudness taken out. Noise 1.0 to 1.7, speech 3 to 8.
    pub motion: f32,
    /// Likeness of the fine structure to that of 96 ms before: 0 (none; speech 0.0 to 0.5) … 1 (a held note).
    pub hold: f32,
    /// Power from 2.1 to 5.7 kHz, dB.
    pub treble: f32,
    /// Power above 2.1 kHz against that below 1.7 kHz, dB.
    pub brightness: f32,
}

/// Follows the spectrum of a sound.
pub(super) struct Spectrum {
    transform: Arc<dyn RealToComplex<f32>>,
    weights: Vec<f32>,
    /// The last [`WINDOW`] samples.
    samples: Vec<f32>,
    weighted: Vec<f32>,
    bins: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    bands: VecDeque<[f32; BANDS]>,
    shapes: VecDeque<[f32; BANDS]>,
    fine: VecDeque<Vec<f32>>,
}

impl Default for Spectrum {
    fn default() -> Self {
        let transform = RealFftPlanner::new().plan_fft_forward(WINDOW);
        let angle = |n: usize| std::f32::consts::TAU * n as f32 / (WINDOW - 1) as f32;
        Self {
            weights: (0..WINDOW).map(|n| 0.5 - 0.5 * angle(n).cos()).collect(),
            samples: vec![0.0; WINDOW],
            weighted: transform.make_input_vec(),
            bins: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            bands: VecDeque::with_capacity(SMOOTH + 1),
            shapes: VecDeque::with_capacity(STEP + 2),
            fine: VecDeque::with_capacity(HOLD + 2),
            transform,
        }
    }
}

impl Spectrum {
    /// Takes the next frame (any length up to 64 ms).
    pub(super) fn push(&mut self, frame: &[f32]) -> Sound {
        let power = self.power(frame);
        let bands = bands(&power);
        let sum = |range: std::ops::Range<usize>| bands[range].iter().sum::<f32>();
        Sound {
            motion: self.motion(bands),
            hold: self.hold(&power),
            treble: decibels(sum(TREBLE)),
            brightness: decibels(sum(BRIGHT)) - decibels(sum(BASS)),
        }
    }

    /// The power of each bin up to the last band's border.
    fn power(&mut self, frame: &[f32]) -> Vec<f32> {
        self.samples.drain(..frame.len());
        self.samples.extend_from_slice(frame);
        for ((into, sample), weight) in self
            .weighted
            .iter_mut()
            .zip(&self.samples)
            .zip(&self.weights)
        {
            *into = sample * weight;
        }
        self.transform
            .process_with_scratch(&mut self.weighted, &mut self.bins, &mut self.scratch)
            .expect("the buffers were made by this transform");
        self.bins[..BORDERS[BANDS]]
            .iter()
            .map(Complex::norm_sqr)
            .collect()
    }

    fn motion(&mut self, bands: [f32; BANDS]) -> f32 {
        keep(&mut self.bands, bands, SMOOTH);
        keep(&mut self.shapes, shape(&self.bands), STEP + 1);
        let (before, now) = (&self.shapes[0], &self.shapes[self.shapes.len() - 1]);
        before
            .iter()
            .zip(now)
            .map(|(before, now)| (now - before).abs())
            .sum::<f32>()
            / BANDS as f32
    }

    fn hold(&mut self, power: &[f32]) -> f32 {
        keep(&mut self.fine, fine_structure(power), HOLD + 1);
        if self.fine.len() <= HOLD {
            return 0.0;
        }
        likeness(&self.fine[0], &self.fine[HOLD])
    }
}

/// Appends `item` and forgets the oldest beyond `most`.
fn keep<T>(items: &mut VecDeque<T>, item: T, most: usize) {
    items.push_back(item);
    if items.len() > most {
        items.pop_front();
    }
}

/// The mean power of each band's bins.
fn bands(power: &[f32]) -> [f32; BANDS] {
    std::array::from_fn(|band| {
        let bins = &power[BORDERS[band]..BORDERS[band + 1]];
        bins.iter().sum::<f32>() / bins.len() as f32
    })
}

/// The bands in dB, averaged over the frames given, around their own mean: the loudness is taken out.
fn shape(frames: &VecDeque<[f32; BANDS]>) -> [f32; BANDS] {
    let power =
        |band: usize| frames.iter().map(|bands| bands[band]).sum::<f32>() / frames.len() as f32;
    let levels: [f32; BANDS] = std::array::from_fn(|band| decibels(power(band) + FLOOR));
    let mean = levels.iter().sum::<f32>() / BANDS as f32;
    levels.map(|level| level - mean)
}

/// Each bin against those around it, as logarithms: the lines of a note stand out, formants do not.
fn fine_structure(power: &[f32]) -> Vec<f32> {
    let logs: Vec<f32> = power[..FINE.end + AROUND]
        .iter()
        .map(|power| (power + 1e-9).ln())
        .collect();
    let first = FINE.start - AROUND;
    let width = 2 * AROUND + 1;
    let mut sum: f32 = logs[first..first + width].iter().sum();
    let mut fine = Vec::with_capacity(FINE.len());
    for bin in FINE {
        fine.push(logs[bin] - sum / width as f32);
        if bin + 1 < FINE.end {
            sum += logs[bin + 1 + AROUND] - logs[bin - AROUND];
        }
    }
    fine
}

/// The correlation of two fine structures.
fn likeness(one: &[f32], other: &[f32]) -> f32 {
    let (mut both, mut first, mut second) = (0.0f32, 0.0f32, 0.0f32);
    for (a, b) in one.iter().zip(other) {
        both += a * b;
        first += a * a;
        second += b * b;
    }
    both / (first * second).sqrt().max(1e-9)
}

fn decibels(power: f32) -> f32 {
    10.0 * (power + 1e-9).log10()
}
