//! The device the user prefers, which need not be present.

use std::sync::{Arc, Mutex};

use crate::config::Channel;
use crate::sync::lock;

/// The microphone or loudspeaker to be used if it is present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DevicePreference {
    /// The device's name or id, or a part of one that no other device has. Empty means the
    /// system's default.
    pub name: String,
    /// The channel of a microphone; ignored for a loudspeaker.
    pub channel: Channel,
}

/// A [`DevicePreference`] that can change while the program runs. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct SharedDevicePreference(Arc<Mutex<DevicePreference>>);

impl SharedDevicePreference {
    pub fn new(preference: DevicePreference) -> Self {
        Self(Arc::new(Mutex::new(preference)))
    }

    pub fn get(&self) -> DevicePreference {
        lock(&self.0).clone()
    }

    /// Changes the preference from the next opening of a device on.
    pub fn set(&self, preference: DevicePreference) {
        *lock(&self.0) = preference;
    }
}
