//! The duty to tell how a clip ended: exactly once, whatever becomes of the clip.

use super::{OnClipEnd, VoiceError};

/// Dropped untold, it tells that the clip was silenced.
pub struct EndNotifier(Option<OnClipEnd>);

impl EndNotifier {
    /// `ended` will be called once.
    pub fn new(ended: OnClipEnd) -> Self {
        Self(Some(ended))
    }

    /// The clip was heard to its end or silenced, or it could not be played.
    pub fn tell(mut self, outcome: Result<(), VoiceError>) {
        if let Some(ended) = self.0.take() {
            ended(outcome);
        }
    }
}

impl Drop for EndNotifier {
    fn drop(&mut self) {
        if let Some(ended) = self.0.take() {
            ended(Ok(()));
        }
    }
}
