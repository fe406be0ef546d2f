//! Trying a microphone out: a sentence is recorded, and measured.

use std::io::Cursor;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hound::{SampleFormat, WavSpec, WavWriter};

use super::level::level;
use super::microphone_report::{MicrophoneReport, MicrophoneVerdict, SILENCE};
use super::mono::Mono;
use super::resample::Resampler;
use super::{Microphone, SAMPLE_RATE, VoiceError, segmenter};
use crate::config::Channel;

/// A sentence is given this long; one that goes on then is heard to its end …
const LEAST: usize = 3 * SAMPLE_RATE as usize;
/// … or this long.
const MOST: usize = 6 * SAMPLE_RATE as usize;
/// Between two looks at the microphone.
const WAKE: Duration = Duration::from_millis(50);
/// A microphone that gives so much less than time passes is none.
const PATIENCE: Duration = Duration::from_secs(10);

/// Samples of one measurement of loudness: 20 ms.
const FRAME: usize = SAMPLE_RATE as usize / 50;
/// Of powers, 20 dB: frames this close to the loudest are speech.
const SPEECH: f32 = 0.01;
/// Frames below [`PAUSE`] in a row that end a sentence: 400 ms.
const PAUSE_FRAMES: usize = 20;
/// Of powers, 15 dB below the loudest frame.
const PAUSE: f32 = 0.03;
/// Full scale, less what filters shave off.
const FULL: f32 = 0.985;
/// Part of the samples at full scale from which on one hears it.
const CLIPPED: f32 = 0.001;
/// Speech below this drowns in the noise of most microphones, dB.
const QUIET: f32 = -45.0;
/// Speech less than this above the noise is hard to make out, dB.
const NOISY: f32 = 15.0;

/// Opens `microphone` and records a sentence: mono samples at [`SAMPLE_RATE`]. `begun` is called with its name once it
/// is open, `loudness` with the level (0…1) as it goes, and `wanted` asked whether anybody still waits.
pub fn record(
    microphone: &mut dyn Microphone,
    begun: impl FnOnce(String),
    mut loudness: impl FnMut(f32),
    wanted: impl Fn() -> bool,
) -> Result<Vec<f32>, VoiceError> {
    let format = microphone.open()?;
    let unusable = |error| VoiceError::CannotOpen {
        device: microphone.name(),
        reason: format!("{error}"),
    };
    let mut resampler = Resampler::new(format.rate, SAMPLE_RATE).map_err(unusable)?;
    let (mut mono, mut samples) = (Mono::new(format, Channel::Mix), Vec::new());
    begun(microphone.name());
    microphone.press();
    let start = Instant::now();
    while wanted() && !is_over(&samples) && start.elapsed() < PATIENCE {
        thread::sleep(WAKE);
        let (mut interleaved, mut one, before) = (Vec::new(), Vec::new(), samples.len());
        microphone.read(&mut interleaved)?;
        mono.push(&interleaved, &mut one);
        resampler.push(&one, &mut samples);
        loudness(level(&samples[before..]));
    }
    microphone.close();
    Ok(samples)
}

/// The sentence has been said.
fn is_over(samples: &[f32]) -> bool {
    if samples.len() < LEAST || samples.len() >= MOST {
        return samples.len() >= MOST;
    }
    let powers = powers(samples);
    let loudest = powers.iter().copied().fold(0.0, f32::max);
    powers
        .iter()
        .rev()
        .take(PAUSE_FRAMES)
        .all(|power| *power <= loudest * PAUSE)
}

/// Measures a recording.
pub fn measure(samples: &[f32]) -> MicrophoneReport {
    let mut powers = powers(samples);
    powers.sort_by(f32::total_cmp);
    let loudest = powers.last().copied().unwrap_or(0.0);
    let speech: Vec<f32> = powers
        .iter()
        .copied()
        .filter(|power| *power >= loudest * SPEECH)
        .collect();
    let peak = samples
        .iter()
        .fold(0.0_f32, |most, sample| most.max(sample.abs()));
    let full = samples.iter().filter(|sample| sample.abs() >= FULL).count();
    let mut measured = MicrophoneReport {
        seconds: samples.len() as f32 / SAMPLE_RATE as f32,
        level: decibels(speech.iter().sum::<f32>() / speech.len().max(1) as f32),
        peak: decibels(peak * peak),
        noise: decibels(powers.get(powers.len() / 10).copied().unwrap_or(0.0)),
        clipped: full as f32 / samples.len().max(1) as f32,
        verdict: MicrophoneVerdict::Good,
    };
    measured.verdict = verdict(samples, &measured);
    measured
}

fn verdict(samples: &[f32], measured: &MicrophoneReport) -> MicrophoneVerdict {
    let stands_still = samples
        .windows(2)
        .all(|pair| (pair[0] - pair[1]).abs() < 1e-6);
    match measured {
        _ if stands_still => MicrophoneVerdict::Dead,
        _ if segmenter::phrases(samples).is_empty() => MicrophoneVerdict::NoVoice,
        MicrophoneReport { clipped, .. } if *clipped > CLIPPED => MicrophoneVerdict::Clipping,
        MicrophoneReport { level, .. } if *level < QUIET => MicrophoneVerdict::Quiet,
        MicrophoneReport { level, noise, .. } if level - noise < NOISY => MicrophoneVerdict::Noisy,
        _ => MicrophoneVerdict::Good,
    }
}

