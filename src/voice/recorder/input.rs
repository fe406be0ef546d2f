//! The open microphone, and the way of its samples to mono at the rate everything else works in.

use std::time::{Duration, Instant};

use crate::config::Channel;
use crate::voice::mono::Mono;
use crate::voice::resample::Resampler;
use crate::voice::{Format, Microphone, SAMPLE_RATE, VoiceError};

/// A microphone that is open and silent delivers zeros; one that delivers nothing for this long is gone.
const STALLED: Duration = Duration::from_secs(3);
/// Samples kept from before the key: 300 ms.
const PRE_ROLL: usize = SAMPLE_RATE as usize * 3 / 10;

/// The open microphone and the way of its samples to mono at [`SAMPLE_RATE`].
pub(super) struct MicrophoneInput {
    mono: Mono,
    resampler: Resampler,
    /// The last of what was heard while no key was down.
    pub(super) pre_roll: Vec<f32>,
    last_sound: Instant,
}

impl MicrophoneInput {
    pub(super) fn new(format: Format) -> Result<Self, VoiceError> {
        let resampler =
            Resampler::new(format.rate, SAMPLE_RATE).map_err(|error| VoiceError::DeviceLost {
                device: "the microphone".into(),
                reason: error.to_string(),
            })?;
        Ok(Self {
            mono: Mono::new(format, Channel::Mix),
            resampler,
            pre_roll: Vec::new(),
            last_sound: Instant::now(),
        })
    }

    pub(super) fn read(&mut self, microphone: &mut dyn Microphone) -> Result<Vec<f32>, VoiceError> {
        let (mut interleaved, mut mono, mut samples) = (Vec::new(), Vec::new(), Vec::new());
        microphone.read(&mut interleaved)?;
        if !interleaved.is_empty() {
            self.last_sound = Instant::now();
        } else if self.last_sound.elapsed() > STALLED {
            let reason = format!("no sound has come for {} seconds", STALLED.as_secs());
            return Err(VoiceError::DeviceLost {
                device: microphone.name(),
                reason,
            });
        }
        self.mono.push(&interleaved, &mut mono);
        self.resampler.push(&mono, &mut samples);
        Ok(samples)
    }

    pub(super) fn keep(&mut self, samples: &[f32]) {
        self.pre_roll.extend_from_slice(samples);
        let surplus = self.pre_roll.len().saturating_sub(PRE_ROLL);
        self.pre_roll.drain(..surplus);
    }
}
