//! Stores unsent drafts on disk soon after each change, so that they survive a kill. Each draft
//! belongs to its question and has a file of its own.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::files;
use crate::interview::QuestionRef;
use crate::sync::lock;

/// Changes within this time are written together. The promise to the user is one second.
const WRITE_DELAY: Duration = Duration::from_millis(250);
/// A draft that nobody came back to for this long is removed.
const KEPT_FOR: Duration = Duration::from_hours(30 * 24);

/// The drafts that are not written yet.
type Pending = Arc<Mutex<BTreeMap<QuestionRef, String>>>;

/// Writes the latest drafts, one write at a time.
pub(super) struct DraftWriter {
    folder: PathBuf,
    pending: Pending,
    changed: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl DraftWriter {
    /// Starts the task that writes into `folder`, after removing what is too old.
    pub(super) fn start(folder: PathBuf) -> Self {
        let (changed, mut wake_ups) = watch::channel(());
        let pending = Pending::default();
        let task = tokio::spawn({
            let pending = pending.clone();
            let folder = folder.clone();
            async move {
                prune(&folder, SystemTime::now());
                while wake_ups.changed().await.is_ok() {
                    sleep(WRITE_DELAY).await;
                    wake_ups.mark_unchanged();
                    write_all(&folder, &pending);
                }
            }
        });
        Self {
            folder,
            pending,
            changed,
            task,
        }
    }

    /// Stores this draft; an empty one removes its file.
    pub(super) fn save(&self, of: QuestionRef, text: String) {
        lock(&self.pending).insert(of, text);
        self.changed.send_replace(());
    }

    /// Returns the draft of this question, if there is one.
    pub(super) fn saved(&self, of: &QuestionRef) -> Option<String> {
        let pending = lock(&self.pending).get(of).cloned();
        pending
            .or_else(|| std::fs::read_to_string(file(&self.folder, of)).ok())
            .filter(|text| !text.is_empty())
    }

    /// Returns when the latest drafts are on disk.
    pub(super) async fn finish(self) {
        drop(self.changed);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the draft was not written");
        }
    }
}

/// Writes what is pending. A draft stays pending until it is on disk, and if it changed meanwhile.
fn write_all(folder: &Path, pending: &Pending) {
    let drafts = lock(pending).clone();
    for (of, text) in &drafts {
        write(&file(folder, of), text);
    }
    lock(pending).retain(|of, text| drafts.get(of) != Some(text));
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

fn file(folder: &Path, of: &QuestionRef) -> PathBuf {
    folder.join(format!("{}{}.txt", prefix(&of.interview), of.index))
}

/// Returns how the files of an interview begin. A server may name its interviews as it likes, so
/// only a plain name becomes part of a path.
fn prefix(interview: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if (1..=64).contains(&interview.len()) && interview.chars().all(is_plain) {
        format!("{interview}.")
    } else {
        format!("{}.", hex::encode(Sha256::digest(interview)))
    }
}

/// Removes the drafts of an interview, which is deleted.
pub fn remove_drafts(folder: &Path, interview: &str) {
    let prefix = prefix(interview);
    remove_where(folder, |entry| {
        entry.file_name().to_string_lossy().starts_with(&prefix)
    });
}

fn prune(folder: &Path, now: SystemTime) {
    remove_where(folder, |entry| {
        let modified = entry.metadata().and_then(|data| data.modified());
        modified.is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > KEPT_FOR))
    });
}

fn remove_where(folder: &Path, is_over: impl Fn(&std::fs::DirEntry) -> bool) {
    // Without the folder there is no draft.
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(is_over) {
        if let Err(error) = remove(&entry.path()) {
            tracing::warn!(%error, "an old draft cannot be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(interview: &str, index: u32) -> QuestionRef {
        QuestionRef {
            interview: interview.to_owned(),
            index,
        }
    }

    /// Stores drafts as one run of the program does.
    async fn run(folder: &Path, drafts: &[(&QuestionRef, &str)]) {
        let writer = DraftWriter::start(folder.to_owned());
        for (of, text) in drafts {
            writer.save((*of).clone(), (*text).to_owned());
        }
        writer.finish().await;
    }

    #[tokio::test]
    async fn a_draft_is_found_only_at_its_own_question() {
        let folder = tempfile::tempdir().unwrap();
        let backend = question("aaaa", 2);
        let python = question("bbbb", 2);
        run(folder.path(), &[(&backend, "an index")]).await;
        run(folder.path(), &[(&python, "a list"), (&python, "a tuple")]).await;
        let writer = DraftWriter::start(folder.path().to_owned());
        let found = [
            &backend,
            &python,
            &question("aaaa", 1),
            &question("aaaa", 22),
        ]
        .map(|of| writer.saved(of));
        let expected = [
            Some("an index".to_owned()),
            Some("a tuple".to_owned()),
            None,
            None,
        ];
        assert_eq!(found, expected);
    }

    #[tokio::test]
    async fn a_draft_is_found_before_it_is_written_and_gone_once_it_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let of = question("aaaa", 1);
        let writer = DraftWriter::start(folder.path().to_owned());
        writer.save(of.clone(), "half".to_owned());
        assert_eq!(writer.saved(&of).as_deref(), Some("half"));
        writer.finish().await;
        run(folder.path(), &[(&of, "")]).await;
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn an_interview_is_deleted_with_its_drafts_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let hostile = question("../../etc/passwd", 1);
        let kept = question("aaaab", 1);
        let drafts = [question("aaaa", 1), question("aaaa", 2)];
        let all = [
            (&drafts[0], "1"),
            (&drafts[1], "2"),
            (&kept, "3"),
            (&hostile, "4"),
        ];
        run(folder.path(), &all).await;
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4);
        remove_drafts(folder.path(), "aaaa");
        remove_drafts(folder.path(), "../../etc/passwd");
        let writer = DraftWriter::start(folder.path().to_owned());
        let left = [&drafts[0], &drafts[1], &kept, &hostile].map(|of| writer.saved(of).is_some());
        assert_eq!(left, [false, false, true, false]);
    }

    #[tokio::test]
    async fn a_draft_that_nobody_came_back_to_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let of = question("aaaa", 1);
        run(folder.path(), &[(&of, "half")]).await;
        let now = SystemTime::now();
        prune(folder.path(), now + KEPT_FOR - Duration::from_mins(1));
        assert!(file(folder.path(), &of).exists());
        prune(folder.path(), now + KEPT_FOR + Duration::from_mins(1));
        assert!(!file(folder.path(), &of).exists());
    }
}
