//! The events of a device in use that the user has to know about.

use std::sync::Arc;
use std::time::Duration;

/// A change of the microphone or loudspeaker in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceEvent {
    /// No device has the preferred name, or several have it.
    NotFound {
        /// The name as the user gave it.
        wanted: String,
        /// Whether the name is a part of the names of several devices.
        several: bool,
        /// The devices that are present.
        there: Vec<String>,
        /// The device used instead.
        instead: String,
    },
    /// A device is gone or cannot be opened, and another one is used.
    Replaced {
        lost: String,
        /// The reason the system gave, if any.
        reason: Option<String>,
        /// The device used instead.
        instead: String,
    },
    /// The preferred device of this name is in use again.
    Returned(String),
    /// The device of this name has become the system's default and is used now.
    DefaultChanged(String),
    /// The microphone has no channel of the preferred number, so all of them are mixed.
    NoSuchChannel {
        device: String,
        /// The preferred channel, counted from 1.
        channel: u16,
        /// The number of channels the microphone has.
        channels: u16,
    },
    /// Sound was lost because it was not read in time; the duration is given if it is known.
    Overrun(Option<Duration>),
}

/// A callback for [`DeviceEvent`]s. It is called from the thread that uses the device.
pub type DeviceEventHandler = Arc<dyn Fn(DeviceEvent) + Send + Sync>;
