//! Selects the loudspeaker to be used: the preferred one if it is present, else the default one.

use crate::voice::device_event::{DeviceEvent, DeviceEventHandler};
use crate::voice::devices::{self, AudioDevice};
use crate::voice::{DevicePreference, SharedDevicePreference, VoiceError};

/// The loudspeaker in use, and the preference it was selected by.
pub struct SpeakerSelection {
    preference: SharedDevicePreference,
    events: DeviceEventHandler,
    /// The preference when the device was opened.
    applied_preference: DevicePreference,
    device: Option<AudioDevice>,
}

/// A loudspeaker to be opened.
pub struct SelectedSpeaker {
    pub device: AudioDevice,
    /// The event to be reported once it is open.
    event: Option<DeviceEvent>,
}

impl SpeakerSelection {
    pub fn new(preference: SharedDevicePreference, events: DeviceEventHandler) -> Self {
        Self {
            preference,
            events,
            applied_preference: DevicePreference::default(),
            device: None,
        }
    }

    /// Returns a function that selects the device. It hangs if the sound system does.
    pub fn selector(
        &self,
    ) -> impl FnOnce() -> Result<SelectedSpeaker, VoiceError> + Send + 'static {
        let preference = self.preference.get();
        let before = self.device.clone();
        move || select(&preference, before.as_ref())
    }

    /// Makes `selected` the device in use, and reports that if the user has to know.
    pub fn set_current(&mut self, selected: SelectedSpeaker) {
        if let Some(event) = selected.event {
            (self.events)(event);
        }
        self.applied_preference = self.preference.get();
        self.device = Some(selected.device);
    }

    pub fn preference_has_changed(&self) -> bool {
        self.applied_preference != self.preference.get()
    }

    /// Selects the device again, and returns whether it is another one than before.
    pub fn update(&mut self) -> bool {
        let Ok(selected) = devices::call_with_deadline(self.selector()).flatten() else {
            return false;
        };
        let current = self.device.as_ref();
        if current.is_some_and(|current| current.is_same(&selected.device)) {
            return false;
        }
        self.set_current(selected);
        true
    }
}

/// Selects the preferred loudspeaker, or else the default one. `before` is the one used before.
pub fn select(
    preference: &DevicePreference,
    before: Option<&AudioDevice>,
) -> Result<SelectedSpeaker, VoiceError> {
    let found = devices::speakers();
    let (device, fallback) = find(preference, &found)?;
    let event = match before {
        None => fallback,
        Some(before) => {
            let is_gone = !found.iter().any(|device| device.is_same(before));
            devices::change_event(preference, before, is_gone, device, fallback.is_some())
        }
    };
    Ok(SelectedSpeaker {
        device: device.clone(),
        event,
    })
}

/// Returns the device to be used, and the reason why it is not the preferred one.
fn find<'a>(
    preference: &DevicePreference,
    found: &'a [AudioDevice],
) -> Result<(&'a AudioDevice, Option<DeviceEvent>), VoiceError> {
    let default = found
        .iter()
        .find(|device| device.default)
        .ok_or(VoiceError::NoSpeaker);
    if preference.name.is_empty() {
        return Ok((default?, None));
    }
    match devices::find_by_name(&preference.name, found) {
        Ok(preferred) => Ok((preferred, None)),
        Err(mismatch) => {
            let other = default?;
            let event = devices::not_found_event(preference, mismatch, found, other);
            Ok((other, Some(event)))
        }
    }
}
