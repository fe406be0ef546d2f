//! How a sample is written in a WAV file.

/// The encodings of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// An unsigned byte; 128 is silence.
    U8,
    S16,
    S24,
    S32,
    F32,
    F64,
    /// G.711 A-law.
    ALaw,
    /// G.711 µ-law.
    MuLaw,
}

impl Encoding {
    /// Returns the size of a sample in bytes.
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 | Self::ALaw | Self::MuLaw => 1,
            Self::S16 => 2,
            Self::S24 => 3,
            Self::S32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Returns the format tag of the encoding.
    pub const fn tag(self) -> u16 {
        match self {
            Self::U8 | Self::S16 | Self::S24 | Self::S32 => 1,
            Self::F32 | Self::F64 => 3,
            Self::ALaw => 6,
            Self::MuLaw => 7,
        }
    }

    /// Returns the sample written in `bytes`, least significant byte first, where full scale is ±1.
    pub fn decode(self, bytes: &[u8]) -> f32 {
        let array = |at: usize| bytes.get(at).copied().unwrap_or(0);
        let first = array(0);
        let four = [first, array(1), array(2), array(3)];
        match self {
            Self::U8 => (f32::from(first) - 128.0) / 128.0,
            Self::S16 => f32::from(i16::from_le_bytes([four[0], four[1]])) / 32_768.0,
            Self::S24 => {
                let left = i32::from_le_bytes([0, four[0], four[1], four[2]]);
                (left >> 8) as f32 / 8_388_608.0
            }
            Self::S32 => i32::from_le_bytes(four) as f32 / 2_147_483_648.0,
            Self::F32 => f32::from_le_bytes(four),
            Self::F64 => {
                let eight = [4, 5, 6, 7].map(array);
                let whole = [four, eight].concat().try_into();
                f64::from_le_bytes(whole.unwrap_or_default()) as f32
            }
            Self::ALaw => f32::from(a_law(first)) / 32_768.0,
            Self::MuLaw => f32::from(mu_law(first)) / 32_768.0,
        }
    }
}

/// Expands a byte of A-law to 16 bits (ITU-T G.711, table 1a).
fn a_law(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let segment = (code >> 4) & 7;
    let steps = (i16::from(code & 0x0F) << 4) + 8;
    let magnitude = match segment {
        0 => steps,
        _ => (steps + 0x100) << (segment - 1),
    };
    if code & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }
}

/// Expands a byte of µ-law to 16 bits (ITU-T G.711, table 2a).
fn mu_law(byte: u8) -> i16 {
    const BIAS: i16 = 0x84;
    let code = !byte;
    let steps = (i16::from(code & 0x0F) << 3) + BIAS;
    let magnitude = (steps << ((code >> 4) & 7)) - BIAS;
    if code & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Encoding::U8, &[0], -1.0)]
    #[case(Encoding::U8, &[192], 0.5)]
    #[case(Encoding::S16, &[0, 0xC0], -0.5)]
    #[case(Encoding::S24, &[0, 0, 0xC0], -0.5)]
    #[case(Encoding::S32, &[0, 0, 0, 0x40], 0.5)]
    #[case(Encoding::F32, &0.25f32.to_le_bytes(), 0.25)]
    #[case(Encoding::F64, &(-0.25f64).to_le_bytes(), -0.25)]
    #[case::least(Encoding::ALaw, &[0xD5], 8.0 / 32_768.0)]
    #[case::most(Encoding::ALaw, &[0xAA], 32_256.0 / 32_768.0)]
    #[case::least(Encoding::MuLaw, &[0xFF], 0.0)]
    #[case::most(Encoding::MuLaw, &[0x80], 32_124.0 / 32_768.0)]
    #[case::lowest(Encoding::MuLaw, &[0x00], -32_124.0 / 32_768.0)]
    #[case::cut(Encoding::F64, &[], 0.0)]
    fn a_sample_is_scaled_to_one(
        #[case] encoding: Encoding,
        #[case] bytes: &[u8],
        #[case] sample: f32,
    ) {
        assert_eq!(encoding.decode(bytes).to_bits(), sample.to_bits());
    }
}
