//! The volume of a speaker, which can change while a clip plays.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A factor shared with the thread that produces the samples, which reads it for every sample
/// without a lock.
#[derive(Clone, Debug)]
pub struct SharedGain(Arc<AtomicU32>);

impl Default for SharedGain {
    fn default() -> Self {
        Self(Arc::new(AtomicU32::new(1.0_f32.to_bits())))
    }
}

impl SharedGain {
    /// Changes the factor from the next sample on.
    pub fn set(&self, factor: f32) {
        self.0.store(factor.to_bits(), Ordering::Relaxed);
    }

    pub fn get(&self) -> f32 {
        f32::from_bits(self.0.load(Ordering::Relaxed))
    }
}
