//! Requests to a transcriber and their cancellation.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::SpeechLanguage;

/// Tells a [`super::Transcriber`] how to transcribe a stretch of audio.
#[derive(Clone, Debug, Default)]
pub struct TranscriptionRequest {
    pub language: SpeechLanguage,
    pub pass: Pass,
    pub cancellation: Cancellation,
}

/// The effort a transcriber makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pass {
    /// Decodes once and fast, for words that are shown while the user is still talking.
    Draft,
    /// Decodes again with more context where confidence in the first result is low.
    #[default]
    Final,
}

/// Cancels the requests that hold a clone of it.
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl TranscriptionRequest {
    /// Returns a request for a final pass that nobody cancels.
    pub fn new(language: SpeechLanguage) -> Self {
        Self {
            language,
            ..Self::default()
        }
    }
}
