//! Which loudspeaker is heard: the wanted one, else the default one.

use crate::voice::device_event::{DeviceEvent, DeviceEventHandler};
use crate::voice::devices::{self, AudioDevice};
use crate::voice::{DevicePreference, SharedDevicePreference, VoiceError};

/// Where the sound goes, and what was told of it.
pub struct Place {
    wanted: SharedDevicePreference,
    tell: DeviceEventHandler,
    /// What was wanted when the device was opened.
    preference: DevicePreference,
    device: Option<AudioDevice>,
}

/// A loudspeaker to be opened.
pub struct Chosen {
    /// Which.
    pub device: AudioDevice,
    /// What is to be told of it, if it is opened.
    news: Option<DeviceEvent>,
}

impl Place {
    /// Nowhere yet.
    pub fn new(wanted: SharedDevicePreference, tell: DeviceEventHandler) -> Self {
        Self {
            wanted,
            tell,
            preference: DevicePreference::default(),
            device: None,
        }
    }

    /// What chooses the device now; it may hang with the sound system.
    pub fn chooser(&self) -> impl FnOnce() -> Result<Chosen, VoiceError> + Send + 'static {
        let (preference, before) = (self.wanted.get(), self.device.clone());
        move || choose(&preference, before.as_ref())
    }

    /// `chosen` is heard from now on.
    pub fn settle(&mut self, chosen: Chosen) {
        if let Some(news) = chosen.news {
            (self.tell)(news);
        }
        (self.preference, self.device) = (self.wanted.get(), Some(chosen.device));
    }

    /// Another device is wanted than when it was opened.
    pub fn wish_has_changed(&self) -> bool {
        self.preference != self.wanted.get()
    }

    /// Settles elsewhere if another device than the one that is open is to be heard; tells whether it did.
    pub fn moves(&mut self) -> bool {
        let chosen = devices::answered(self.chooser()).and_then(|chosen| chosen);
        let Some(other) = chosen.ok().filter(|chosen| {
            !self
                .device
                .as_ref()
                .is_some_and(|now| now.is(&chosen.device))
        }) else {
            return false;
        };
        self.settle(other);
        true
    }
}

/// The wanted loudspeaker, else the default one, after `before` was heard.
pub fn choose(
    preference: &DevicePreference,
    before: Option<&AudioDevice>,
) -> Result<Chosen, VoiceError> {
    let found = devices::speakers();
    let (device, instead) = right(preference, &found)?;
    let news = match before {
        None => instead,
        Some(before) => {
            let gone = !found.iter().any(|device| device.is(before));
            devices::news(preference, before, gone, device, instead.is_some())
        }
    };
    Ok(Chosen {
        device: device.clone(),
        news,
    })
}

fn right<'a>(
    preference: &DevicePreference,
    found: &'a [AudioDevice],
) -> Result<(&'a AudioDevice, Option<DeviceEvent>), VoiceError> {
    let default = || {
        found
            .iter()
            .find(|device| device.default)
            .ok_or(VoiceError::NoSpeaker)
    };
    if preference.name.is_empty() {
        return Ok((default()?, None));
    }
    match devices::called(&preference.name, found) {
        Ok(wanted) => Ok((wanted, None)),
        Err(mismatch) => {
            let other = default()?;
            Ok((
                other,
                Some(devices::no_such(preference, mismatch, found, other)),
            ))
        }
    }
}
