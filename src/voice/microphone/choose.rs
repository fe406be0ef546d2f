//! Which microphone is heard: the wanted one, else the default one.

use std::sync::mpsc::Sender;

use super::capture::Capture;
use crate::voice::devices::{self, Found};
use crate::voice::{News, VoiceError, Wish};

/// A microphone that delivers.
pub struct Opened {
    /// What it delivers.
    pub capture: Capture,
    /// Which.
    pub device: Found,
    /// Why it is not the wanted one.
    pub instead: Option<News>,
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
pub fn open(wish: &Wish) -> Result<Opened, VoiceError> {
    let found = devices::answered(devices::microphones)?;
    let default = || {
        found
            .iter()
            .find(|device| device.default)
            .ok_or(VoiceError::NoMicrophone)
    };
    if wish.name.is_empty() {
        return opened(default()?, None);
    }
    match devices::called(&wish.name, &found) {
        Ok(wanted) => opened(wanted, None).or_else(|refused| {
            let other = default()
                .ok()
                .filter(|default| !default.is(wanted))
                .ok_or_else(|| refused.clone())?;
            let reason = Some(why(&refused));
            let news = News::Instead {
                lost: wanted.label.clone(),
                reason,
                instead: other.label.clone(),
            };
            opened(other, Some(news)).map_err(|_| refused)
        }),
        Err(mismatch) => {
            let other = default()?;
            opened(other, Some(devices::no_such(wish, mismatch, &found, other)))
        }
    }
}

fn opened(device: &Found, instead: Option<News>) -> Result<Opened, VoiceError> {
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
pub fn look(wish: &Wish, heard: Option<&Found>, tell: &Sender<Seen>) {
    // Nobody waits any more when the microphone was closed meanwhile.
    let tell = |seen| drop(tell.send(seen));
    let Some(heard) = heard else {
        return tell(anew(wish));
    };
    let Ok(found) = devices::answered(devices::microphones) else {
        return tell(Seen::Stay);
    };
    if !found.iter().any(|device| device.is(heard)) {
        tell(Seen::Gone);
        return tell(anew(wish));
    }
    match right(wish, &found).filter(|right| !right.0.is(heard)) {
        Some((other, instead)) => {
            tell(
                opened(other, instead).map_or(Seen::Stay, |opened| Seen::Opened(Box::new(opened))),
            );
        }
        None => tell(Seen::Stay),
    }
}

fn anew(wish: &Wish) -> Seen {
    open(wish).map_or_else(Seen::Failed, |opened| Seen::Opened(Box::new(opened)))
}

/// The one to be heard, and why it is not the wanted one.
fn right<'a>(wish: &Wish, found: &'a [Found]) -> Option<(&'a Found, Option<News>)> {
    let default = found.iter().find(|device| device.default);
    match devices::called(&wish.name, found) {
        Ok(wanted) if !wish.name.is_empty() => Some((wanted, None)),
        Err(mismatch) if !wish.name.is_empty() => default.map(|default| {
            (
                default,
                Some(devices::no_such(wish, mismatch, found, default)),
            )
        }),
        _ => default.map(|default| (default, None)),
    }
}
