//! How a stretch of sound is to be written down, and how that is called off.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::SpeechLanguage;

/// What is asked of a [`super::Transcriber`].
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// To recognise.
    pub language: SpeechLanguage,
    /// How much trouble to take.
    pub care: Care,
    /// Set, the work is given up.
    pub stop: Stop,
}

/// How much trouble a transcriber takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Care {
    /// Once, fast: words shown while somebody is still talking.
    Draft,
    /// Again, with more context, where the first outcome is in doubt.
    #[default]
    Final,
}

/// Calls off the requests that hold a clone of it.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// From now on the work is given up.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was called off.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Request {
    /// A final one, never called off.
    pub fn of(language: SpeechLanguage) -> Self {
        Self {
            language,
            ..Self::default()
        }
    }
}
