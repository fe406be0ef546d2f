//! How loud a speaker plays, changed while it plays.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A factor shared with the thread that makes the samples, which reads it for each of them without a lock.
#[derive(Clone, Debug)]
pub struct Gain(Arc<AtomicU32>);

impl Default for Gain {
    fn default() -> Self {
        Self(Arc::new(AtomicU32::new(1.0_f32.to_bits())))
    }
}

impl Gain {
    /// From the next sample on.
    pub fn set(&self, factor: f32) {
        self.0.store(factor.to_bits(), Ordering::Relaxed);
    }

    /// Now.
    pub fn get(&self) -> f32 {
        f32::from_bits(self.0.load(Ordering::Relaxed))
    }
}
