//! Lists the system's devices as the picker shows them.

use crate::app::devices::{DeviceItem, DeviceList};
use crate::voice::devices::{self, Device};
use crate::voice::{DevicePreference, VoiceError};

/// Returns the devices to choose from, with the wanted ones selected. May take seconds.
pub(super) fn list(
    microphone: &DevicePreference,
    speaker: &DevicePreference,
) -> Result<DeviceList, VoiceError> {
    let found = devices::list()?;
    let (microphones, selected_microphone) = items(&found.microphones, &microphone.name);
    let (speakers, selected_speaker) = items(&found.speakers, &speaker.name);
    Ok(DeviceList {
        microphones,
        microphone: selected_microphone,
        channel: microphone.channel,
        speakers,
        speaker: selected_speaker,
    })
}

/// Returns the items, and the position of the wanted one. A wanted device that is unplugged is an
/// item as well, so that the choice is not lost.
fn items(found: &[Device], wanted: &str) -> (Vec<DeviceItem>, Option<usize>) {
    let labels = devices::labels(found);
    let mut items: Vec<DeviceItem> = found
        .iter()
        .zip(labels)
        .map(|(device, label)| item(device, label))
        .collect();
    if wanted.is_empty() {
        return (items, None);
    }
    let position = devices::position_of(wanted, found).unwrap_or_else(|| {
        items.push(unplugged(wanted));
        items.len() - 1
    });
    (items, Some(position))
}

fn item(device: &Device, label: String) -> DeviceItem {
    // A name that several devices share would choose the first of them.
    let name = if label == device.name {
        label.clone()
    } else {
        device.id.clone()
    };
    DeviceItem {
        name,
        label,
        channels: device.channels,
        default: device.default,
        away: false,
    }
}

fn unplugged(name: &str) -> DeviceItem {
    DeviceItem {
        name: name.into(),
        label: name.into(),
        away: true,
        ..DeviceItem::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str, name: &str, default: bool) -> Device {
        Device {
            name: name.into(),
            default,
            channels: 2,
            rates: vec![48_000],
            id: id.into(),
        }
    }

    fn found() -> [Device; 3] {
        [
            device("a", "Headset", true),
            device("b", "Headset", false),
            device("c", "Desk", false),
        ]
    }

    #[test]
    fn the_wanted_device_is_selected_by_a_part_of_its_name() {
        let (items, selected) = items(&found(), "desk");
        assert_eq!(selected, Some(2));
        assert_eq!(items[2].name, "Desk");
    }

    #[test]
    fn devices_that_share_a_name_are_chosen_by_their_id() {
        let (items, selected) = items(&found(), "");
        assert_eq!(selected, None);
        assert_eq!(items[1].name, "b");
    }

    #[test]
    fn a_wanted_device_that_is_unplugged_is_listed_and_selected() {
        let (items, selected) = items(&found(), "Kitchen");
        assert_eq!(selected, Some(3));
        assert_eq!(items[3], unplugged("Kitchen"));
    }
}
