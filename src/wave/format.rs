//! The format chunk of a WAV file.

use super::{Encoding, WaveError};

/// The tag that says that the tag stands further behind.
const EXTENSIBLE: u16 = 0xFFFE;
/// The bytes that are looked at: the extensible form has 40.
pub(super) const MOST_BYTES: u64 = 40;

/// What a WAV file says about its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaveFormat {
    pub encoding: Encoding,
    pub channels: u16,
    /// The sample rate in Hz.
    pub rate: u32,
}

impl WaveFormat {
    /// Returns the size of a frame, which is one sample of every channel, in bytes.
    pub fn frame_bytes(self) -> usize {
        self.encoding.bytes() * usize::from(self.channels)
    }

    /// Reads the body of a format chunk, which may break off after the rate.
    pub(super) fn parse(body: &[u8], is_big_endian: bool) -> Result<Self, WaveError> {
        let two = |at: usize| {
            let bytes = [0, 1].map(|byte| body.get(at + byte).copied().unwrap_or(0));
            if is_big_endian {
                u16::from_be_bytes(bytes)
            } else {
                u16::from_le_bytes(bytes)
            }
        };
        let rate = if is_big_endian {
            u32::from(two(4)) << 16 | u32::from(two(6))
        } else {
            u32::from(two(6)) << 16 | u32::from(two(4))
        };
        let channels = two(2);
        match (rate, channels) {
            _ if body.len() < 8 => return Err(WaveError::NoFormat),
            (0, _) => return Err(WaveError::ZeroRate),
            (_, 0) => return Err(WaveError::NoChannels),
            _ => {}
        }
        let tag = match two(0) {
            EXTENSIBLE if body.len() >= 26 => two(24),
            EXTENSIBLE => 1,
            tag => tag,
        };
        Ok(Self {
            encoding: encoding(tag, sample_bytes(two(12), channels, two(14)))?,
            channels,
            rate,
        })
    }
}

/// Returns the size of a sample. The size of a frame decides, as samples of 20 bits stand in three or
/// four bytes, unless it is 0 or too small for the bits.
fn sample_bytes(frame: u16, channels: u16, bits: u16) -> u16 {
    let least = bits.div_ceil(8);
    let of_frame = frame / channels;
    match frame % channels {
        0 if of_frame >= least.max(1) => of_frame,
        _ if least > 0 => least,
        _ => 2,
    }
}

fn encoding(tag: u16, bytes: u16) -> Result<Encoding, WaveError> {
    match (tag, bytes) {
        // Some programs leave the tag 0.
        (0 | 1, 1) => Ok(Encoding::U8),
        (0 | 1, 2) => Ok(Encoding::S16),
        (0 | 1, 3) => Ok(Encoding::S24),
        (0 | 1, 4) => Ok(Encoding::S32),
        (3, 4) => Ok(Encoding::F32),
        (3, 8) => Ok(Encoding::F64),
        (6, _) => Ok(Encoding::ALaw),
        (7, _) => Ok(Encoding::MuLaw),
        (0 | 1 | 3, bytes) => Err(WaveError::Compressed(format!(
            "samples of {bytes} bytes (0x{tag:04X})"
        ))),
        (tag, _) => Err(WaveError::Compressed(compression(tag))),
    }
}

/// Returns the name of a compression, as registered in RFC 2361.
fn compression(tag: u16) -> String {
    let name = match tag {
        0x02 => "Microsoft ADPCM",
        0x11 => "IMA ADPCM",
        0x31 => "GSM 6.10",
        0x40 | 0x45 | 0x64 => "G.726 ADPCM",
        0x50 => "MPEG",
        0x55 => "MP3",
        0xFF | 0x1600 => "AAC",
        0x160..=0x163 => "Windows Media Audio",
        0x674F..=0x6771 => "Vorbis",
        _ => "an unknown format",
    };
    format!("{name} (0x{tag:04X})")
}
