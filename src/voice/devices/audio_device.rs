//! The devices there are at this moment.

use std::sync::{Arc, Mutex};

use cpal::traits::{DeviceTrait, HostTrait};

use super::named::{self, Mismatch};
#[cfg(target_os = "linux")]
use super::pulse;
use crate::sync::lock;
use crate::voice::{DeviceEvent, DevicePreference};

/// A source of PulseAudio that hears what a loudspeaker plays: nobody speaks into it.
const MONITOR: &str = ".monitor";

/// A device that can be opened.
#[derive(Clone)]
pub struct AudioDevice {
    /// As the system calls it; one device alone has it.
    pub id: String,
    /// As people call it; several may be called the same.
    pub name: String,
    /// The same, with the id where several are.
    pub label: String,
    /// The one used when none is chosen.
    pub default: bool,
    /// What it is opened by.
    pub handle: DeviceHandle,
}

/// What a device is opened by.
#[derive(Clone)]
pub enum DeviceHandle {
    /// A source of PulseAudio.
    #[cfg(target_os = "linux")]
    Pulse(pulse::Source),
    /// Anything else.
    Cpal(Box<cpal::Device>),
}

impl DeviceHandle {
    /// For cpal, if it is one of its devices.
    pub fn cpal(&self) -> Option<&cpal::Device> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Pulse(_) => None,
            Self::Cpal(device) => Some(device),
        }
    }
}

impl AudioDevice {
    fn of(device: cpal::Device, default: bool) -> Option<Self> {
        let (id, name) = (device.id().ok()?.id().to_owned(), device.to_string());
        Some(Self {
            id,
            label: String::new(),
            name,
            default,
            handle: DeviceHandle::Cpal(Box::new(device)),
        })
    }

    /// The same device, not unplugged meanwhile as far as that is known.
    pub fn is(&self, other: &Self) -> bool {
        self.id == other.id && self.plugged() == other.plugged()
    }

    fn plugged(&self) -> Option<u32> {
        match &self.handle {
            #[cfg(target_os = "linux")]
            DeviceHandle::Pulse(source) => Some(source.index()),
            DeviceHandle::Cpal(_) => None,
        }
    }
}

/// The device called `wanted` among `devices`.
pub fn called<'a>(wanted: &str, devices: &'a [AudioDevice]) -> Result<&'a AudioDevice, Mismatch> {
    named::position(wanted, &names(devices)).map(|at| &devices[at])
}

fn names(devices: &[AudioDevice]) -> Vec<(&str, &str)> {
    devices
        .iter()
        .map(|device| (device.id.as_str(), device.name.as_str()))
        .collect()
}

/// What is to be told of the device used `instead` of the wanted one, which is not called like any of `found`.
pub fn no_such(
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

/// What is to be told when `now` is used after `before`, which is `gone` or not; `now` may be used `instead` of the wanted
/// one.
pub fn news(
    preference: &DevicePreference,
    before: &AudioDevice,
    gone: bool,
    now: &AudioDevice,
    instead: bool,
) -> Option<DeviceEvent> {
    if before.id == now.id {
        return None;
    }
    let name = now.label.clone();
    Some(match instead || preference.name.is_empty() {
        false => DeviceEvent::Returned(name),
        true if gone => DeviceEvent::Replaced {
            lost: before.label.clone(),
            reason: None,
            instead: name,
        },
        true => DeviceEvent::DefaultChanged(name),
    })
}

/// The microphones. One is the default where there is any: PulseAudio names the monitor of a loudspeaker where there is no
/// other source, and answers would then be what the interviewer says. May hang with the sound system.
pub fn microphones() -> Vec<AudioDevice> {
    let mut found = found_microphones();
    if !found.iter().any(|device| device.default)
        && let Some(first) = found.first_mut()
    {
        first.default = true;
    }
    labelled(found)
}

fn labelled(mut devices: Vec<AudioDevice>) -> Vec<AudioDevice> {
    let labels = named::labels(&names(&devices));
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
        let (default, label) = (default.as_ref() == Some(&id), String::new());
        AudioDevice {
            default,
            name: source.name(),
            label,
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

/// The loudspeakers. May hang with the sound system.
pub fn speakers() -> Vec<AudioDevice> {
    let host = host();
    let default = host.default_output_device().filter(is_real);
    let devices = host
        .output_devices()
        .map_or_else(|_| Vec::new(), |devices| devices.filter(is_real).collect());
    labelled(with_default(devices, default.as_ref()))
}

/// The default is a device as well where the system does not list it.
fn with_default(
    mut devices: Vec<cpal::Device>,
    default: Option<&cpal::Device>,
) -> Vec<AudioDevice> {
    if let Some(unlisted) = default.filter(|default| !devices.contains(default)) {
        devices.insert(0, unlisted.clone());
    }
    let found = |device: cpal::Device| {
        let is_default = default == Some(&device);
        AudioDevice::of(device, is_default)
    };
    devices.into_iter().filter_map(found).collect()
}

/// ALSA's `null` device swallows sound and makes silence, as fast as it is asked: that is nobody's microphone.
fn is_real(device: &cpal::Device) -> bool {
    device
        .description()
        .is_ok_and(|description| description.driver() != Some("null"))
}

/// PulseAudio's own name of a source is its id; its description, which is shown, may be anything.
fn is_microphone(device: &cpal::Device) -> bool {
    is_real(device) && device.id().is_ok_and(|id| !id.id().ends_with(MONITOR))
}

/// The sound system. A connection to a sound server is kept while the server answers: each costs a thread for ever. By
/// cpal's way of asking, streams of one connection that play at the same time have to go to the same loudspeaker.
fn host() -> Arc<cpal::Host> {
    static KEPT: Mutex<Option<Arc<cpal::Host>>> = Mutex::new(None);
    let kept = lock(&KEPT).clone();
    if let Some(host) = kept.filter(|host| host.devices().is_ok()) {
        return host;
    }
    let host = Arc::new(cpal::default_host());
    let served = host.id().name() != "ALSA";
    *lock(&KEPT) = served.then(|| host.clone());
    host
}
