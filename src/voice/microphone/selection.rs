//! Which microphone is heard: the wanted one, else the default one.

use std::sync::mpsc::Sender;

use super::capture::Capture;
use crate::voice::devices::{self, AudioDevice};
use crate::voice::{DeviceEvent, DevicePreference, VoiceError};

/// A microphone that delivers.
pub struct Opened {
    /// What it delivers.
    pub capture: Capture,
    /// Which.
    pub device: AudioDevice,
    /// Why it is not the wanted one.
    pub instead: Option<DeviceEvent>,
}

/// What a look at the devices shows.
pub enum Seen {
    /// What is heard is right.
    Stay,
    /// What is heard is gone; another is being opened.
    Gone,
    /// From now on this one.
    Opened(Box<Opened>),
    /// There is none any more.
    Failed(VoiceError),
}

/// Opens the wanted microphone, else the default one.
pub fn open(preference: &DevicePreference) -> Result<Opened, VoiceError> {
    let found = devices::answered(devices::microphones)?;
    let default = || {
        found
            .iter()
            .find(|device| device.default)
            .ok_or(VoiceError::NoMicrophone)
    };
    if preference.name.is_empty() {
        return opened(default()?, None);
    }
    match devices::called(&preference.name, &found) {
        Ok(wanted) => opened(wanted, None).or_else(|refused| {
            let other = default()
                .ok()
                .filter(|default| !default.is(wanted))
                .ok_or_else(|| refused.clone())?;
            let reason = Some(why(&refused));
            let news = DeviceEvent::Replaced {
                lost: wanted.label.clone(),
                reason,
                instead: other.label.clone(),
            };
            opened(other, Some(news)).map_err(|_| refused)
        }),
        Err(mismatch) => {
            let other = default()?;
            opened(
                other,
                Some(devices::no_such(preference, mismatch, &found, other)),
            )
        }
    }
}

fn opened(device: &AudioDevice, instead: Option<DeviceEvent>) -> Result<Opened, VoiceError> {
    Ok(Opened {
        capture: Capture::open(device)?,
        device: device.clone(),
        instead,
    })
}

/// Of the name the message begins with anyway.
fn why(refused: &VoiceError) -> String {
    match refused {
        VoiceError::CannotOpen { reason, .. } | VoiceError::DeviceLost { reason, .. } => {
            reason.clone()
        }
        other => other.to_string(),
    }
}

/// Looks whether `heard` is still the right one and opens another if not; `None`: it has failed.
pub fn look(preference: &DevicePreference, heard: Option<&AudioDevice>, tell: &Sender<Seen>) {
    // Nobody waits any more when the microphone was closed meanwhile.
    let tell = |seen| drop(tell.send(seen));
    let Some(heard) = heard else {
        return tell(anew(preference));
    };
    let Ok(found) = devices::answered(devices::microphones) else {
        return tell(Seen::Stay);
    };
    if !found.iter().any(|device| device.is(heard)) {
        tell(Seen::Gone);
        return tell(anew(preference));
    }
    match right(preference, &found).filter(|right| !right.0.is(heard)) {
        Some((other, instead)) => {
            tell(
                opened(other, instead).map_or(Seen::Stay, |opened| Seen::Opened(Box::new(opened))),
            );
        }
        None => tell(Seen::Stay),
    }
}

fn anew(preference: &DevicePreference) -> Seen {
    open(preference).map_or_else(Seen::Failed, |opened| Seen::Opened(Box::new(opened)))
}

/// The one to be heard, and why it is not the wanted one.
fn right<'a>(
    preference: &DevicePreference,
    found: &'a [AudioDevice],
) -> Option<(&'a AudioDevice, Option<DeviceEvent>)> {
    let default = found.iter().find(|device| device.default);
    match devices::called(&preference.name, found) {
        Ok(wanted) if !preference.name.is_empty() => Some((wanted, None)),
        Err(mismatch) if !preference.name.is_empty() => default.map(|default| {
            (
                default,
                Some(devices::no_such(preference, mismatch, found, default)),
            )
        }),
        _ => default.map(|default| (default, None)),
    }
}
