//! The duty to tell how a clip ended: exactly once, whatever becomes of the clip.

use super::{Ended, VoiceError};

/// Dropped untold, it tells that the clip was silenced.
pub struct Ending(Option<Ended>);

impl Ending {
    /// `ended` will be called once.
    pub fn new(ended: Ended) -> Self {
        Self(Some(ended))
    }

    /// The clip was heard to its end or silenced, or it could not be played.
    pub fn tell(mut self, outcome: Result<(), VoiceError>) {
        if let Some(ended) = self.0.take() {
            ended(outcome);
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(ended) = self.0.take() {
            ended(Ok(()));
        }
    }
}
