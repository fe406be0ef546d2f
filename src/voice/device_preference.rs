//! The device somebody wants, which may not be the one there is.

use std::sync::{Arc, Mutex};

use crate::config::Channel;
use crate::sync::lock;

/// What is wanted of a microphone or a loudspeaker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DevicePreference {
    /// Name or id, or a part that only one has; empty: the system's default.
    pub name: String,
    /// Of a microphone.
    pub channel: Channel,
}

/// A [`DevicePreference`] that can change while the program runs; clones share it.
#[derive(Clone, Debug, Default)]
pub struct SharedDevicePreference(Arc<Mutex<DevicePreference>>);

impl SharedDevicePreference {
    /// This from the start.
    pub fn new(preference: DevicePreference) -> Self {
        Self(Arc::new(Mutex::new(preference)))
    }

    /// What is wanted now.
    pub fn get(&self) -> DevicePreference {
        lock(&self.0).clone()
    }

    /// From the next opening on.
    pub fn set(&self, preference: DevicePreference) {
        *lock(&self.0) = preference;
    }
}
