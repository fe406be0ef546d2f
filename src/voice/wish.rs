//! The device somebody wants, which may not be the one there is.

use std::sync::{Arc, Mutex};

use crate::config::Channel;
use crate::sync::lock;

/// What is wanted of a microphone or a loudspeaker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Name or id, or a part that only one has; empty: the system's default.
    pub name: String,
    /// Of a microphone.
    pub channel: Channel,
}

/// A [`Wish`] that can change while the program runs; clones share it.
#[derive(Clone, Debug, Default)]
pub struct SharedWish(Arc<Mutex<Wish>>);

impl SharedWish {
    /// This from the start.
    pub fn new(wish: Wish) -> Self {
        Self(Arc::new(Mutex::new(wish)))
    }

    /// What is wanted now.
    pub fn get(&self) -> Wish {
        lock(&self.0).clone()
    }

    /// From the next opening on.
    pub fn set(&self, wish: Wish) {
        *lock(&self.0) = wish;
    }
}
