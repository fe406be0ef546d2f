//! The devices that are present at this moment.

use std::sync::{Arc, Mutex};

use cpal::traits::{DeviceTrait, HostTrait};

use super::names::{self, Mismatch};
#[cfg(target_os = "linux")]
use super::pulse;
use crate::sync::lock;
use crate::voice::{DeviceEvent, DevicePreference};

/// The ending of the id of a PulseAudio source that records what a loudspeaker plays, and that
/// nobody speaks into.
const MONITOR: &str = ".monitor";

/// A device that can be opened.
#[derive(Clone)]
pub struct AudioDevice {
    /// The system's name for the device, which is unique.
    pub id: String,
    /// The name shown to people, which several devices may share.
    pub name: String,
    /// The name, followed by the id if several devices share the name.
    pub label: String,
    /// Whether the system uses this device when none is chosen.
    pub default: bool,
    pub handle: DeviceHandle,
}

/// The system's handle of a device, by which it is opened.
#[derive(Clone)]
pub enum DeviceHandle {
    #[cfg(target_os = "linux")]
    Pulse(pulse::Source),
    Cpal(Box<cpal::Device>),
}

impl DeviceHandle {
    /// Returns the cpal device, if it is one.
    pub fn cpal(&self) -> Option<&cpal::Device> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Pulse(_) => None,
            Self::Cpal(device) => Some(device),
        }
    }
}

impl AudioDevice {
    fn from_cpal(device: cpal::Device, default: bool) -> Option<Self> {
        Some(Self {
            id: device.id().ok()?.id().to_owned(),
            name: device.to_string(),
            label: String::new(),
            default,
            handle: DeviceHandle::Cpal(Box::new(device)),
        })
    }

    /// Returns whether both are the same device, and it was not unplugged in between as far as the
    /// system tells.
    pub fn is_same(&self, other: &Self) -> bool {
        self.id == other.id && self.plug_index() == other.plug_index()
    }

    fn plug_index(&self) -> Option<u32> {
        match &self.handle {
            #[cfg(target_os = "linux")]
            DeviceHandle::Pulse(source) => Some(source.index()),
            DeviceHandle::Cpal(_) => None,
        }
    }
}

/// Returns the device of this name, id, or unambiguous part of either.
pub fn find_by_name<'a>(
    wanted: &str,
    devices: &'a [AudioDevice],
) -> Result<&'a AudioDevice, Mismatch> {
    names::position(wanted, &ids_and_names(devices)).map(|position| &devices[position])
}

fn ids_and_names(devices: &[AudioDevice]) -> Vec<(&str, &str)> {
    devices
        .iter()
        .map(|device| (device.id.as_str(), device.name.as_str()))
        .collect()
}

/// Returns the event that reports that `instead` is used because none of `found` has the preferred
/// name.
pub fn not_found_event(
    preference: &DevicePreference,
    mismatch: Mismatch,
    found: &[AudioDevice],
    instead: &AudioDevice,
) -> DeviceEvent {
    DeviceEvent::NotFound {
        wanted: preference.name.clone(),
        several: mismatch == Mismatch::Several,
        there: found.iter().map(|device| device.label.clone()).collect(),
        instead: instead.label.clone(),
    }
}

/// Returns the event that reports that `now` is used after `before`. `is_gone` says whether `before`
/// is gone, and `is_fallback` whether `now` is not the preferred device.
pub fn change_event(
    preference: &DevicePreference,
    before: &AudioDevice,
    is_gone: bool,
    now: &AudioDevice,
    is_fallback: bool,
) -> Option<DeviceEvent> {
    if before.id == now.id {
        return None;
    }
    let name = now.label.clone();
    Some(if !is_fallback && !preference.name.is_empty() {
        DeviceEvent::Returned(name)
    } else if is_gone {
        DeviceEvent::Replaced {
            lost: before.label.clone(),
            reason: None,
            instead: name,
        }
    } else {
        DeviceEvent::DefaultChanged(name)
    })
}

