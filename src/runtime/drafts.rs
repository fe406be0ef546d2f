//! Stores the unsent draft on disk soon after each change, so that it survives a kill.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::files;

/// Changes within this time are written together. The promise to the user is one second.
const WRITE_DELAY: Duration = Duration::from_millis(250);

/// Writes the latest draft, one write at a time.
pub(super) struct DraftWriter {
    latest: watch::Sender<String>,
    task: JoinHandle<()>,
}

impl DraftWriter {
    /// Starts the task that writes to `path`.
    pub(super) fn start(path: PathBuf) -> Self {
        let (latest, mut changes) = watch::channel(String::new());
        let task = tokio::spawn(async move {
            while changes.changed().await.is_ok() {
                sleep(WRITE_DELAY).await;
                let text = changes.borrow_and_update().clone();
                write(&path, &text);
            }
        });
        Self { latest, task }
    }

    /// Stores this draft; an empty one removes the file.
    pub(super) fn save(&self, text: String) {
        self.latest.send_replace(text);
    }

    /// Returns when the latest draft is on disk.
    pub(super) async fn finish(self) {
        drop(self.latest);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the draft was not written");
        }
    }
}

fn write(path: &Path, text: &str) {
    let outcome = if text.is_empty() {
        remove(path)
    } else {
        files::replace(path, text.as_bytes())
    };
    if let Err(error) = outcome {
        tracing::error!(%error, "the draft cannot be written");
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns the draft that an earlier run left, if any.
pub(super) fn saved(path: &Path) -> Option<String> {
    std::fs::read_to_string(path)
        .ok()
        .filter(|text| !text.is_empty())
}
