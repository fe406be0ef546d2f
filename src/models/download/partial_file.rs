//! A partially downloaded model: a growing file, a description beside it, and a lock.
//!
//! ```text
//! ggml-base.en.bin.part        the bytes so far, locked while somebody adds to them
//! ggml-base.en.bin.part.json   which model they belong to, and where they came from
//! ```
//!
//! The lock is on the partial file itself, so no lock file is left behind. A process that waited
//! for the lock checks whether the file it opened is still at the path, and opens the path again if
//! the file was renamed or removed.

use std::fs::TryLockError;
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::super::{Model, digest};

/// The description of a partial file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PartialMetadata {
    /// The SHA-256 of the whole model in hex.
    pub sha256: String,
    /// The source of the bytes, without credentials.
    pub url: String,
    /// The strong `ETag` of the file, if the server sent one.
    pub etag: Option<String>,
}

/// The locked file with the received bytes of a model.
#[derive(Debug)]
pub(super) struct PartialFile {
    path: PathBuf,
    file: File,
    hash: Sha256,
    /// The bytes received.
    pub done: u64,
    pub metadata: PartialMetadata,
    /// True if the bytes may come from different files, since an earlier download or several
    /// responses contributed to them.
    pub joined: bool,
}

impl PartialFile {
    /// Opens the partial file of `model` or creates it. If another process or task has it open,
    /// calls `waiting` and waits until it is closed. Bytes that cannot be the beginning of the
    /// model are discarded.
    pub async fn open(target: &Path, model: &Model, waiting: impl FnOnce()) -> io::Result<Self> {
        let path = partial_path(target);
        let file = open_locked(&path, waiting).await?;
        let metadata = read(&path)
            .await
            .filter(|metadata| metadata.sha256 == model.sha256)
            .unwrap_or_default();
        let mut partial = Self {
            path,
            file: File::from_std(file),
            hash: Sha256::new(),
            done: 0,
            metadata,
            joined: false,
        };
        let found = partial.file.metadata().await?.len();
        if partial.metadata.sha256.is_empty() || found > model.bytes {
            partial.restart().await?;
        } else {
            partial.done = digest::hash_rest(&mut partial.file, &mut partial.hash).await?;
        }
        Ok(partial)
    }

    /// Discards the received bytes.
    pub async fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0).await?;
        self.file.seek(SeekFrom::Start(0)).await?;
        self.hash = Sha256::new();
        self.done = 0;
        self.joined = false;
        Ok(())
    }

    /// Stores the description of the bytes that follow.
    pub async fn describe(&mut self, metadata: PartialMetadata) -> io::Result<()> {
        if self.metadata != metadata {
            fs::write(metadata_path(&self.path), serde_json::to_vec(&metadata)?).await?;
            self.metadata = metadata;
        }
        Ok(())
    }

    pub async fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).await?;
        self.hash.update(bytes);
        self.done += bytes.len() as u64;
        Ok(())
    }

    /// Returns the SHA-256 of the received bytes in hex.
    pub fn sha256(&self) -> String {
        hex::encode(self.hash.clone().finalize())
    }

    /// Flushes the file to the disk and renames it to `target`.
    pub async fn finish(self, target: &Path) -> io::Result<()> {
        self.file.sync_all().await?;
        fs::rename(&self.path, target).await?;
        let _ = fs::remove_file(metadata_path(&self.path)).await;
        sync_folder_of(target).await
    }

    /// Keeps the received bytes for the next attempt, or removes an empty file.
    pub async fn keep_for_later(mut self) -> io::Result<()> {
        // Only buffered bytes are flushed. The system may write them to the disk later.
        self.file.flush().await?;
        if self.done == 0 {
            self.discard().await
        } else {
            Ok(())
        }
    }

    /// Removes the file and its description.
    pub async fn discard(self) -> io::Result<()> {
        let _ = fs::remove_file(metadata_path(&self.path)).await;
        fs::remove_file(&self.path).await
    }
}

/// Returns the bytes of an interrupted download of `model` that can be resumed.
pub(in super::super) fn resumable_bytes(target: &Path, model: &Model) -> Option<u64> {
    let path = partial_path(target);
    let metadata: PartialMetadata =
        serde_json::from_slice(&std::fs::read(metadata_path(&path)).ok()?).ok()?;
    let found = std::fs::metadata(&path).ok()?.len();
    (metadata.sha256 == model.sha256 && (1..=model.bytes).contains(&found)).then_some(found)
}

/// Removes an interrupted download of `target` and returns whether there was one. Fails with
/// `WouldBlock` while it is running.
pub(in super::super) fn remove(target: &Path) -> io::Result<bool> {
    let path = partial_path(target);
    let file = match std::fs::File::options().write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    let _ = std::fs::remove_file(metadata_path(&path));
    std::fs::remove_file(&path).map(|()| true)
}

fn partial_path(target: &Path) -> PathBuf {
    target.with_extension("bin.part")
}

fn metadata_path(path: &Path) -> PathBuf {
    path.with_extension("part.json")
}

async fn read(path: &Path) -> Option<PartialMetadata> {
    serde_json::from_slice(&fs::read(metadata_path(path)).await.ok()?).ok()
}

async fn open_locked(path: &Path, waiting: impl FnOnce()) -> io::Result<std::fs::File> {
    let mut waiting = Some(waiting);
    loop {
        let file = std::fs::File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        let file = match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                if let Some(waiting) = waiting.take() {
                    waiting();
                }
                wait_for(file).await?
            }
            // Some network file systems do not support locks. The checksum then catches two
            // downloads at once.
            _ => file,
        };
        if is_at(&file, path) {
            return Ok(file);
        }
    }
}

async fn wait_for(file: std::fs::File) -> io::Result<std::fs::File> {
    let lock = move || file.lock().map(|()| file);
    tokio::task::spawn_blocking(lock)
        .await
        .map_err(io::Error::other)?
}

/// Returns whether the open `file` is still the one at `path`.
#[cfg(unix)]
fn is_at(file: &std::fs::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = |one: &std::fs::Metadata, other: &std::fs::Metadata| {
        (one.dev(), one.ino()) == (other.dev(), other.ino())
    };
    matches!((file.metadata(), std::fs::metadata(path)), (Ok(open), Ok(there)) if same(&open, &there))
}

#[cfg(not(unix))]
fn is_at(_file: &std::fs::File, path: &Path) -> bool {
    path.exists()
}

/// Flushes the folder, because a rename is on the disk only when its folder is.
async fn sync_folder_of(target: &Path) -> io::Result<()> {
    match target.parent() {
        Some(folder) if cfg!(unix) => File::open(folder).await?.sync_all().await,
        _ => Ok(()),
    }
}
