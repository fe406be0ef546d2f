//! Reports the end of a clip exactly once, whatever becomes of the clip.

use super::{OnClipEnd, VoiceError};

/// Calls a callback at the end of a clip. A notifier that is dropped reports that the clip was
/// silenced.
pub struct EndNotifier(Option<OnClipEnd>);

impl EndNotifier {
    pub fn new(on_end: OnClipEnd) -> Self {
        Self(Some(on_end))
    }

    /// Reports that the clip was played or silenced, or why it could not be played.
    pub fn notify(mut self, outcome: Result<(), VoiceError>) {
        self.call(outcome);
    }

    fn call(&mut self, outcome: Result<(), VoiceError>) {
        if let Some(on_end) = self.0.take() {
            on_end(outcome);
        }
    }
}

impl Drop for EndNotifier {
    fn drop(&mut self) {
        self.call(Ok(()));
    }
}
