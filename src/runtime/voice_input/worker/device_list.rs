//! The devices there are, as the picker shows them.

use crate::app::devices::{DeviceItem, DeviceList};
use crate::voice::devices::{self, Device};
use crate::voice::{DevicePreference, VoiceError};

/// What can be picked, with what is wanted picked. May take seconds.
pub fn list(
    microphone: &DevicePreference,
    speaker: &DevicePreference,
) -> Result<DeviceList, VoiceError> {
    let found = devices::list()?;
    let (microphones, picked) = items(&found.microphones, &microphone.name);
    let (speakers, loudspeaker) = items(&found.speakers, &speaker.name);
    Ok(DeviceList {
        microphones,
        microphone: picked,
        channel: microphone.channel,
        speakers,
        speaker: loudspeaker,
    })
}

/// The items, and which of them is `wanted`; one that is away is an item too, so that it is not forgotten.
fn items(found: &[Device], wanted: &str) -> (Vec<DeviceItem>, Option<usize>) {
    let labels = devices::labels_of(found);
    let item = |(device, label): (&Device, String)| DeviceItem {
        // A name that several have would choose the first of them.
        name: if label == device.name {
            label.clone()
        } else {
            device.id.clone()
        },
        label,
        channels: device.channels,
        default: device.default,
        away: false,
    };
    let mut items: Vec<DeviceItem> = found.iter().zip(labels).map(item).collect();
    if wanted.is_empty() {
        return (items, None);
    }
    let at = devices::place_of(wanted, found).unwrap_or_else(|| {
        items.push(DeviceItem {
            name: wanted.into(),
            label: wanted.into(),
            away: true,
            ..DeviceItem::default()
        });
        items.len() - 1
    });
    (items, Some(at))
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

    #[test]
    fn what_is_wanted_is_picked_also_when_it_is_away() {
        let found = [
            device("a", "Headset", true),
            device("b", "Headset", false),
            device("c", "Desk", false),
        ];
        let (items, at) = items(&found, "desk");
        assert_eq!(
            (at, items[2].name.as_str(), items[1].name.as_str()),
            (Some(2), "Desk", "b")
        );
        let (items, at) = super::items(&found, "Kitchen");
        assert_eq!(
            (at, items[3].label.as_str(), items[3].away),
            (Some(3), "Kitchen", true)
        );
        assert_eq!(super::items(&found, "").1, None);
    }
}
