//! What is there of a model that is not whole yet: a file that grows, a metadata beside it that says what it is, and a lock.
//!
//! ```text
//! ggml-base.en.bin.part        the bytes so far, locked while somebody adds to them
//! ggml-base.en.bin.part.json   which model they belong to, and where they came from
//! ```
//!
//! The lock is on the partial file itself, so nothing is left behind: whoever waited for it looks whether the file it
//! has opened is still the one that lies there, and opens it again if it was renamed or removed meanwhile.

use std::fs::TryLockError;
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::super::{Model, digest};

/// What lies in a partial file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PartialMetadata {
    /// Of the whole model, hex.
    pub sha256: String,
    /// Where the bytes came from, without credentials.
    pub url: String,
    /// The server's name for exactly this file, where it has a strong one.
    pub etag: Option<String>,
}

/// The bytes of a model so far, locked.
#[derive(Debug)]
pub(super) struct PartialFile {
    path: PathBuf,
    file: File,
    hash: Sha256,
    /// Bytes that are there.
    pub done: u64,
    /// What they are.
    pub metadata: PartialMetadata,
    /// They may come from different files: from an earlier download, or from several answers.
    pub joined: bool,
}

impl PartialFile {
    /// Opens what is left of an earlier download of `model`, or begins; `waiting` is called if another process or task
    /// has it open, and then this waits for its end. What is no beginning of the model is thrown away.
    pub async fn open(target: &Path, model: &Model, waiting: impl FnOnce()) -> io::Result<Self> {
        let path = path_of(target);
        let file = locked(&path, waiting).await?;
        let metadata = read(&path)
            .await
            .filter(|metadata| metadata.sha256 == model.sha256)
            .unwrap_or_default();
        let mut part = Self {
            path,
            file: File::from_std(file),
            hash: Sha256::new(),
            done: 0,
            metadata,
            joined: false,
        };
        let left = part.file.metadata().await?.len();
        if part.metadata.sha256.is_empty() || left > model.bytes {
            part.restart().await?;
        } else {
            part.done = digest::rest(&mut part.file, &mut part.hash).await?;
        }
        Ok(part)
    }

    /// Throws away what is there.
    pub async fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0).await?;
        self.file.seek(SeekFrom::Start(0)).await?;
        (self.hash, self.done, self.joined) = (Sha256::new(), 0, false);
        Ok(())
    }

    /// Writes down what the bytes that follow are.
    pub async fn describe(&mut self, metadata: PartialMetadata) -> io::Result<()> {
        if self.metadata != metadata {
            fs::write(note_of(&self.path), serde_json::to_vec(&metadata)?).await?;
            self.metadata = metadata;
        }
        Ok(())
    }

    /// Adds bytes.
    pub async fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).await?;
        self.hash.update(bytes);
        self.done += bytes.len() as u64;
        Ok(())
    }

    /// SHA-256 of what is there, hex.
    pub fn sha256(&self) -> String {
        hex::encode(self.hash.clone().finalize())
    }

    /// Brings everything to the disk and gives it its name.
    pub async fn finish(self, target: &Path) -> io::Result<()> {
        self.file.sync_all().await?;
        fs::rename(&self.path, target).await?;
        let _ = fs::remove_file(note_of(&self.path)).await;
        sync_folder_of(target).await
    }

    /// Leaves what is there for the next try, and nothing if there is nothing.
    pub async fn leave(mut self) -> io::Result<()> {
        // What is still in memory; the disk may take its time.
        self.file.flush().await?;
        if self.done == 0 {
            self.discard().await
        } else {
            Ok(())
        }
    }

    /// Removes it.
    pub async fn discard(self) -> io::Result<()> {
        let _ = fs::remove_file(note_of(&self.path)).await;
        fs::remove_file(&self.path).await
    }
}

/// Bytes of a model that lie in `folder` partially and can be gone on with.
pub(in super::super) fn bytes_of(target: &Path, model: &Model) -> Option<u64> {
    let path = path_of(target);
    let metadata: PartialMetadata =
        serde_json::from_slice(&std::fs::read(note_of(&path)).ok()?).ok()?;
    let left = std::fs::metadata(&path).ok()?.len();
    (metadata.sha256 == model.sha256 && (1..=model.bytes).contains(&left)).then_some(left)
}

/// Removes what is left of a download of `target`, if there is anything; `WouldBlock` while one goes on.
pub(in super::super) fn remove(target: &Path) -> io::Result<bool> {
    let path = path_of(target);
    let file = match std::fs::File::options().write(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    let _ = std::fs::remove_file(note_of(&path));
    std::fs::remove_file(&path).map(|()| true)
}

fn path_of(target: &Path) -> PathBuf {
    target.with_extension("bin.part")
}

fn note_of(path: &Path) -> PathBuf {
    path.with_extension("part.json")
}

async fn read(path: &Path) -> Option<PartialMetadata> {
    serde_json::from_slice(&fs::read(note_of(path)).await.ok()?).ok()
}

async fn locked(path: &Path, waiting: impl FnOnce()) -> io::Result<std::fs::File> {
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
            // Some network file systems know no locks: two downloads at once are then caught by the checksum.
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

/// Is the open `file` still the one at `path`?
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

/// A rename is on the disk when its folder is.
async fn sync_folder_of(target: &Path) -> io::Result<()> {
    match target.parent() {
        Some(folder) if cfg!(unix) => File::open(folder).await?.sync_all().await,
        _ => Ok(()),
    }
}
