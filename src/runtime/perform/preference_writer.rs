//! Writes preferences to disk in the background and in order: a held key must not wait for a disk.

use std::io;
use std::sync::{Arc, Mutex};

use tokio::task::{JoinHandle, spawn_blocking};

use crate::preferences::Preferences;
use crate::sync::lock;

/// Applies changes one after the other.
pub(super) struct PreferenceWriter {
    preferences: Arc<Mutex<Preferences>>,
    /// The task that makes the last change; it waits for the one before.
    last: Option<JoinHandle<()>>,
}

impl PreferenceWriter {
    pub(super) fn new(preferences: Arc<Mutex<Preferences>>) -> Self {
        Self {
            preferences,
            last: None,
        }
    }

    /// Queues one change.
    pub(super) fn write(
        &mut self,
        change: impl FnOnce(&mut Preferences) -> io::Result<()> + Send + 'static,
    ) {
        let preferences = self.preferences.clone();
        let before = self.last.take();
        self.last = Some(tokio::spawn(async move {
            if let Some(before) = before {
                let _ = before.await;
            }
            let _ = spawn_blocking(move || apply(&preferences, change)).await;
        }));
    }

    /// Returns when every change is on disk.
    pub(super) async fn finish(self) {
        if let Some(last) = self.last {
            let _ = last.await;
        }
    }
}

fn apply(
    preferences: &Mutex<Preferences>,
    change: impl FnOnce(&mut Preferences) -> io::Result<()>,
) {
    if let Err(error) = change(&mut lock(preferences)) {
        tracing::warn!(%error, "a preference was not stored");
    }
}
