//! The picker of microphone, channel and loudspeaker.

use super::ring::around;
use super::turn_id::TurnId;
use crate::config::Channel;
use crate::preferences::SelectedDevices;

/// A device that can be picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceItem {
    /// The name or identifier that selects the device.
    pub name: String,
    pub label: String,
    /// The number of channels of a microphone; 0 for a loudspeaker.
    pub channels: u16,
    pub default: bool,
    /// Whether the device was selected earlier and is not plugged in.
    pub away: bool,
}

/// The devices of this computer, and which of them are in use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceList {
    pub microphones: Vec<DeviceItem>,
    /// `None` stands for the system's default.
    pub microphone: Option<usize>,
    /// The channel of the microphone.
    pub channel: Channel,
    pub speakers: Vec<DeviceItem>,
    /// `None` stands for the system's default.
    pub speaker: Option<usize>,
}

/// The picker over the lobby.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DevicePicker {
    /// The devices are being listed.
    Loading(TurnId),
    /// The devices cannot be listed, for this reason.
    Failed(String),
    Open(DeviceSelection),
}

/// The choices made so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSelection {
    pub(crate) list: DeviceList,
    pub(crate) row: PickerRow,
}

/// A row of the picker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PickerRow {
    #[default]
    Microphone,
    Channel,
    Speaker,
}

impl PickerRow {
    /// All rows, in the order shown.
    pub const ALL: [Self; 3] = [Self::Microphone, Self::Channel, Self::Speaker];

    pub(super) fn next(self, by: isize) -> Self {
        Self::ALL[around(self as usize, by, Self::ALL.len())]
    }
}

impl DeviceSelection {
    pub(super) fn new(list: DeviceList) -> Self {
        Self {
            list,
            row: PickerRow::default(),
        }
    }

    /// Changes the row to its next or previous value.
    pub(super) fn change(&mut self, by: isize) {
        match self.row {
            PickerRow::Microphone => {
                self.list.microphone = next(self.list.microphone, self.list.microphones.len(), by);
                self.list.channel = Channel::Unset;
            }
            PickerRow::Channel => {
                let at = if let Channel::Only(number) = self.list.channel {
                    usize::from(number)
                } else {
                    0
                };
                let now = around(
                    at.min(usize::from(self.channels())),
                    by,
                    usize::from(self.channels()) + 1,
                );
                self.list.channel = if now == 0 {
                    Channel::Unset
                } else {
                    Channel::Only(now as u16)
                };
            }
            PickerRow::Speaker => {
                self.list.speaker = next(self.list.speaker, self.list.speakers.len(), by);
            }
        }
    }

    /// Returns how many channels can be picked from. There is nothing to pick where there is only
    /// one.
    pub(crate) fn channels(&self) -> u16 {
        let channels = picked(&self.list.microphones, self.list.microphone)
            .map_or(0, |microphone| microphone.channels);
        if channels > 1 { channels } else { 0 }
    }

    /// Returns the choices as they are used and remembered.
    pub(super) fn audio(&self) -> SelectedDevices {
        let name = |devices: &[DeviceItem], at: Option<usize>| {
            at.map_or(String::new(), |at| devices[at].name.clone())
        };
        SelectedDevices {
            microphone: name(&self.list.microphones, self.list.microphone),
            channel: self.list.channel,
            speaker: name(&self.list.speakers, self.list.speaker),
        }
    }
}

/// Returns the device in use when `at` is picked.
pub(crate) fn picked(devices: &[DeviceItem], at: Option<usize>) -> Option<&DeviceItem> {
    at.map_or_else(
        || devices.iter().find(|device| device.default),
        |at| devices.get(at),
    )
}

/// Goes round through the default and all devices.
fn next(at: Option<usize>, devices: usize, by: isize) -> Option<usize> {
    around(at.map_or(0, |at| at + 1), by, devices + 1).checked_sub(1)
}
