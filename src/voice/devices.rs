//! The sound devices of this machine. PulseAudio (and so PipeWire) where there is one, else what the system has.

mod audio_device;
mod named;
#[cfg(target_os = "linux")]
mod pulse;
mod quiet;
mod watch;

use std::error::Error;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use cpal::SupportedStreamConfigRange;
use cpal::traits::DeviceTrait;

use super::VoiceError;
pub(super) use audio_device::{
    AudioDevice, DeviceHandle, called, microphones, news, no_such, speakers,
};
#[cfg(target_os = "linux")]
pub(super) use pulse::Source;
use quiet::Quiet;
pub use watch::Watch;

/// How long the sound system may take to answer (usual: under a second).
const PATIENCE: Duration = Duration::from_secs(5);

/// Rates named in a list; many devices accept any rate between two.
const USUAL_RATES: [u32; 8] = [
    8_000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000,
];

/// A microphone or a loudspeaker, for people.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Device {
    /// As people call it; several may be called the same.
    pub name: String,
    /// The one used when none is chosen.
    pub default: bool,
    /// In its usual configuration.
    pub channels: u16,
    /// The usual rates it takes, in Hz, ascending.
    pub rates: Vec<u32>,
    /// As the system calls it; one device alone has it.
    pub id: String,
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
    answered(|| Devices {
        microphones: microphones().iter().filter_map(microphone).collect(),
        speakers: speakers().iter().filter_map(speaker).collect(),
    })
}

/// What each of `devices` is called so that it can be told from the others.
pub fn labels_of(devices: &[Device]) -> Vec<String> {
    named::labels(
        &devices
            .iter()
            .map(|device| (device.id.as_str(), device.name.as_str()))
            .collect::<Vec<_>>(),
    )
}

/// The place of the device called `wanted` in `devices`.
pub fn place_of(wanted: &str, devices: &[Device]) -> Option<usize> {
    let names: Vec<_> = devices
        .iter()
        .map(|device| (device.id.as_str(), device.name.as_str()))
        .collect();
    named::position(wanted, &names).ok()
}

fn microphone(found: &AudioDevice) -> Option<Device> {
    match &found.handle {
        // The server converts to any rate.
        #[cfg(target_os = "linux")]
        DeviceHandle::Pulse(source) => Some(described(
            found,
            source.format().channels,
            USUAL_RATES.to_vec(),
        )),
        DeviceHandle::Cpal(device) => {
            let rates = usual(device.supported_input_configs().ok()?);
            Some(described(
                found,
                device.default_input_config().ok()?.channels(),
                rates,
            ))
        }
    }
}

fn speaker(found: &AudioDevice) -> Option<Device> {
    let device = found.handle.cpal()?;
    let rates = usual(device.supported_output_configs().ok()?);
    Some(described(
        found,
        device.default_output_config().ok()?.channels(),
        rates,
    ))
}

fn described(found: &AudioDevice, channels: u16, rates: Vec<u32>) -> Device {
    Device {
        name: found.name.clone(),
        default: found.default,
        channels,
        rates,
        id: found.id.clone(),
    }
}

fn usual(configs: impl Iterator<Item = SupportedStreamConfigRange>) -> Vec<u32> {
    let ranges: Vec<_> = configs
        .map(|range| range.min_sample_rate()..=range.max_sample_rate())
        .collect();
    USUAL_RATES
        .into_iter()
        .filter(|rate| ranges.iter().any(|range| range.contains(rate)))
        .collect()
}

/// Runs `work` on a thread of its own, with what the libraries below it write to standard error kept off the screen. A
/// sound server that hangs holds up that thread, not the program; what it answers too late is dropped there, so that a
/// device opened too late is closed again.
pub(super) fn answered<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, VoiceError> {
    answered_within(PATIENCE, work)
}

fn answered_within<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, VoiceError> {
    let (tell, answer) = mpsc::channel();
    let _quiet = Quiet::begin();
    let ask = move || drop(tell.send(work()));
    thread::Builder::new()
        .name("sound".into())
        .spawn(ask)
        .map_err(|_| VoiceError::NoAnswer)?;
    answer
        .recv_timeout(patience)
        .map_err(|_| VoiceError::NoAnswer)
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
        assert_eq!(
            outcome.map(drop).unwrap_err().to_string(),
            "the sound system does not respond"
        );
        drop(release);
        assert_eq!(
            dropped.recv(),
            Err(mpsc::RecvError),
            "what came too late is dropped"
        );
    }

    #[test]
    fn the_cause_is_what_the_system_said() {
        let inner =
            cpal::Error::with_message(cpal::ErrorKind::BackendError, "Device or resource busy");
        assert_eq!(
            cause(&rodio::DeviceSinkError::BuildError(inner)),
            "Device or resource busy"
        );
    }
}
