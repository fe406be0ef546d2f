//! A WAV that names a sample rate of 0, by which the decoder would divide.

use std::io::{BufReader, Read, Result, Seek};

/// Whether a format chunk before the sound names it. `source` is at its start, and is again afterwards.
pub(super) fn is_zero(source: &mut (impl Read + Seek)) -> Result<bool> {
    let found = in_wav(&mut BufReader::new(&mut *source)).unwrap_or(false);
    source.rewind()?;
    Ok(found)
}

/// Fails where the file ends.
fn in_wav(file: &mut BufReader<impl Read + Seek>) -> Result<bool> {
    let head: [u8; 12] = next(file)?;
    if !(head.starts_with(b"RIFF") && head.ends_with(b"WAVE")) {
        return Ok(false);
    }
    loop {
        let name: [u8; 4] = next(file)?;
        let length = u32::from_le_bytes(next(file)?);
        match &name {
            b"data" => return Ok(false),
            // Kind and channels come before it.
            b"fmt " if matches!(next(file)?, [_, _, _, _, 0, 0, 0, 0]) => return Ok(true),
            b"fmt " => file.seek_relative(padded(length) - 8)?,
            _ => file.seek_relative(padded(length))?,
        }
    }
}

/// A chunk begins at an even place.
fn padded(length: u32) -> i64 {
    i64::from(length) + i64::from(length % 2)
}

fn next<const N: usize>(file: &mut impl Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
