//! The properties of a microphone, measured on a recorded sentence.

/// The lowest level reported, in dB below full scale: that of 20 bits.
pub const SILENCE: f32 = -120.0;

/// The properties of a recording. Levels are in dB below full scale and at least [`SILENCE`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MicrophoneReport {
    pub seconds: f32,
    /// The level of the speech, or of everything if there is no speech.
    pub level: f32,
    /// The level of the loudest sample.
    pub peak: f32,
    /// The level of the quietest tenth.
    pub noise: f32,
    /// The part of the samples at full scale, 0…1.
    pub clipped: f32,
    pub verdict: MicrophoneVerdict,
}

/// The most serious problem of a microphone, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MicrophoneVerdict {
    /// The microphone delivers nothing but a constant.
    Dead,
    /// The recording contains no speech.
    NoVoice,
    /// The speech is so loud that it is distorted.
    Clipping,
    /// The speech is hard to hear.
    Quiet,
    /// The speech does not stand out from the noise.
    Noisy,
    Good,
}

impl MicrophoneVerdict {
    /// Returns the key of the verdict's text in the locale files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Dead => "voice.check.dead",
            Self::NoVoice => "voice.check.no_voice",
            Self::Clipping => "voice.check.clipping",
            Self::Quiet => "voice.check.quiet",
            Self::Noisy => "voice.check.noisy",
            Self::Good => "voice.check.good",
        }
    }

    /// Returns whether the microphone recorded speech at all.
    pub fn is_usable(self) -> bool {
        !matches!(self, Self::Dead | Self::NoVoice)
    }
}
