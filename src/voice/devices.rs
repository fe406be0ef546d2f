//! The sound devices of this machine: those of PulseAudio, and so of PipeWire, if it runs, else those
//! of the system.

mod audio_device;
mod names;
#[cfg(target_os = "linux")]
mod pulse;
mod watch;

use std::error::Error;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use cpal::SupportedStreamConfigRange;
use cpal::traits::DeviceTrait;

use super::VoiceError;
use crate::stderr;
pub(super) use audio_device::{
    AudioDevice, DeviceHandle, change_event, find_by_name, microphones, not_found_event,
    sound_system, speakers,
};
#[cfg(target_os = "linux")]
pub(super) use pulse::Source;
pub use watch::DeviceWatch;

/// The longest wait for an answer of the sound system (usual: under a second).
const DEADLINE: Duration = Duration::from_secs(5);

/// The rates shown in a list of devices. Many devices support any rate in a range.
const USUAL_RATES: [u32; 8] = [
    8_000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000,
];

/// A microphone or a loudspeaker, as it is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Device {
    /// The name, which several devices may share.
    pub name: String,
    /// Whether the system uses this device when none is chosen.
    pub default: bool,
    /// The number of channels in the default configuration.
    pub channels: u16,
    /// The usual rates that the device supports, in Hz, ascending.
    pub rates: Vec<u32>,
    /// The system's name for the device, which is unique.
    pub id: String,
}

/// All devices of this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Devices {
    pub microphones: Vec<Device>,
    pub speakers: Vec<Device>,
}

/// Returns the devices of this machine.
pub fn list() -> Result<Devices, VoiceError> {
    call_with_deadline(|| Devices {
        microphones: microphones().iter().filter_map(microphone).collect(),
        speakers: speakers().iter().filter_map(speaker).collect(),
    })
}

/// Returns the name of the sound system, such as `PulseAudio` or `ALSA`.
pub fn system() -> Result<&'static str, VoiceError> {
    call_with_deadline(sound_system)
}

/// Returns a distinct label for each device.
pub fn labels(devices: &[Device]) -> Vec<String> {
    names::labels(&ids_and_names(devices))
}

/// Returns the position of the device called `wanted` in `devices`.
pub fn position_of(wanted: &str, devices: &[Device]) -> Option<usize> {
    names::position(wanted, &ids_and_names(devices)).ok()
}

fn ids_and_names(devices: &[Device]) -> Vec<(&str, &str)> {
    devices
        .iter()
        .map(|device| (device.id.as_str(), device.name.as_str()))
        .collect()
}

fn microphone(found: &AudioDevice) -> Option<Device> {
    match &found.handle {
        // The sound server converts to any rate.
        #[cfg(target_os = "linux")]
        DeviceHandle::Pulse(source) => Some(describe(
            found,
            source.format().channels,
            USUAL_RATES.to_vec(),
        )),
        DeviceHandle::Cpal(device) => {
            let rates = usual_rates(device.supported_input_configs().ok()?);
            Some(describe(
                found,
                device.default_input_config().ok()?.channels(),
                rates,
            ))
        }
    }
}

fn speaker(found: &AudioDevice) -> Option<Device> {
    let device = found.handle.cpal()?;
    let rates = usual_rates(device.supported_output_configs().ok()?);
    Some(describe(
        found,
        device.default_output_config().ok()?.channels(),
        rates,
    ))
}

fn describe(found: &AudioDevice, channels: u16, rates: Vec<u32>) -> Device {
    Device {
        name: found.name.clone(),
        default: found.default,
        channels,
        rates,
        id: found.id.clone(),
    }
}

fn usual_rates(configs: impl Iterator<Item = SupportedStreamConfigRange>) -> Vec<u32> {
    let ranges: Vec<_> = configs
        .map(|range| range.min_sample_rate()..=range.max_sample_rate())
        .collect();
    USUAL_RATES
        .into_iter()
        .filter(|rate| ranges.iter().any(|range| range.contains(rate)))
        .collect()
}

/// Runs `work` on a thread of its own, and discards what sound libraries write to standard error
/// from then on, as their threads write there later too. A sound server that hangs blocks that thread and not the program. A late result
/// is dropped there, so that a device opened too late is closed again.
pub(super) fn call_with_deadline<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, VoiceError> {
    // What cannot be silenced is only noise.
    let _ = stderr::silence();
    call_within(DEADLINE, work)
}

fn call_within<T: Send + 'static>(
    deadline: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, VoiceError> {
    let (sender, result) = mpsc::channel();
    let run = move || drop(sender.send(work()));
    thread::Builder::new()
        .name("sound".into())
        .spawn(run)
        .map_err(|_| VoiceError::NoAnswer)?;
    result
        .recv_timeout(deadline)
        .map_err(|_| VoiceError::NoAnswer)
}

/// Returns the message of the innermost cause of `error`, which is the system's own.
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
    fn a_sound_system_that_hangs_does_not_block_the_caller() {
        let (release, hanging) = mpsc::channel::<()>();
        let (sender, dropped) = mpsc::channel();
        let work = move || -> mpsc::Sender<()> {
            let _ = hanging.recv();
            sender
        };
        let outcome = call_within(Duration::from_millis(1), work);
        assert_eq!(
            outcome.map(drop).unwrap_err().to_string(),
            "the sound system does not respond"
        );
        drop(release);
        assert_eq!(
            dropped.recv(),
            Err(mpsc::RecvError),
            "a late result is dropped"
        );
    }

    #[test]
    fn the_cause_is_the_message_of_the_system() {
        let inner =
            cpal::Error::with_message(cpal::ErrorKind::BackendError, "Device or resource busy");
        assert_eq!(
            cause(&rodio::DeviceSinkError::BuildError(inner)),
            "Device or resource busy"
        );
    }
}
