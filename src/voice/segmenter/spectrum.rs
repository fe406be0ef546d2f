//! Follows how the spectrum of audio changes from frame to frame.
//!
//! A mouth moves, so the shape of the spectrum of speech, voiced or whispered, differs 64 ms later,
//! and the harmonics of a voice glide. Noise and breath keep their shape, an instrument holds its
//! note, and a wall lets no treble through.

use std::collections::VecDeque;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Samples of a spectrum: 64 ms. Its bins of 15.6 Hz separate the harmonics of low voices.
const WINDOW: usize = 1024;
/// The edges of the bands that make up the shape, as bins from 100 Hz to 7 kHz. The bands are about
/// as wide as what the ear tells apart.
const BAND_EDGES: [usize; 17] = [
    7, 13, 20, 26, 36, 45, 58, 71, 90, 109, 135, 167, 205, 250, 301, 365, 448,
];
const BANDS: usize = BAND_EDGES.len() - 1;
/// The bands below 1.7 kHz.
const BASS: std::ops::Range<usize> = 0..9;
/// The bands from 2.1 to 5.7 kHz: the second and third formants, and consonants.
const TREBLE: std::ops::Range<usize> = 10..15;
/// The bands from 2.1 kHz up.
const BRIGHT: std::ops::Range<usize> = 10..BANDS;
/// Frames averaged to a shape (48 ms), because single spectra of noise differ by chance.
const SMOOTH: usize = 3;
/// The distance of the shapes that are compared, in frames: 64 ms, less than a syllable lasts.
const MOTION_DISTANCE: usize = 4;
/// The bins whose fine structure shows held notes: 150 Hz to 3 kHz.
const FINE: std::ops::Range<usize> = 10..192;
/// Bins on either side to which the fine structure is relative. They are wider than the distance of
/// a voice's harmonics.
const AROUND: usize = 6;
/// The distance of the fine structures that are compared, in frames: 96 ms. Musical notes are
/// mostly held longer; in speech the pitch has moved on, and the higher harmonics by more than
/// their distance.
const HOLD_DISTANCE: usize = 6;
/// The power added to each band before its shape is taken, 50 dB below the loudest bands of speech
/// at the level to which [`super::gain`] raises it. Anything fainter has no shape.
const FLOOR: f32 = 1e-2;

/// The properties of one frame that tell speech from noise.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct SpectralFeatures {
    /// The mean change of the bands within 64 ms, in dB, regardless of loudness. Noise has 1.0 to
    /// 1.7, speech 3 to 8.
    pub motion: f32,
    /// The correlation of the fine structure with that of 96 ms before, from 0 (speech has 0.0 to
    /// 0.5) to 1 (a held note).
    pub hold: f32,
    /// The power from 2.1 to 5.7 kHz, in dB.
    pub treble: f32,
    /// The power above 2.1 kHz relative to that below 1.7 kHz, in dB.
    pub brightness: f32,
}

/// The spectra of the latest frames.
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
            shapes: VecDeque::with_capacity(MOTION_DISTANCE + 2),
            fine: VecDeque::with_capacity(HOLD_DISTANCE + 2),
            transform,
        }
    }
}

impl Spectrum {
    /// Takes the next frame, of any length up to 64 ms.
    pub(super) fn push(&mut self, frame: &[f32]) -> SpectralFeatures {
        let power = self.power(frame);
        let bands = bands(&power);
        let sum = |range: std::ops::Range<usize>| bands[range].iter().sum::<f32>();
        SpectralFeatures {
            motion: self.motion(bands),
            hold: self.hold(&power),
            treble: decibels(sum(TREBLE)),
            brightness: decibels(sum(BRIGHT)) - decibels(sum(BASS)),
        }
    }

    /// Returns the power of each bin up to the last band's edge.
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
        self.bins[..BAND_EDGES[BANDS]]
            .iter()
            .map(Complex::norm_sqr)
            .collect()
    }

    fn motion(&mut self, bands: [f32; BANDS]) -> f32 {
        push_bounded(&mut self.bands, bands, SMOOTH);
        push_bounded(&mut self.shapes, shape(&self.bands), MOTION_DISTANCE + 1);
        let before = &self.shapes[0];
        let now = &self.shapes[self.shapes.len() - 1];
        before
            .iter()
            .zip(now)
            .map(|(before, now)| (now - before).abs())
            .sum::<f32>()
            / BANDS as f32
    }

    fn hold(&mut self, power: &[f32]) -> f32 {
        push_bounded(&mut self.fine, fine_structure(power), HOLD_DISTANCE + 1);
        if self.fine.len() <= HOLD_DISTANCE {
            return 0.0;
        }
        correlation(&self.fine[0], &self.fine[HOLD_DISTANCE])
    }
}

/// Appends `item` and drops the oldest item beyond `most`.
fn push_bounded<T>(items: &mut VecDeque<T>, item: T, most: usize) {
    items.push_back(item);
    if items.len() > most {
        items.pop_front();
    }
}

/// Returns the mean power of each band's bins.
fn bands(power: &[f32]) -> [f32; BANDS] {
    std::array::from_fn(|band| {
        let bins = &power[BAND_EDGES[band]..BAND_EDGES[band + 1]];
        bins.iter().sum::<f32>() / bins.len() as f32
    })
}

/// Returns the bands averaged over `frames`, in dB relative to their mean, so that loudness does
/// not matter.
fn shape(frames: &VecDeque<[f32; BANDS]>) -> [f32; BANDS] {
    let power =
        |band: usize| frames.iter().map(|bands| bands[band]).sum::<f32>() / frames.len() as f32;
    let levels: [f32; BANDS] = std::array::from_fn(|band| decibels(power(band) + FLOOR));
    let mean = levels.iter().sum::<f32>() / BANDS as f32;
    levels.map(|level| level - mean)
}

/// Returns each bin relative to those around it, as logarithms. The lines of a note stand out,
/// formants do not.
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

/// Returns the correlation of two fine structures.
fn correlation(one: &[f32], other: &[f32]) -> f32 {
    let mut both = 0.0f32;
    let mut first = 0.0f32;
    let mut second = 0.0f32;
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
