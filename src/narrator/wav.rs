//! Makes one correct WAV file of what a speech program writes: its lengths may be invented
//! (espeak-ng: 2 GB), and it may write a file for every sentence.

use std::io::Cursor;

use bytes::Bytes;

use crate::wave::{self, Encoding, WaveError, WaveFormat, WaveReader};

/// The most bytes of samples that files of different formats are converted to: eleven minutes of
/// 48 kHz mono.
const MOST_CONVERTED_BYTES: usize = 64 * 1024 * 1024;

/// Returns one file with the samples of all files in `bytes` and the right lengths, or `None` if it
/// holds no samples.
pub fn corrected(bytes: &[u8]) -> Result<Option<Bytes>, WaveError> {
    let mut reader = WaveReader::new(Cursor::new(bytes), 0)?;
    let Some(first) = reader.next_file()? else {
        return Ok(None);
    };
    let mut samples = Vec::new();
    let mut format = Some(first);
    while let Some(next) = format {
        if next != first {
            return converted(bytes, first);
        }
        while reader.read_bytes(&mut samples)? {}
        format = reader.next_file()?;
    }
    Ok((!samples.is_empty()).then(|| file(first, &samples)))
}

/// Joins the samples of several files into one. Returns `None` unless all are WAV files of the same
/// format.
pub fn join(files: &[Vec<u8>]) -> Option<Bytes> {
    let mut samples = Vec::new();
    let mut first = None;
    for file in files {
        let mut reader = WaveReader::new(Cursor::new(file), 0).ok()?;
        let format = reader.next_file().ok()??;
        if *first.get_or_insert(format) != format {
            return None;
        }
        while reader.read_bytes(&mut samples).ok()? {}
    }
    Some(file(first?, &samples))
}

/// Converts files of different formats to the rate of the first, in mono with 16 bits.
fn converted(bytes: &[u8], first: WaveFormat) -> Result<Option<Bytes>, WaveError> {
    let mut reader = WaveReader::new(Cursor::new(bytes), 0)?;
    let mut samples = Vec::new();
    while let Some(format) = reader.next_file()? {
        let mut interleaved = Vec::new();
        while reader.read(&mut interleaved)? {}
        let frames = interleaved.chunks_exact(usize::from(format.channels));
        let mono: Vec<f32> = frames
            .map(|frame| frame.iter().sum::<f32>() / f32::from(format.channels))
            .collect();
        append_resampled(&mono, format.rate, first.rate, &mut samples);
    }
    let format = WaveFormat {
        encoding: Encoding::S16,
        channels: 1,
        ..first
    };
    Ok((!samples.is_empty()).then(|| file(format, &samples)))
}

/// Appends samples of 16 bits at the rate `to`, interpolated between the given ones.
fn append_resampled(mono: &[f32], from: u32, to: u32, into: &mut Vec<u8>) {
    let step = f64::from(from) / f64::from(to);
    let length = (mono.len() as f64 / step) as usize;
    let room = MOST_CONVERTED_BYTES.saturating_sub(into.len()) / 2;
    for number in 0..length.min(room) {
        let place = number as f64 * step;
        let before = mono[(place as usize).min(mono.len() - 1)];
        let after = mono[(place as usize + 1).min(mono.len() - 1)];
        let sample = before + (after - before) * place.fract() as f32;
        let full = (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16;
        into.extend(full.to_le_bytes());
    }
}

fn file(format: WaveFormat, samples: &[u8]) -> Bytes {
    let header = wave::header(format, samples.len());
    [header.as_slice(), samples].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: WaveFormat = WaveFormat {
        encoding: Encoding::S16,
        channels: 1,
        rate: 16_000,
    };

    fn wav(samples: &[u8]) -> Bytes {
        file(FORMAT, samples)
    }

    fn claiming(length: u32, samples: &[u8]) -> Bytes {
        let mut file = wav(samples).to_vec();
        file[4..8].copy_from_slice(&length.to_le_bytes());
        file[40..44].copy_from_slice(&length.to_le_bytes());
        file.into()
    }

    #[test]
    fn invented_lengths_are_corrected() {
        for length in [0, 0x7FFF_F000, 2_000_000_000, u32::MAX] {
            let corrected = corrected(&claiming(length, b"1234"));
            assert_eq!(corrected, Ok(Some(wav(b"1234"))), "{length}");
        }
    }

    #[test]
    fn files_one_after_another_become_one() {
        let several = [wav(b"1234"), claiming(0, b"56"), claiming(u32::MAX, b"78")].concat();
        assert_eq!(corrected(&several), Ok(Some(wav(b"12345678"))));
    }

    #[test]
    fn files_of_different_formats_become_one_at_the_first_rate() {
        let stereo = WaveFormat {
            channels: 2,
            rate: 8_000,
            encoding: Encoding::U8,
        };
        let several = [wav(&[0, 0x40]), file(stereo, &[192, 192, 192, 192])].concat();
        let expected = [[0xFF, 0x3F]; 5].concat();
        assert_eq!(corrected(&several), Ok(Some(wav(&expected))));
    }

    #[test]
    fn files_of_one_format_are_joined_and_others_are_not() {
        let one = wav(b"1234").to_vec();
        let two = wav(b"56").to_vec();
        assert_eq!(join(&[one.clone(), two]), Some(wav(b"123456")));
        let mut other = one.clone();
        other[25] = 1;
        assert_eq!(join(&[one.clone(), other]), None);
        assert_eq!(join(&[one, b"ID3 not a WAV".to_vec()]), None);
        assert_eq!(join(&[]), None);
    }

    #[test]
    fn a_file_without_samples_contains_no_sound() {
        assert_eq!(corrected(&wav(b"")), Ok(None));
        assert_eq!(corrected(&claiming(0x7FFF_F000, b"")), Ok(None));
    }

    #[test]
    fn a_format_that_cannot_be_read_is_named() {
        let mut adpcm = wav(b"1234").to_vec();
        adpcm[20] = 0x11;
        let error = WaveError::Compressed("IMA ADPCM (0x0011)".into());
        assert_eq!(corrected(&adpcm), Err(error));
    }
}
