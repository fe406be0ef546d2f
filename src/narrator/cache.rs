//! A cache of speech on disk, so that lines the program repeats are synthesised, or paid for, only
//! once.
//!
//! Each entry is a file named by its key. It holds the SHA-256 of the audio, then the audio. A file
//! is written completely or not at all, and a file that was damaged later is removed on the next
//! access. The modification time records the last use: beyond the size limit, the oldest files are
//! removed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::task::{JoinHandle, spawn_blocking};

use super::{AudioFormat, Speech};
use crate::files;
use crate::interview::bank::Bank;
use crate::interview::{Language, bank_interviewer};

/// The length of a SHA-256 in bytes.
const DIGEST_BYTES: usize = 32;

/// A folder of cached speech.
#[derive(Clone, Debug)]
pub struct SpeechCache {
    folder: PathBuf,
    limit: u64,
    bank: Arc<Bank>,
}

impl SpeechCache {
    /// Creates a cache of at most `limit` bytes in `folder`, which is created with the first entry.
    pub fn new(folder: PathBuf, limit: u64, bank: Arc<Bank>) -> Self {
        Self {
            folder,
            limit,
            bank,
        }
    }

    /// Returns whether `markdown` may be stored: only text of the question bank and fixed lines of
    /// the program. Nothing that the candidate or a model said is ever written to disk.
    pub fn may_store(&self, markdown: &str, language: Language) -> bool {
        bank_interviewer::is_own_line(&self.bank, markdown, language)
    }