/// Mean power of each frame.
fn powers(samples: &[f32]) -> Vec<f32> {
    let power = |frame: &[f32]| {
        frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len() as f32
    };
    samples.chunks(FRAME).map(power).collect()
}

fn decibels(power: f32) -> f32 {
    (10.0 * power.max(f32::MIN_POSITIVE).log10()).max(SILENCE)
}

/// The recording as a WAV file, to be played back.
pub fn wav(samples: &[f32]) -> Bytes {
    let spec = WavSpec {
        channels: 1,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::new());
    // Writing to memory does not fail.
    let written = WavWriter::new(&mut file, spec).and_then(|mut writer| {
        for sample in samples {
            writer.write_sample((sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16)?;
        }
        writer.finalize()
    });
    debug_assert!(written.is_ok(), "{written:?}");
    file.into_inner().into()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::voice::Format;

    fn speech() -> Vec<f32> {
        let path = format!(
            "{}/tests/fixtures/speech/short-en-1.wav",
            env!("CARGO_MANIFEST_DIR")
        );
        let samples = hound::WavReader::open(path).unwrap().into_samples::<i16>();
        samples
            .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
            .collect()
    }

    /// Repeatable noise, −1…1.
    fn noise(n: usize) -> f32 {
        let scrambled = (n as u32).wrapping_add(1).wrapping_mul(2_654_435_761);
        (scrambled ^ (scrambled >> 15)).wrapping_mul(2_246_822_519) as f32 / u32::MAX as f32 * 2.0
            - 1.0
    }

    fn speech_at(factor: f32, noisy: f32) -> Vec<f32> {
        speech()
            .iter()
            .enumerate()
            .map(|(n, sample)| (sample * factor + noisy * noise(n)).clamp(-1.0, 1.0))
            .collect()
    }

    #[rstest]
    #[case::nothing(vec![], MicrophoneVerdict::Dead)]
    #[case::digital_silence(vec![0.0; 48_000], MicrophoneVerdict::Dead)]
    #[case::an_empty_room((0..48_000).map(|n| 0.001 * noise(n)).collect(), MicrophoneVerdict::NoVoice)]
    #[case::speech(speech_at(0.5, 0.0005), MicrophoneVerdict::Good)]
    #[case::from_afar(speech_at(0.01, 0.00001), MicrophoneVerdict::Quiet)]
    #[case::in_noise(speech_at(0.5, 0.03), MicrophoneVerdict::Noisy)]
    #[case::too_loud(speech_at(8.0, 0.0005), MicrophoneVerdict::Clipping)]
    fn a_recording_is_judged(#[case] samples: Vec<f32>, #[case] expected: MicrophoneVerdict) {
        let measured = measure(&samples);
        assert_eq!(measured.verdict, expected, "{measured:?}");
    }

    #[test]
    fn levels_are_decibels_below_full_scale() {
        let tone: Vec<f32> = (0..48_000).map(|n| 0.5 * (n as f32 * 0.2).sin()).collect();
        let measured = measure(&tone);
        assert!(
            (measured.level + 9.03).abs() < 0.1 && (measured.peak + 6.02).abs() < 0.1,
            "{measured:?}"
        );
        assert_eq!(measure(&[]).peak.to_bits(), SILENCE.to_bits());
    }

    /// Gives everything at once.
    struct Once(Vec<f32>);

    impl Microphone for Once {
        fn open(&mut self) -> Result<Format, VoiceError> {
            Ok(Format {
                rate: SAMPLE_RATE,
                channels: 1,
            })
        }

        fn press(&mut self) {}

        fn read(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError> {
            into.extend(self.0.drain(..self.0.len().min(8_000)));
            Ok(())
        }

        fn close(&mut self) {}

        fn name(&self) -> String {
            "Desk".into()
        }
    }

    #[rstest]
    #[case::a_word_and_quiet([vec![0.3; 8_000], vec![0.0; 200_000]].concat(), 48_000)]
    #[case::a_sentence_that_goes_on([vec![0.3; 60_000], vec![0.0; 200_000]].concat(), 72_000)]
    #[case::somebody_who_never_stops(vec![0.3; 200_000], 96_000)]
    fn a_sentence_is_heard_to_its_end(#[case] sound: Vec<f32>, #[case] expected: usize) {
        let mut name = String::new();
        let heard = record(&mut Once(sound), |opened| name = opened, |_| (), || true).unwrap();
        assert_eq!((heard.len(), name.as_str()), (expected, "Desk"));
    }

    #[test]
    fn nobody_who_has_gone_is_recorded() {
        let heard = record(&mut Once(vec![0.3; 200_000]), |_| (), |_| (), || false);
        assert_eq!(heard.unwrap(), Vec::<f32>::new());
    }

    #[test]
    fn what_is_played_back_is_what_was_recorded() {
        let bytes = wav(&[0.0, 0.5, -1.0]);
        let samples: Vec<i16> = hound::WavReader::new(Cursor::new(bytes))
            .unwrap()
            .into_samples()
            .map(Result::unwrap)
            .collect();
        assert_eq!(samples, [0, 16_383, -32_767]);
    }
}
