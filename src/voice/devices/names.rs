//! Finds a device by the name a person gives it.

/// The reason why a name does not identify a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// No device has the name.
    Unknown,
    /// Several devices have the name as a part of theirs.
    Several,
}

/// Returns the position of the device called `wanted`, given the id and the name of each device. An
/// exact match of either wins; otherwise `wanted` must be a part of the id or name of just one
/// device, in any case.
pub fn position(wanted: &str, devices: &[(&str, &str)]) -> Result<usize, Mismatch> {
    let exactly =
        |of: fn(&(&str, &str)) -> String| devices.iter().position(|device| of(device) == wanted);
    if let Some(at) =
        exactly(|(id, _)| (*id).to_owned()).or_else(|| exactly(|(_, name)| (*name).to_owned()))
    {
        return Ok(at);
    }
    let part = wanted.to_lowercase();
    let has_part = |(id, name): &(&str, &str)| {
        id.to_lowercase().contains(&part) || name.to_lowercase().contains(&part)
    };
    let mut fitting = devices
        .iter()
        .enumerate()
        .filter(|(_, device)| has_part(device));
    match (fitting.next(), fitting.next()) {
        (Some((at, _)), None) => Ok(at),
        (None, _) => Err(Mismatch::Unknown),
        (Some(_), Some(_)) => Err(Mismatch::Several),
    }
}

/// Returns a distinct label for each device: its name, followed by its id if several share the name.
pub fn labels(devices: &[(&str, &str)]) -> Vec<String> {
    let shared = |name: &str| devices.iter().filter(|(_, other)| *other == name).count() > 1;
    let label = |(id, name): &(&str, &str)| {
        if shared(name) {
            format!("{name} ({id})")
        } else {
            (*name).to_owned()
        }
    };
    devices.iter().map(label).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const DEVICES: [(&str, &str); 4] = [
        ("usb-1", "Desk Microphone"),
        ("usb-2", "Headset"),
        ("usb-3", "Headset"),
        ("pci.analog", "Built-in Audio"),
    ];

    #[rstest]
    #[case::by_its_id("usb-3", Ok(2))]
    #[case::by_its_name("Desk Microphone", Ok(0))]
    #[case::the_first_of_those_called_the_same("Headset", Ok(1))]
    #[case::by_a_part_in_any_case("DESK", Ok(0))]
    #[case::by_a_part_of_its_id("analog", Ok(3))]
    #[case::by_a_part_of_several("usb", Err(Mismatch::Several))]
    #[case::by_nothing_there_is("Kitchen", Err(Mismatch::Unknown))]
    fn a_device_is_found(#[case] wanted: &str, #[case] expected: Result<usize, Mismatch>) {
        assert_eq!(position(wanted, &DEVICES), expected);
    }

    #[test]
    fn devices_of_the_same_name_are_distinguished_by_their_ids() {
        let expected = [
            "Desk Microphone",
            "Headset (usb-2)",
            "Headset (usb-3)",
            "Built-in Audio",
        ];
        assert_eq!(labels(&DEVICES), expected);
    }
}
