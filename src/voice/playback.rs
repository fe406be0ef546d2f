//! The bond between a clip and whatever wants it heard.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A clip that a speaker was given. Dropped, the clip falls silent at once: sound lives no longer than what it belongs
/// to, and an older turn cannot be heard beside a newer one.
#[must_use = "a clip is silent as soon as its playback is dropped"]
#[derive(Default)]
pub struct Playback {
    wanted: PlaybackFlag,
    dropped: Option<Box<dyn FnOnce() + Send>>,
}

/// The speaker's side: whether the clip is to be heard. Read for every sample, without a lock.
#[derive(Clone, Debug, Default)]
pub struct PlaybackFlag {
    dropped: Arc<AtomicBool>,
}

impl Playback {
    /// `dropped` is called once the clip is no longer wanted, for a speaker that would not see it soon enough.
    pub fn with_on_drop(dropped: impl FnOnce() + Send + 'static) -> Self {
        Self {
            wanted: PlaybackFlag::default(),
            dropped: Some(Box::new(dropped)),
        }
    }

    /// For the speaker.
    pub fn wanted(&self) -> PlaybackFlag {
        self.wanted.clone()
    }
}

impl PlaybackFlag {
    /// Whether the playback still lives.
    pub fn is_wanted(&self) -> bool {
        !self.dropped.load(Ordering::Relaxed)
    }
}

impl Drop for Playback {
    fn drop(&mut self) {
        self.wanted.dropped.store(true, Ordering::Relaxed);
        if let Some(tell) = self.dropped.take() {
            tell();
        }
    }
}

impl fmt::Debug for Playback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Playback").field(&self.wanted).finish()
    }
}
