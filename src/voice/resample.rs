//! Converts mono samples from one rate to another. The result does not depend on how the input is
//! split into chunks.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Indexing, Resampler as _, WindowFunction};

/// The rates accepted, in Hz: every rate that sound cards and recorders use, and none that needs an
/// absurd amount of memory.
pub const RATES: std::ops::RangeInclusive<u32> = 4_000..=384_000;

/// The number of input frames converted at a time. The filter delays by half of it, 11 ms at 48 kHz,
/// which [`Resampler::push`] removes.
const STEP: usize = 1024;

/// A streaming converter from one rate to another. The delay of its filter is removed, so that
/// sample 0 stays sample 0. It passes samples through if both rates are equal.
pub struct Resampler(Option<Converter>);

struct Converter {
    filter: Fft<f32>,
    /// Samples of a step that is not complete yet.
    waiting: Vec<f32>,
    output: Vec<f32>,
    delay: usize,
    ratio: f64,
    samples_in: u64,
    samples_out: u64,
}

/// A rate outside [`RATES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sample rate of {0} Hz is not supported ({low} to {high} Hz are)", low = RATES.start(), high = RATES.end())]
pub struct UnsupportedRate(u32);

impl Resampler {
    /// Creates a converter from `from` Hz to `to` Hz.
    pub fn new(from: u32, to: u32) -> Result<Self, UnsupportedRate> {
        if let Some(&wrong) = [from, to].iter().find(|rate| !RATES.contains(rate)) {
            return Err(UnsupportedRate(wrong));
        }
        if from == to {
            return Ok(Self(None));
        }
        let window = WindowFunction::BlackmanHarris2;
        let filter = Fft::new_custom(
            from as usize,
            to as usize,
            STEP,
            1,
            1,
            window,
            FixedSync::Both,
        )
        .map_err(|_| UnsupportedRate(from))?;
        Ok(Self(Some(Converter {
            delay: filter.output_delay(),
            output: vec![0.0; filter.output_frames_max()],
            filter,
            waiting: Vec::new(),
            ratio: f64::from(to) / f64::from(from),
            samples_in: 0,
            samples_out: 0,
        })))
    }

    /// Adds `samples` and appends the samples that are converted to `into`.
    pub fn push(&mut self, samples: &[f32], into: &mut Vec<f32>) {
        match &mut self.0 {
            None => into.extend_from_slice(samples),
            Some(converter) => converter.push(samples, into),
        }
    }

    /// Appends the samples still in the filter. The converter must not be used for another stream
    /// afterwards.
    pub fn finish(&mut self, into: &mut Vec<f32>) {
        if let Some(converter) = &mut self.0 {
            converter.finish(into);
        }
    }
}

impl Converter {
    fn push(&mut self, samples: &[f32], into: &mut Vec<f32>) {
        self.samples_in += samples.len() as u64;
        self.waiting.extend_from_slice(samples);
        let step = self.filter.input_frames_next();
        while self.waiting.len() >= step {
            self.step(step, into);
            self.waiting.drain(..step);
        }
    }

    fn finish(&mut self, into: &mut Vec<f32>) {
        let expected = (self.samples_in as f64 * self.ratio).round() as u64;
        while self.samples_out < expected {
            let before = into.len();
            let partial = self.waiting.len();
            self.waiting.resize(self.filter.input_frames_next(), 0.0);
            self.step(partial, into);
            self.waiting.clear();
            let surplus = self.samples_out.saturating_sub(expected) as usize;
            into.truncate(into.len().saturating_sub(surplus).max(before));
        }
    }

    /// Converts the first `partial` samples of a whole step, followed by silence.
    fn step(&mut self, partial: usize, into: &mut Vec<f32>) {
        let step = self.filter.input_frames_next();
        let room = self.output.len();
        let input = InterleavedSlice::new(&self.waiting[..step], 1, step)
            .expect("one channel of a whole step");
        let mut output = InterleavedSlice::new_mut(&mut self.output, 1, room)
            .expect("one channel of the largest output");
        let indexing = Indexing::new().partial_len(partial);
        let (_, frames) = self
            .filter
            .process_into_buffer(&input, &mut output, Some(&indexing))
            .expect("both buffers are as long as the converter asks");
        let skipped = self.delay.min(frames);
        self.delay -= skipped;
        self.samples_out += (frames - skipped) as u64;
        into.extend_from_slice(&self.output[skipped..frames]);
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn tone(rate: u32, hertz: f32, samples: usize) -> Vec<f32> {
        (0..samples)
            .map(|n| 0.5 * (TAU * hertz * n as f32 / rate as f32).sin())
            .collect()
    }

    fn converted(from: u32, samples: &[f32], chunk: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(from, 16_000).unwrap();
        let mut into = Vec::new();
        samples
            .chunks(chunk)
            .for_each(|part| resampler.push(part, &mut into));
        resampler.finish(&mut into);
        into
    }

    #[rstest]
    #[case(8_000)]
    #[case(11_025)]
    #[case(16_000)]
    #[case(22_050)]
    #[case(44_100)]
    #[case(48_000)]
    #[case(96_000)]
    #[case(192_000)]
    fn a_tone_keeps_its_pitch_loudness_and_position(#[case] rate: u32) {
        let heard = converted(rate, &tone(rate, 440.0, rate as usize), 480);
        let expected = tone(16_000, 440.0, 16_000);
        assert_eq!(heard.len(), expected.len());
        let inner = 1_000..15_000;
        let worst = inner
            .map(|n| (heard[n] - expected[n]).abs())
            .fold(0.0, f32::max);
        // The delay is removed in whole samples, so the position may be off by half of one.
        let half_a_sample = 0.5 * TAU * 440.0 * 0.5 / rate.min(16_000) as f32;
        assert!(worst < 0.002 + half_a_sample, "off by {worst}");
    }

    #[test]
    fn sound_above_the_new_half_rate_is_removed() {
        let heard = converted(48_000, &tone(48_000, 11_000.0, 48_000), 480);
        let loudest = heard[1_000..15_000]
            .iter()
            .fold(0.0f32, |most, sample| most.max(sample.abs()));
        assert!(loudest < 0.002, "{loudest} is left");
    }

    #[rstest]
    #[case(0)]
    #[case(3_999)]
    #[case(u32::MAX)]
    fn absurd_rates_are_refused(#[case] rate: u32) {
        assert_eq!(
            Resampler::new(rate, 16_000).err(),
            Some(UnsupportedRate(rate))
        );
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_samples(
            rate in prop::sample::select(vec![8_000u32, 22_050, 44_100, 48_000, 16_000]),
            length in 0usize..6_000,
            chunk in 1usize..2_000,
        ) {
            let samples = tone(rate, 300.0, length);
            let whole = converted(rate, &samples, length.max(1));
            prop_assert_eq!(whole.len(), (length as f64 * 16_000.0 / f64::from(rate)).round() as usize);
            prop_assert_eq!(whole, converted(rate, &samples, chunk));
        }
    }
}
