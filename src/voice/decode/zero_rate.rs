//! Detects WAV files with a sample rate of 0, by which the decoder would divide.

use std::io::{BufReader, Read, Result, Seek};

/// Returns whether a format chunk before the audio names a rate of 0. `source` is at its start
/// before and after.
pub(super) fn is_zero(source: &mut (impl Read + Seek)) -> Result<bool> {
    let found = wav_rate_is_zero(&mut BufReader::new(&mut *source)).unwrap_or(false);
    source.rewind()?;
    Ok(found)
}

/// Fails at the end of the file.
fn wav_rate_is_zero(file: &mut BufReader<impl Read + Seek>) -> Result<bool> {
    let head: [u8; 12] = next(file)?;
    if !(head.starts_with(b"RIFF") && head.ends_with(b"WAVE")) {
        return Ok(false);
    }
    loop {
        let name: [u8; 4] = next(file)?;
        let length = u32::from_le_bytes(next(file)?);
        match &name {
            b"data" => return Ok(false),
            // The format tag and the number of channels precede the rate.
            b"fmt " if matches!(next(file)?, [_, _, _, _, 0, 0, 0, 0]) => return Ok(true),
            b"fmt " => file.seek_relative(padded(length) - 8)?,
            _ => file.seek_relative(padded(length))?,
        }
    }
}

/// Returns the length rounded up to an even number, because chunks begin at even offsets.
fn padded(length: u32) -> i64 {
    i64::from(length) + i64::from(length % 2)
}

fn next<const N: usize>(file: &mut impl Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