/// Returns the microphones, one of which is the default. PulseAudio may name the monitor of a
/// loudspeaker as the default source, and answers would then be what the interviewer says: the first
/// microphone takes its place. The call hangs if the sound system does.
pub fn microphones() -> Vec<AudioDevice> {
    let mut found = found_microphones();
    if !found.iter().any(|device| device.default)
        && let Some(first) = found.first_mut()
    {
        first.default = true;
    }
    with_labels(found)
}

fn with_labels(mut devices: Vec<AudioDevice>) -> Vec<AudioDevice> {
    let labels = names::labels(&ids_and_names(&devices));
    devices
        .iter_mut()
        .zip(labels)
        .for_each(|(device, label)| device.label = label);
    devices
}

#[cfg(target_os = "linux")]
fn found_microphones() -> Vec<AudioDevice> {
    let Some((sources, default)) = pulse::microphones() else {
        return cpal_microphones();
    };
    let found = |source: pulse::Source| {
        let id = source.id();
        let default = default.as_ref() == Some(&id);
        AudioDevice {
            default,
            name: source.name(),
            label: String::new(),
            id,
            handle: DeviceHandle::Pulse(source),
        }
    };
    sources.into_iter().map(found).collect()
}

#[cfg(not(target_os = "linux"))]
fn found_microphones() -> Vec<AudioDevice> {
    cpal_microphones()
}

fn cpal_microphones() -> Vec<AudioDevice> {
    let host = host();
    let default = host.default_input_device().filter(is_microphone);
    let devices = host.input_devices().map_or_else(
        |_| Vec::new(),
        |devices| devices.filter(is_microphone).collect(),
    );
    with_default(devices, default.as_ref())
}

/// Returns the loudspeakers. The call hangs if the sound system does.
pub fn speakers() -> Vec<AudioDevice> {
    let host = host();
    let default = host.default_output_device().filter(is_real);
    let devices = host
        .output_devices()
        .map_or_else(|_| Vec::new(), |devices| devices.filter(is_real).collect());
    with_labels(with_default(devices, default.as_ref()))
}

/// Turns cpal devices into [`AudioDevice`]s, with the default one added if the system does not list it.
fn with_default(
    mut devices: Vec<cpal::Device>,
    default: Option<&cpal::Device>,
) -> Vec<AudioDevice> {
    if let Some(unlisted) = default.filter(|default| !devices.contains(default)) {
        devices.insert(0, unlisted.clone());
    }
    let found = |device: cpal::Device| {
        let is_default = default == Some(&device);
        AudioDevice::from_cpal(device, is_default)
    };
    devices.into_iter().filter_map(found).collect()
}

/// Returns whether a device is real. ALSA's `null` device swallows sound and delivers silence as fast
/// as it is read.
fn is_real(device: &cpal::Device) -> bool {
    device
        .description()
        .is_ok_and(|description| description.driver() != Some("null"))
}

/// Returns whether a source is a microphone and not a monitor. PulseAudio's name for a source is its
/// id; the description shown to people may be anything.
fn is_microphone(device: &cpal::Device) -> bool {
    is_real(device) && device.id().is_ok_and(|id| !id.id().ends_with(MONITOR))
}

/// Returns the name of the sound system, such as `PulseAudio` or `ALSA`. The call hangs if it does.
pub fn sound_system() -> &'static str {
    host().id().name()
}

/// Returns the sound system. A connection to a sound server is kept while the server answers, because
/// each connection costs a thread for ever. cpal requires streams of one connection that play at the
/// same time to go to the same loudspeaker.
fn host() -> Arc<cpal::Host> {
    static HOST: Mutex<Option<Arc<cpal::Host>>> = Mutex::new(None);
    let kept = lock(&HOST).clone();
    if let Some(host) = kept.filter(|host| host.devices().is_ok()) {
        return host;
    }
    let host = Arc::new(cpal::default_host());
    let served = host.id().name() != "ALSA";
    *lock(&HOST) = served.then(|| host.clone());
    host
}
