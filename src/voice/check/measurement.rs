//! Measures a recorded sentence and judges the microphone by it.

use crate::voice::microphone_report::{MicrophoneReport, MicrophoneVerdict, SILENCE};
use crate::voice::{SAMPLE_RATE, segmenter};

/// The number of samples in a frame, the unit in which loudness is measured: 20 ms.
const FRAME: usize = SAMPLE_RATE as usize / 50;
/// A frame is speech if its power is at least this part of the loudest frame's (−20 dB).
const SPEECH: f32 = 0.01;
/// A frame belongs to a pause if its power is at most this part of the loudest frame's (−15 dB).
pub(super) const PAUSE: f32 = 0.03;
/// Samples this loud are at full scale, less what filters take away.
const FULL_SCALE: f32 = 0.985;
/// The part of the samples at full scale above which clipping becomes audible.
const CLIPPED: f32 = 0.001;
/// Speech below this level drowns in the noise of most microphones, in dB.
const QUIET: f32 = -45.0;
/// Speech less than this above the noise is hard to make out, in dB.
const NOISY: f32 = 15.0;

/// Measures a recording and judges the microphone by it.
pub fn measure(samples: &[f32]) -> MicrophoneReport {
    let mut powers = powers(samples);
    powers.sort_by(f32::total_cmp);
    let peak = samples
        .iter()
        .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    let clipped = samples
        .iter()
        .filter(|sample| sample.abs() >= FULL_SCALE)
        .count();
    let mut report = MicrophoneReport {
        seconds: samples.len() as f32 / SAMPLE_RATE as f32,
        level: decibels(speech_power(&powers)),
        peak: decibels(peak * peak),
        noise: decibels(powers.get(powers.len() / 10).copied().unwrap_or(0.0)),
        clipped: clipped as f32 / samples.len().max(1) as f32,
        verdict: MicrophoneVerdict::Good,
    };
    report.verdict = verdict(samples, &report);
    report
}

/// Returns the mean of the frame powers that are close enough to the loudest to be speech.
fn speech_power(sorted_powers: &[f32]) -> f32 {
    let loudest = sorted_powers.last().copied().unwrap_or(0.0);
    let quietest_speech = sorted_powers.partition_point(|power| *power < loudest * SPEECH);
    let speech = &sorted_powers[quietest_speech..];
    speech.iter().sum::<f32>() / speech.len().max(1) as f32
}

fn verdict(samples: &[f32], report: &MicrophoneReport) -> MicrophoneVerdict {
    let is_constant = samples
        .windows(2)
        .all(|pair| (pair[0] - pair[1]).abs() < 1e-6);
    if is_constant {
        MicrophoneVerdict::Dead
    } else if segmenter::phrases(samples).is_empty() {
        MicrophoneVerdict::NoVoice
    } else if report.clipped > CLIPPED {
        MicrophoneVerdict::Clipping
    } else if report.level < QUIET {
        MicrophoneVerdict::Quiet
    } else if report.level - report.noise < NOISY {
        MicrophoneVerdict::Noisy
    } else {
        MicrophoneVerdict::Good
    }
}

/// Returns the mean power of each frame.
pub(super) fn powers(samples: &[f32]) -> Vec<f32> {
    let power = |frame: &[f32]| {
        frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len() as f32
    };
    samples.chunks(FRAME).map(power).collect()
}

fn decibels(power: f32) -> f32 {
    (10.0 * power.max(f32::MIN_POSITIVE).log10()).max(SILENCE)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::voice::test_audio::{fixture, noise};

    fn speech_in_noise(speech_factor: f32, noise_factor: f32) -> Vec<f32> {
        fixture("short-en-1")
            .iter()
            .enumerate()
            .map(|(n, sample)| sample * speech_factor + noise(n) * noise_factor)
            .map(|sample| sample.clamp(-1.0, 1.0))
            .collect()
    }

    #[rstest]
    #[case::nothing(vec![], MicrophoneVerdict::Dead)]
    #[case::digital_silence(vec![0.0; 48_000], MicrophoneVerdict::Dead)]
    #[case::an_empty_room(
        (0..48_000).map(|n| 0.001 * noise(n)).collect(),
        MicrophoneVerdict::NoVoice
    )]
    #[case::speech(speech_in_noise(0.5, 0.0005), MicrophoneVerdict::Good)]
    #[case::from_afar(speech_in_noise(0.01, 0.00001), MicrophoneVerdict::Quiet)]
    #[case::in_noise(speech_in_noise(0.5, 0.03), MicrophoneVerdict::Noisy)]
    #[case::too_loud(speech_in_noise(8.0, 0.0005), MicrophoneVerdict::Clipping)]
    fn a_recording_is_judged(#[case] samples: Vec<f32>, #[case] expected: MicrophoneVerdict) {
        let report = measure(&samples);
        assert_eq!(report.verdict, expected, "{report:?}");
    }

    #[test]
    fn levels_are_decibels_below_full_scale() {
        let tone: Vec<f32> = (0..48_000).map(|n| 0.5 * (n as f32 * 0.2).sin()).collect();
        let report = measure(&tone);
        assert!((report.level + 9.03).abs() < 0.1, "{report:?}");
        assert!((report.peak + 6.02).abs() < 0.1, "{report:?}");
        assert_eq!(measure(&[]).peak.to_bits(), SILENCE.to_bits());
    }
}
