//! The header of a WAV file whose lengths are right.

use super::WaveFormat;

/// The size of the header in bytes.
pub const HEADER_BYTES: usize = 44;

/// Returns the header of a file with this many bytes of samples, which follow it.
pub fn header(format: WaveFormat, bytes: usize) -> [u8; HEADER_BYTES] {
    let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
    let frame = format.frame_bytes() as u32;
    let mut header = [0; HEADER_BYTES];
    let mut put = |at: usize, field: &[u8]| header[at..at + field.len()].copy_from_slice(field);
    put(0, b"RIFF");
    put(4, &bytes.saturating_add(36).to_le_bytes());
    put(8, b"WAVEfmt ");
    put(16, &16u32.to_le_bytes());
    put(20, &format.encoding.tag().to_le_bytes());
    put(22, &format.channels.to_le_bytes());
    put(24, &format.rate.to_le_bytes());
    put(28, &format.rate.saturating_mul(frame).to_le_bytes());
    put(32, &(frame as u16).to_le_bytes());
    put(34, &(8 * format.encoding.bytes() as u16).to_le_bytes());
    put(36, b"data");
    put(40, &bytes.to_le_bytes());
    header
}
