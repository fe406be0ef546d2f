//! The microphone of this machine: the preferred one, or another one while that is away.
//!
//! ```text
//! capture ─► mono ─► resample ─► samples at 16 kHz, whatever the device
//!    └─ gone, or the preferred one is back: another is opened meanwhile, then takes its place
//! ```

mod capture;
mod open;
mod pipeline;
mod selection;
mod silence_filler;

use super::device_event::DeviceEventHandler;
use super::{Microphone, SharedDevicePreference, VoiceError};
pub(super) use capture::is_fatal;
use open::OpenMicrophone;

/// A microphone of this machine that falls back on another device when its own fails.
pub struct DeviceMicrophone {
    preference: SharedDevicePreference,
    events: DeviceEventHandler,
    open: Option<OpenMicrophone>,
}

impl DeviceMicrophone {
    /// Creates a closed microphone. `events` is called from the thread that reads.
    pub fn new(preference: SharedDevicePreference, events: DeviceEventHandler) -> Self {
        Self {
            preference,
            events,
            open: None,
        }
    }
}

impl Microphone for DeviceMicrophone {
    fn open(&mut self) -> Result<(), VoiceError> {
        self.open = None;
        let open = OpenMicrophone::open(self.preference.get(), self.events.clone())?;
        self.open = Some(open);
        Ok(())
    }

    fn press(&mut self) {}

    fn read(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError> {
        let open = self.open.as_mut().ok_or(VoiceError::NoMicrophone)?;
        open.read(into)
    }

    fn close(&mut self) {
        self.open = None;
    }

    fn name(&self) -> String {
        self.open
            .as_ref()
            .map_or_else(|| "microphone".into(), |open| open.label().to_owned())
    }
}
