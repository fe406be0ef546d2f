//! What the user has to know of the devices in use.

use std::sync::Arc;
use std::time::Duration;

/// Something to know of a microphone or a loudspeaker in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceEvent {
    /// No device is called what was wanted.
    NotFound {
        /// As it was asked for.
        wanted: String,
        /// It is a part of the names of several.
        several: bool,
        /// Those there are.
        there: Vec<String>,
        /// The one used instead.
        instead: String,
    },
    /// A device is gone, or cannot be opened.
    Replaced {
        /// Its name.
        lost: String,
        /// What the system says, if it says anything.
        reason: Option<String>,
        /// The one used instead.
        instead: String,
    },
    /// The wanted one is in use again.
    Returned(String),
    /// The system's default is this one now, and in use.
    DefaultChanged(String),
    /// The microphone has no channel of this number; all are mixed.
    NoSuchChannel {
        /// Its name.
        device: String,
        /// Asked for.
        channel: u16,
        /// There are.
        channels: u16,
    },
    /// Sound was lost because nobody took it in time; how much, where that is known.
    Overrun(Option<Duration>),
}

/// Where [`DeviceEvent`] goes. Called from the thread that uses the device.
pub type DeviceEventHandler = Arc<dyn Fn(DeviceEvent) + Send + Sync>;
