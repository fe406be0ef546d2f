//! What a microphone is like, as far as a recorded sentence tells.

/// The quietest level told, in dB below full scale: 20 bits.
pub const SILENCE: f32 = -120.0;

/// What a recording is like. Levels are in dB below full scale, [`SILENCE`] at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MicrophoneReport {
    /// Length.
    pub seconds: f32,
    /// Of speech; of everything where there is none.
    pub level: f32,
    /// Of the loudest sample.
    pub peak: f32,
    /// Of the quietest tenth.
    pub noise: f32,
    /// Part of the samples at full scale, 0…1.
    pub clipped: f32,
    /// What is to be said of it.
    pub verdict: MicrophoneVerdict,
}

/// What a microphone is like, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MicrophoneVerdict {
    /// Nothing at all came from it.
    Dead,
    /// Nobody was heard.
    NoVoice,
    /// Too loud.
    Clipping,
    /// Hardly heard.
    Quiet,
    /// Heard, with a lot else.
    Noisy,
    /// Nothing is wrong.
    Good,
}

impl MicrophoneVerdict {
    /// What is to be said of it in the locale files.
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

    /// Somebody was heard.
    pub fn is_usable(self) -> bool {
        !matches!(self, Self::Dead | Self::NoVoice)
    }
}
