//! What was chosen goes to disk in the background, in the order it was chosen: a held key must not wait for a disk.

use std::io;
use std::sync::{Arc, Mutex};

use tokio::task::{JoinHandle, spawn_blocking};

use crate::choices::Choices;
use crate::sync::lock;

/// Remembers one thing after the other.
pub struct Memory {
    choices: Arc<Mutex<Choices>>,
    last: Option<JoinHandle<()>>,
}

impl Memory {
    /// Over what was remembered before.
    pub fn new(choices: Arc<Mutex<Choices>>) -> Self {
        Self {
            choices,
            last: None,
        }
    }

    /// Remembers one change.
    pub fn remember(
        &mut self,
        change: impl FnOnce(&mut Choices) -> io::Result<()> + Send + 'static,
    ) {
        let (choices, before) = (self.choices.clone(), self.last.take());
        self.last = Some(tokio::spawn(async move {
            if let Some(before) = before {
                let _ = before.await;
            }
            let _ = spawn_blocking(move || write(&choices, change)).await;
        }));
    }

    /// Returns when everything is on disk.
    pub async fn finish(self) {
        if let Some(last) = self.last {
            let _ = last.await;
        }
    }
}

fn write(choices: &Mutex<Choices>, change: impl FnOnce(&mut Choices) -> io::Result<()>) {
    let mut choices = lock(choices);
    if let Err(error) = change(&mut choices) {
        tracing::warn!(%error, "what was chosen is not remembered");
    }
}
