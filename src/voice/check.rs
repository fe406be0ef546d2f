//! Tries a microphone: records a sentence and measures it.

mod measurement;

use std::io::Cursor;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use hound::{SampleFormat, WavSpec, WavWriter};

use super::level::level;
use super::{Microphone, SAMPLE_RATE, VoiceError};
pub use measurement::measure;
use measurement::{PAUSE, powers};

/// The least length of a recording in samples. A sentence that goes on is recorded to its end …
const SHORTEST: usize = 3 * SAMPLE_RATE as usize;
/// … or to this length.
const LONGEST: usize = 6 * SAMPLE_RATE as usize;
/// The time between two reads of the microphone.
const READ_INTERVAL: Duration = Duration::from_millis(50);
/// The number of quiet frames that end a sentence: 400 ms.
const PAUSE_FRAMES: usize = 20;

/// Opens `microphone` and records a sentence. Calls `opened` with the microphone's name once it is
/// open and `loudness` with the level (0…1) of each read, and gives up once `is_wanted` returns
/// false.
pub fn record(
    microphone: &mut dyn Microphone,
    opened: impl FnOnce(String),
    mut loudness: impl FnMut(f32),
    is_wanted: impl Fn() -> bool,
) -> Result<Vec<f32>, VoiceError> {
    microphone.open()?;
    opened(microphone.name());
    microphone.press();
    let mut samples = Vec::new();
    while is_wanted() && !is_complete(&samples) {
        thread::sleep(READ_INTERVAL);
        let before = samples.len();
        microphone.read(&mut samples)?;
        loudness(level(&samples[before..]));
    }
    microphone.close();
    Ok(samples)
}

/// Returns whether the sentence has been said.
fn is_complete(samples: &[f32]) -> bool {
    match samples.len() {
        ..SHORTEST => false,
        LONGEST.. => true,
        _ => ends_with_pause(&powers(samples)),
    }
}

fn ends_with_pause(powers: &[f32]) -> bool {
    let loudest = powers.iter().copied().fold(0.0, f32::max);
    let mut last = powers.iter().rev().take(PAUSE_FRAMES);
    last.all(|power| *power <= loudest * PAUSE)
}

/// Encodes a recording as a WAV file, so that it can be played back.
pub fn encode_wav(samples: &[f32]) -> Bytes {
    let spec = WavSpec {
        channels: 1,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::new());
    let written = WavWriter::new(&mut file, spec).and_then(|mut writer| {
        for sample in samples {
            writer.write_sample((sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16)?;
        }
        writer.finalize()
    });
    written.expect("writing to memory does not fail");
    file.into_inner().into()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Delivers 0.5 s of its samples with every read.
    struct HalfSeconds(Vec<f32>);

    impl Microphone for HalfSeconds {
        fn open(&mut self) -> Result<(), VoiceError> {
            Ok(())
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
    fn a_sentence_is_recorded_to_its_end(#[case] sound: Vec<f32>, #[case] expected: usize) {
        let mut name = String::new();
        let mut microphone = HalfSeconds(sound);
        let recorded = record(&mut microphone, |opened| name = opened, |_| (), || true).unwrap();
        assert_eq!((recorded.len(), name.as_str()), (expected, "Desk"));
    }

    #[test]
    fn nothing_is_recorded_once_nobody_waits() {
        let mut microphone = HalfSeconds(vec![0.3; 200_000]);
        let recorded = record(&mut microphone, |_| (), |_| (), || false);
        assert_eq!(recorded.unwrap(), Vec::<f32>::new());
    }

    #[test]
    fn the_encoded_wav_holds_the_recorded_samples() {
        let bytes = encode_wav(&[0.0, 0.5, -1.0]);
        let samples: Vec<i16> = hound::WavReader::new(Cursor::new(bytes))
            .unwrap()
            .into_samples()
            .map(Result::unwrap)
            .collect();
        assert_eq!(samples, [0, 16_383, -32_767]);
    }
}
