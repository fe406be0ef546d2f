//! How a stretch of sound is to be written down, and how that is called off.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::SpeechLanguage;

/// What is asked of a [`super::Transcriber`].
#[derive(Clone, Debug, Default)]
pub struct TranscriptionRequest {
    /// To recognise.
    pub language: SpeechLanguage,
    /// How much trouble to take.
    pub pass: Pass,
    /// Set, the work is given up.
    pub cancellation: Cancellation,
}

/// How much trouble a transcriber takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pass {
    /// Once, fast: words shown while somebody is still talking.
    Draft,
    /// Again, with more context, where the first outcome is in doubt.
    #[default]
    Final,
}

/// Calls off the requests that hold a clone of it.
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    /// From now on the work is given up.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was called off.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl TranscriptionRequest {
    /// A final one, never called off.
    pub fn new(language: SpeechLanguage) -> Self {
        Self {
            language,
            ..Self::default()
        }
    }
}
