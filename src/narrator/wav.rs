//! Corrects WAV files from a pipe. A program that cannot seek back writes invented lengths into the
//! header (espeak-ng: 2 GB).

use bytes::{Bytes, BytesMut};

/// The size of `RIFF`, a length and `WAVE` in bytes.
const RIFF_HEADER: usize = 12;
/// The size of a chunk's name and length in bytes.
const CHUNK_HEADER: usize = 8;

/// The error for a WAV file without a chunk of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its WAV has no samples chunk")]
pub struct NoSamplesChunk;

/// Returns the file with its actual lengths, or `None` if it holds no samples.
pub fn with_correct_lengths(file: Bytes) -> Result<Option<Bytes>, NoSamplesChunk> {
    let data = chunk(&file, b"data").ok_or(NoSamplesChunk)?;
    let start = data + CHUNK_HEADER;
    let lengths = length_at(&file, data + 4).zip(length_at(&file, 4));
    let (claimed, claimed_whole) = lengths.ok_or(NoSamplesChunk)?;
    let there = file.len() - start;
    if there == 0 || claimed == 0 {
        return Ok(None);
    }
    if claimed <= there && claimed_whole == file.len() - 8 {
        return Ok(Some(file));
    }
    let length = claimed.min(there);
    let mut corrected = BytesMut::from(&file[..start + length]);
    put_length(&mut corrected, data + 4, length);
    let whole = corrected.len() - 8;
    put_length(&mut corrected, 4, whole);
    Ok(Some(corrected.freeze()))
}

/// Joins the samples of several files into one. Returns `None` unless all are WAV files of the same
/// format.
pub fn join(files: &[Vec<u8>]) -> Option<Bytes> {
    let first = files.first()?;
    let format = format(first)?;
    let start = chunk(first, b"data")? + CHUNK_HEADER;
    let mut joined = BytesMut::from(&first[..start]);
    for file in files {
        let data = chunk(file, b"data").filter(|_| self::format(file) == Some(format))?;
        let end = data + CHUNK_HEADER + length_at(file, data + 4)?;
        joined.extend_from_slice(file.get(data + CHUNK_HEADER..end)?);
    }
    let samples = joined.len() - start;
    let whole = joined.len() - 8;
    put_length(&mut joined, start - 4, samples);
    put_length(&mut joined, 4, whole);
    Some(joined.freeze())
}

/// Returns the format chunk: rate, channels and so on.
fn format(file: &[u8]) -> Option<&[u8]> {
    let at = chunk(file, b"fmt ")?;
    file.get(at..at + CHUNK_HEADER + length_at(file, at + 4)?)
}

/// Returns where the chunk called `wanted` begins.
fn chunk(file: &[u8], wanted: &[u8]) -> Option<usize> {
    if !file.starts_with(b"RIFF") {
        return None;
    }
    let mut at = RIFF_HEADER;
    loop {
        let name = file.get(at..at + 4)?;
        let length = length_at(file, at + 4)?;
        if name == wanted {
            return Some(at);
        }
        // Chunks begin at even offsets.
        at = at.checked_add(CHUNK_HEADER + length + length % 2)?;
    }
}

fn length_at(file: &[u8], at: usize) -> Option<usize> {
    let bytes = file.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

fn put_length(file: &mut [u8], at: usize, length: usize) {
    file[at..at + 4].copy_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(riff: u32, data: u32, samples: &[u8]) -> Bytes {
        let mut file = b"RIFF".to_vec();
        file.extend(riff.to_le_bytes());
        file.extend(b"WAVEfmt \x03\0\0\0abc\0data");
        file.extend(data.to_le_bytes());
        file.extend(samples);
        file.into()
    }

    #[test]
    fn invented_lengths_are_corrected() {
        assert_eq!(
            with_correct_lengths(wav(0x7FFF_F024, 0x7FFF_F000, b"1234")),
            Ok(Some(wav(28, 4, b"1234")))
        );
        assert_eq!(
            with_correct_lengths(wav(u32::MAX, u32::MAX, b"1234")),
            Ok(Some(wav(28, 4, b"1234")))
        );
    }

    #[test]
    fn files_of_one_format_are_joined_and_others_are_not() {
        let one = wav(28, 4, b"1234").to_vec();
        let two = wav(26, 2, b"56").to_vec();
        assert_eq!(join(&[one.clone(), two]), Some(wav(30, 6, b"123456")));
        let mut other = one.clone();
        other[20] = b'z';
        assert_eq!(join(&[one.clone(), other]), None);
        assert_eq!(join(&[one, b"ID3 not a WAV".to_vec()]), None);
        assert_eq!(join(&[]), None);
    }

    #[test]
    fn a_correct_file_is_not_changed() {
        assert_eq!(
            with_correct_lengths(wav(28, 4, b"1234")),
            Ok(Some(wav(28, 4, b"1234")))
        );
    }

    #[test]
    fn a_file_without_samples_contains_no_sound() {
        assert_eq!(with_correct_lengths(wav(24, 0, b"")), Ok(None));
        assert_eq!(
            with_correct_lengths(wav(0x7FFF_F024, 0x7FFF_F000, b"")),
            Ok(None)
        );
        assert_eq!(
            with_correct_lengths(Bytes::from_static(b"RIFF\0\0\0\0WAVEfmt ")),
            Err(NoSamplesChunk)
        );
    }
}