    /// Returns the key for the speech that an engine of this identity makes of `text`.
    pub fn key(engine: &[String], language: Language, text: &str) -> String {
        let mut hash = Sha256::new();
        let parts = engine
            .iter()
            .map(String::as_str)
            .chain([language.code(), text]);
        for part in parts {
            // The length prefix keeps two different lists of parts from hashing alike.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hex::encode(hash.finalize())
    }

    /// Returns the speech stored under `key`.
    pub async fn get(&self, key: &str) -> Option<Speech> {
        let path = self.folder.join(key);
        spawn_blocking(move || read(&path)).await.ok().flatten()
    }

    /// Stores speech in the background. If the disk is full or read-only, the next use synthesises
    /// again.
    pub fn store(&self, key: String, speech: Speech) -> JoinHandle<()> {
        let cache = self.clone();
        spawn_blocking(move || {
            if let Err(error) = cache.write(&key, &speech.bytes) {
                tracing::warn!(%error, "cannot store speech on disk");
            }
        })
    }

    fn write(&self, key: &str, audio: &[u8]) -> io::Result<()> {
        if (audio.len() + DIGEST_BYTES) as u64 > self.limit {
            return Ok(());
        }
        let entry = [Sha256::digest(audio).as_slice(), audio].concat();
        files::replace(&self.folder.join(key), &entry)?;
        self.shrink()
    }

    /// Removes the entries that were unused for longest, and files that a killed run left
    /// incomplete.
    fn shrink(&self) -> io::Result<()> {
        let mut entries: Vec<_> = fs::read_dir(&self.folder)?
            .flatten()
            .filter_map(|entry| last_use(&entry.path()))
            .collect();
        let mut size: u64 = entries.iter().map(|(_, size, _)| size).sum();
        entries.sort();
        for (_, bytes, path) in entries {
            if size <= self.limit {
                break;
            }
            fs::remove_file(path)?;
            size -= bytes;
        }
        Ok(())
    }
}

/// Returns the time of last use, the size and the path of a file.
fn last_use(path: &Path) -> Option<(SystemTime, u64, PathBuf)> {
    let file = path.metadata().ok().filter(fs::Metadata::is_file)?;
    Some((file.modified().ok()?, file.len(), path.to_owned()))
}

/// Reads the audio of an entry and marks it as used now. A damaged entry is removed.
fn read(path: &Path) -> Option<Speech> {
    let entry = Bytes::from(fs::read(path).ok()?);
    let speech = verified(&entry);
    let touched = match &speech {
        Some(_) => File::options()
            .append(true)
            .open(path)
            .and_then(|file| file.set_modified(SystemTime::now())),
        None => fs::remove_file(path),
    };
    if let Err(error) = touched {
        tracing::debug!(%error, "cannot update an entry of the speech cache");
    }
    speech
}

fn verified(entry: &Bytes) -> Option<Speech> {
    let (digest, audio) = entry.split_at_checked(DIGEST_BYTES)?;
    let format = AudioFormat::sniff(audio)?;
    (Sha256::digest(audio).as_slice() == digest).then(|| Speech {
        bytes: entry.slice(DIGEST_BYTES..),
        format,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn cache(folder: &Path, limit: u64) -> SpeechCache {
        SpeechCache::new(folder.join("speech"), limit, Arc::new(Bank::default()))
    }

    fn speech(sound: &str) -> Speech {
        Speech {
            bytes: format!("OggS{sound}").into(),
            format: AudioFormat::Ogg,
        }
    }

    #[tokio::test]
    async fn another_run_finds_stored_speech_that_only_the_user_can_read() {
        let folder = tempfile::tempdir().unwrap();
        cache(folder.path(), 1_000)
            .store("key".into(), speech("sound"))
            .await
            .unwrap();
        let again = cache(folder.path(), 1_000);
        assert_eq!(again.get("key").await, Some(speech("sound")));
        assert_eq!(again.get("other").await, None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = folder
                .path()
                .join("speech/key")
                .metadata()
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn a_damaged_entry_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 1_000);
        let path = folder.path().join("speech/key");
        for damage in [
            |entry: &mut Vec<u8>| entry.truncate(40),
            |entry: &mut Vec<u8>| entry[39] ^= 1,
            Vec::clear,
        ] {
            cache.store("key".into(), speech("sound")).await.unwrap();
            let mut entry = fs::read(&path).unwrap();
            damage(&mut entry);
            fs::write(&path, entry).unwrap();
            assert_eq!(cache.get("key").await, None);
            assert!(!path.exists());
        }
    }

    #[tokio::test]
    async fn beyond_the_limit_the_least_recently_used_entry_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        // The limit leaves room for two entries of 41 bytes.
        let cache = cache(folder.path(), 100);
        for key in ["old", "new"] {
            cache.store(key.into(), speech("sound")).await.unwrap();
        }
        let set_age = |key: &str, seconds| {
            let file = File::options()
                .append(true)
                .open(folder.path().join("speech").join(key))
                .unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(seconds))
                .unwrap();
        };
        set_age("old", 60);
        set_age("new", 30);
        assert_eq!(
            cache.get("old").await,
            Some(speech("sound")),
            "and so it counts as used"
        );
        cache.store("third".into(), speech("sound")).await.unwrap();
        assert_eq!(cache.get("new").await, None);
        assert_eq!(
            (cache.get("old").await, cache.get("third").await),
            (Some(speech("sound")), Some(speech("sound")))
        );
    }

    #[tokio::test]
    async fn speech_larger_than_the_limit_is_not_stored() {
        let folder = tempfile::tempdir().unwrap();
        cache(folder.path(), 40)
            .store("key".into(), speech("sound"))
            .await
            .unwrap();
        assert!(!folder.path().join("speech").exists());
    }

    #[test]
    fn engine_language_text_and_rate_determine_the_key() {
        let engine = |parts: &[&str]| {
            parts
                .iter()
                .map(|&part| part.to_owned())
                .collect::<Vec<_>>()
        };
        let key = |parts: &[&str], language, text| SpeechCache::key(&engine(parts), language, text);
        let keys = [
            key(&["espeak-ng", "100"], Language::English, "Hello."),
            key(&["espeak-ng", "110"], Language::English, "Hello."),
            key(&["espeak-ng1", "00"], Language::English, "Hello."),
            key(&["espeak-ng", "100"], Language::Korean, "Hello."),
            key(&["espeak-ng", "100"], Language::English, "Hello"),
        ];
        let different: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
    }
}
