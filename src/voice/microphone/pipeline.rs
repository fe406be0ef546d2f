//! The way of the samples from a device to mono at [`SAMPLE_RATE`].

use super::capture::Capture;
use crate::config::Channel;
use crate::voice::mono::Mono;
use crate::voice::resample::Resampler;
use crate::voice::{SAMPLE_RATE, VoiceError};

/// A device's samples, mixed to mono and resampled to [`SAMPLE_RATE`].
pub struct InputPipeline {
    pub capture: Capture,
    mono: Mono,
    resampler: Resampler,
}

impl InputPipeline {
    pub fn new(capture: Capture, channel: Channel) -> Result<Self, VoiceError> {
        let format = capture.format();
        let unsupported = |reason: String| VoiceError::CannotOpen {
            device: "the microphone".into(),
            reason,
        };
        let resampler = Resampler::new(format.rate, SAMPLE_RATE)
            .map_err(|error| unsupported(error.to_string()))?;
        Ok(Self {
            capture,
            mono: Mono::new(format, channel),
            resampler,
        })
    }

    /// Appends the samples that have arrived. Fails with a reason once the device is gone.
    pub fn read(&mut self, into: &mut Vec<f32>) -> Result<(), String> {
        let mut interleaved = Vec::new();
        let mut mono = Vec::new();
        let outcome = self.capture.read(&mut interleaved);
        self.mono.push(&interleaved, &mut mono);
        self.resampler.push(&mono, into);
        outcome
    }

    /// Appends the last samples of a device that is replaced.
    pub fn finish(mut self, into: &mut Vec<f32>) {
        // The device may fail now; its samples end here in any case.
        let _ = self.read(into);
        self.resampler.finish(into);
    }
}
