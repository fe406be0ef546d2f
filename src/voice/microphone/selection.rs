//! Selects the microphone to be used: the preferred one if it is present, else the default one.

use std::sync::mpsc::Sender;

use super::capture::Capture;
use crate::voice::devices::{self, AudioDevice};
use crate::voice::{DeviceEvent, DevicePreference, VoiceError};

/// A microphone that delivers samples.
pub struct OpenedDevice {
    pub capture: Capture,
    pub device: AudioDevice,
    /// The reason why it is not the preferred device, if it is not.
    pub fallback: Option<DeviceEvent>,
}

/// The result of a scan of the devices.
pub enum ScanResult {
    /// The device in use is the right one.
    Keep,
    /// The device in use is gone; another one is being opened.
    Gone,
    /// This device replaces the one in use.
    Opened(Box<OpenedDevice>),
    /// No microphone can be opened any more.
    Failed(VoiceError),
}

/// Opens the preferred microphone, or else the default one.
pub fn open(preference: &DevicePreference) -> Result<OpenedDevice, VoiceError> {
    let found = devices::call_with_deadline(devices::microphones)?;
    let default = found
        .iter()
        .find(|device| device.default)
        .ok_or(VoiceError::NoMicrophone);
    if preference.name.is_empty() {
        return open_device(default?, None);
    }
    match devices::find_by_name(&preference.name, &found) {
        Ok(preferred) => open_device(preferred, None)
            .or_else(|refused| open_fallback(preferred, default.ok(), refused)),
        Err(mismatch) => {
            let other = default?;
            let event = devices::not_found_event(preference, mismatch, &found, other);
            open_device(other, Some(event))
        }
    }
}

/// Opens the default microphone in place of the preferred one, which the system `refused`.
fn open_fallback(
    preferred: &AudioDevice,
    default: Option<&AudioDevice>,
    refused: VoiceError,
) -> Result<OpenedDevice, VoiceError> {
    let Some(other) = default.filter(|default| !default.is_same(preferred)) else {
        return Err(refused);
    };
    let event = DeviceEvent::Replaced {
        lost: preferred.label.clone(),
        reason: Some(reason(&refused)),
        instead: other.label.clone(),
    };
    open_device(other, Some(event)).map_err(|_| refused)
}

fn open_device(
    device: &AudioDevice,
    fallback: Option<DeviceEvent>,
) -> Result<OpenedDevice, VoiceError> {
    Ok(OpenedDevice {
        capture: Capture::open(device)?,
        device: device.clone(),
        fallback,
    })
}

/// Returns the reason of an error without the device's name, which the event has already.
fn reason(error: &VoiceError) -> String {
    match error {
        VoiceError::CannotOpen { reason, .. } | VoiceError::DeviceLost { reason, .. } => {
            reason.clone()
        }
        other => other.to_string(),
    }
}

/// Checks whether `current` is still the right device and opens another one if not. `current` is
/// `None` if the device in use has failed.
pub fn scan(
    preference: &DevicePreference,
    current: Option<&AudioDevice>,
    results: &Sender<ScanResult>,
) {
    // Sending fails if the microphone was closed meanwhile: nobody waits any more then.
    let send = |result| drop(results.send(result));
    let Some(current) = current else {
        return send(reopen(preference));
    };
    let Ok(found) = devices::call_with_deadline(devices::microphones) else {
        return send(ScanResult::Keep);
    };
    if !found.iter().any(|device| device.is_same(current)) {
        send(ScanResult::Gone);
        return send(reopen(preference));
    }
    let better = select(preference, &found).filter(|(device, _)| !device.is_same(current));
    send(match better {
        Some((device, fallback)) => match open_device(device, fallback) {
            Ok(opened) => ScanResult::Opened(Box::new(opened)),
            Err(_) => ScanResult::Keep,
        },
        None => ScanResult::Keep,
    });
}

fn reopen(preference: &DevicePreference) -> ScanResult {
    match open(preference) {
        Ok(opened) => ScanResult::Opened(Box::new(opened)),
        Err(error) => ScanResult::Failed(error),
    }
}

/// Returns the device to be used, and the reason why it is not the preferred one.
fn select<'a>(
    preference: &DevicePreference,
    found: &'a [AudioDevice],
) -> Option<(&'a AudioDevice, Option<DeviceEvent>)> {
    let default = found.iter().find(|device| device.default);
    if preference.name.is_empty() {
        return default.map(|default| (default, None));
    }
    match devices::find_by_name(&preference.name, found) {
        Ok(preferred) => Some((preferred, None)),
        Err(mismatch) => default.map(|default| {
            let event = devices::not_found_event(preference, mismatch, found, default);
            (default, Some(event))
        }),
    }
}
