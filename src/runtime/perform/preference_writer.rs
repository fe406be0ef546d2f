//! What was chosen goes to disk in the background, in the order it was chosen: a held key must not wait for a disk.

use std::io;
use std::sync::{Arc, Mutex};

use tokio::task::{JoinHandle, spawn_blocking};

use crate::preferences::Preferences;
use crate::sync::lock;

/// Remembers one thing after the other.
pub struct PreferenceWriter {
    preferences: Arc<Mutex<Preferences>>,
    last: Option<JoinHandle<()>>,
}

impl PreferenceWriter {
    /// Over what was remembered before.
    pub fn new(preferences: Arc<Mutex<Preferences>>) -> Self {
        Self {
            preferences,
            last: None,
        }
    }

    /// Remembers one change.
    pub fn remember(
        &mut self,
        change: impl FnOnce(&mut Preferences) -> io::Result<()> + Send + 'static,
    ) {
        let (preferences, before) = (self.preferences.clone(), self.last.take());
        self.last = Some(tokio::spawn(async move {
            if let Some(before) = before {
                let _ = before.await;
            }
            let _ = spawn_blocking(move || write(&preferences, change)).await;
        }));
    }

    /// Returns when everything is on disk.
    pub async fn finish(self) {
        if let Some(last) = self.last {
            let _ = last.await;
        }
    }
}

fn write(
    preferences: &Mutex<Preferences>,
    change: impl FnOnce(&mut Preferences) -> io::Result<()>,
) {
    let mut preferences = lock(preferences);
    if let Err(error) = change(&mut preferences) {
        tracing::warn!(%error, "what was chosen is not remembered");
    }
}
