//! Ties a playing clip to whatever it belongs to.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A handle to a clip that a speaker plays. The clip falls silent as soon as the handle is dropped,
/// so that sound does not outlive what it belongs to, and an older turn is never heard beside a
/// newer one.
#[must_use = "a clip falls silent as soon as its playback is dropped"]
#[derive(Default)]
pub struct Playback {
    flag: PlaybackFlag,
    on_drop: Option<Box<dyn FnOnce() + Send>>,
}

/// The speaker's side of a [`Playback`]. The speaker reads it for every sample, without a lock.
#[derive(Clone, Debug, Default)]
pub struct PlaybackFlag {
    dropped: Arc<AtomicBool>,
}

impl Playback {
    /// Creates a handle that calls `on_drop` when it is dropped, for a speaker that would not read
    /// the flag soon enough.
    pub fn with_on_drop(on_drop: impl FnOnce() + Send + 'static) -> Self {
        Self {
            flag: PlaybackFlag::default(),
            on_drop: Some(Box::new(on_drop)),
        }
    }

    pub fn flag(&self) -> PlaybackFlag {
        self.flag.clone()
    }
}

impl PlaybackFlag {
    /// Returns whether the clip should still be heard.
    pub fn is_alive(&self) -> bool {
        !self.dropped.load(Ordering::Relaxed)
    }
}

impl Drop for Playback {
    fn drop(&mut self) {
        self.flag.dropped.store(true, Ordering::Relaxed);
        if let Some(on_drop) = self.on_drop.take() {
            on_drop();
        }
    }
}

impl fmt::Debug for Playback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Playback").field(&self.flag).finish()
    }
}
