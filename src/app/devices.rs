//! The picker of microphone, channel and loudspeaker.
use super::ring::around;
use super::turn_id::TurnId;
use crate::config::Channel;
use crate::preferences::SelectedDevices;

/// A device that can be picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceItem {
    /// It is chosen by this.
    pub name: String,
    /// Shown.
    pub label: String,
    /// Of a microphone.
    pub channels: u16,
    /// It is the system's default.
    pub default: bool,
    /// It was chosen once and is not plugged in.
    pub away: bool,
}

/// What can be picked, and what is picked now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceList {
    /// All there are.
    pub microphones: Vec<DeviceItem>,
    /// `None`: the system's default.
    pub microphone: Option<usize>,
    /// Of it.
    pub channel: Channel,
    /// All there are.
    pub speakers: Vec<DeviceItem>,
    /// `None`: the system's default.
    pub speaker: Option<usize>,
}

/// The picker over the lobby.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DevicePicker {
    /// The system is being asked.
    Loading(TurnId),
    /// It does not say; why.
    Failed(String),
    /// It has said.
    Open(DeviceSelection),
}

/// What is picked so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSelection {
    pub(crate) list: DeviceList,
    pub(crate) row: PickerRow,
}

/// What the arrows change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PickerRow {
    /// The microphone.
    #[default]
    Microphone,
    /// Its channel.
    Channel,
    /// The loudspeaker.
    Speaker,
}

impl PickerRow {
    /// In the order shown.
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

    /// The next or previous value of the row.
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
                self.list.speaker = next(self.list.speaker, self.list.speakers.len(), by)
            }
        }
    }

    /// Channels one of which can be picked: none where there is one only.
    pub(crate) fn channels(&self) -> u16 {
        let channels = picked(&self.list.microphones, self.list.microphone)
            .map_or(0, |microphone| microphone.channels);
        if channels > 1 { channels } else { 0 }
    }

    /// To be used and remembered.
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

/// The device in use when this is picked.
pub(crate) fn picked(devices: &[DeviceItem], at: Option<usize>) -> Option<&DeviceItem> {
    at.map_or_else(
        || devices.iter().find(|device| device.default),
        |at| devices.get(at),
    )
}

/// Through the default and then all devices, round and round.
fn next(at: Option<usize>, devices: usize, by: isize) -> Option<usize> {
    around(at.map_or(0, |at| at + 1), by, devices + 1).checked_sub(1)
}
