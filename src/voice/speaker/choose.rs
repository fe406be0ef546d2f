//! Which loudspeaker is heard: the wanted one, else the default one.

use crate::voice::devices::{self, Found, Mismatch};
use crate::voice::{News, VoiceError, Wish};

/// The wanted loudspeaker, else the default one and why. May hang with the sound system.
pub fn choose(wish: &Wish) -> Result<(Found, Option<News>), VoiceError> {
    let found = devices::speakers();
    let default = || found.iter().find(|device| device.default).cloned().ok_or(VoiceError::NoSpeaker);
    if wish.name.is_empty() {
        return Ok((default()?, None));
    }
    match devices::called(&wish.name, &found) {
        Ok(wanted) => Ok((wanted.clone(), None)),
        Err(mismatch) => {
            let other = default()?;
            let news = News::NoSuch {
                wanted: wish.name.clone(),
                several: mismatch == Mismatch::Several,
                there: found.iter().map(|device| device.label.clone()).collect(),
                instead: other.label.clone(),
            };
            Ok((other, Some(news)))
        }
    }
}
