//! The unsent draft on disk: written soon after a change, so that it survives a kill.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::files;

/// Changes within this time are written once. The promise is one second.
const SETTLE: Duration = Duration::from_millis(250);

/// Writes the latest draft, one write at a time.
pub struct Drafts {
    latest: watch::Sender<String>,
    task: JoinHandle<()>,
}

impl Drafts {
    /// Starts the task that writes to `path`.
    pub fn start(path: PathBuf) -> Self {
        let (latest, mut changes) = watch::channel(String::new());
        let task = tokio::spawn(async move {
            while changes.changed().await.is_ok() {
                sleep(SETTLE).await;
                write(&path, &changes.borrow_and_update().clone());
            }
        });
        Self { latest, task }
    }

    /// This is the draft now; an empty one is forgotten.
    pub fn keep(&self, text: String) {
        self.latest.send_replace(text);
    }

    /// Writes what is left.
    pub async fn finish(self) {
        drop(self.latest);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the draft was not written");
        }
    }
}

fn write(path: &std::path::Path, text: &str) {
    let outcome = if text.is_empty() {
        forget(path)
    } else {
        files::replace(path, text.as_bytes())
    };
    if let Err(error) = outcome {
        tracing::error!(%error, "the draft cannot be written");
    }
}

fn forget(path: &std::path::Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The draft an earlier run left, if any.
pub fn left(path: &std::path::Path) -> Option<String> {
    std::fs::read_to_string(path)
        .ok()
        .filter(|text| !text.is_empty())
}
