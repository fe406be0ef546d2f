//! The sound devices of this machine. PulseAudio (and so PipeWire) where there is one, else what the system has.

mod quiet;

use std::error::Error;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use cpal::SupportedStreamConfigRange;
use cpal::traits::{DeviceTrait, HostTrait};

use super::VoiceError;
use quiet::Quiet;

/// How long the sound system may take to answer (usual: under a second).
const PATIENCE: Duration = Duration::from_secs(5);
/// A source of PulseAudio that hears what a loudspeaker plays: nobody speaks into it.
const MONITOR: &str = ".monitor";

/// Rates named in a list; many devices accept any rate between two.
const USUAL_RATES: [u32; 8] = [8_000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000];

/// A microphone or a loudspeaker, for people.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Device {
    /// As the system calls it.
    pub name: String,
    /// The one used when none is chosen.
    pub default: bool,
    /// In its usual configuration.
    pub channels: u16,
    /// The usual rates it takes, in Hz, ascending.
    pub rates: Vec<u32>,
}

/// Everything there is.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Devices {
    /// Sources of sound.
    pub microphones: Vec<Device>,
    /// Sinks of sound.
    pub speakers: Vec<Device>,
}

/// Asks the system for its devices.
pub fn list() -> Result<Devices, VoiceError> {
    answered(|| {
        let host = cpal::default_host();
        let (input, output) = (default_microphone(), default_speaker());
        let microphones = host.input_devices().map_or_else(
            |_| Vec::new(),
            |devices| devices.filter_map(|device| microphone(&device, input.as_ref())).collect(),
        );
        let speakers = host.output_devices().map_or_else(
            |_| Vec::new(),
            |devices| devices.filter_map(|device| speaker(&device, output.as_ref())).collect(),
        );
        Devices { microphones, speakers }
    })
}

/// The microphone used when none is chosen. PulseAudio names the monitor of a loudspeaker where there is no other source,
/// and answers would then be what the interviewer says. May hang: see [`answered`].
pub(super) fn default_microphone() -> Option<cpal::Device> {
    let host = cpal::default_host();
    let default = host.default_input_device().filter(is_microphone);
    default.or_else(|| host.input_devices().ok()?.find(is_microphone))
}

/// The loudspeaker used when none is chosen. May hang: see [`answered`].
pub(super) fn default_speaker() -> Option<cpal::Device> {
    cpal::default_host().default_output_device().filter(is_real)
}

fn microphone(device: &cpal::Device, default: Option<&cpal::Device>) -> Option<Device> {
    let configs = is_microphone(device).then(|| device.supported_input_configs().ok()).flatten()?;
    described(device, default, device.default_input_config().ok()?.channels(), configs)
}

fn speaker(device: &cpal::Device, default: Option<&cpal::Device>) -> Option<Device> {
    let configs = device.supported_output_configs().ok()?;
    described(device, default, device.default_output_config().ok()?.channels(), configs)
}

fn described(
    device: &cpal::Device,
    default: Option<&cpal::Device>,
    channels: u16,
    configs: impl Iterator<Item = SupportedStreamConfigRange>,
) -> Option<Device> {
    is_real(device).then(|| {
        let ranges: Vec<_> = configs.map(|range| range.min_sample_rate()..=range.max_sample_rate()).collect();
        let rates = USUAL_RATES.into_iter().filter(|rate| ranges.iter().any(|range| range.contains(rate))).collect();
        Device { name: device.to_string(), default: Some(device) == default, channels, rates }
    })
}

/// ALSA's `null` device swallows sound and makes silence, as fast as it is asked: that is nobody's microphone.
fn is_real(device: &cpal::Device) -> bool {
    device.description().is_ok_and(|description| description.driver() != Some("null"))
}

/// PulseAudio's own name of a source is its id; its description, which is shown, may be anything.
fn is_microphone(device: &cpal::Device) -> bool {
    is_real(device) && device.id().is_ok_and(|id| !id.id().ends_with(MONITOR))
}

/// Runs `work` on a thread of its own, with what the libraries below it write to standard error kept off the screen. A
/// sound server that hangs holds up that thread, not the program; what it answers too late is dropped there, so that a
/// device opened too late is closed again.
pub(super) fn answered<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, VoiceError> {
    answered_within(PATIENCE, work)
}

fn answered_within<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, VoiceError> {
    let (tell, answer) = mpsc::channel();
    let _quiet = Quiet::begin();
    let ask = move || drop(tell.send(work()));
    thread::Builder::new().name("sound".into()).spawn(ask).map_err(|_| VoiceError::NoAnswer)?;
    answer.recv_timeout(patience).map_err(|_| VoiceError::NoAnswer)
}

/// The innermost cause of `error`: what the system itself said.
pub(super) fn cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_system_that_hangs_is_not_waited_for() {
        let (release, hanging) = mpsc::channel::<()>();
        let (tell, dropped) = mpsc::channel();
        let work = move || -> mpsc::Sender<()> {
            let _ = hanging.recv();
            tell
        };
        let outcome = answered_within(Duration::from_millis(1), work);
        assert_eq!(outcome.map(drop).unwrap_err().to_string(), "the sound system does not answer");
        drop(release);
        assert_eq!(dropped.recv(), Err(mpsc::RecvError), "what came too late is dropped");
    }

    #[test]
    fn the_cause_is_what_the_system_said() {
        let inner = cpal::Error::with_message(cpal::ErrorKind::BackendError, "Device or resource busy");
        assert_eq!(cause(&rodio::DeviceSinkError::BuildError(inner)), "Device or resource busy");
    }
}
