//! Speech kept on disk: what the program says again and again is synthesised, or paid for, once.
//!
//! One file an entry, named by what it is the sound of: the SHA-256 of its contents, then the audio. A file is written
//! whole or not at all, and one that was damaged since is dropped when it is next asked for. Its time of change is when it
//! was last used: beyond the limit the oldest go.

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

/// Bytes of a SHA-256.
const DIGEST: usize = 32;

/// A folder of speech.
#[derive(Clone, Debug)]
pub struct SpeechCache {
    folder: PathBuf,
    limit: u64,
    bank: Arc<Bank>,
}

impl SpeechCache {
    /// At most `limit` bytes in `folder`, which is made when there is something to keep.
    pub fn new(folder: PathBuf, limit: u64, bank: Arc<Bank>) -> Self {
        Self {
            folder,
            limit,
            bank,
        }
    }

    /// Only what stands in the question bank or is a fixed line of the program: nothing of the candidate's can be in it,
    /// and nothing a model wrote. Whoever says it, the words are the program's own.
    pub fn may_store(&self, markdown: &str, language: Language) -> bool {
        bank_interviewer::is_own_line(&self.bank, markdown, language)
    }

    /// Names the sound of `text` as an engine of this identity makes it.
    pub fn key(engine: &[String], language: Language, text: &str) -> String {
        let mut hash = Sha256::new();
        let parts = engine
            .iter()
            .map(String::as_str)
            .chain([language.code(), text]);
        for part in parts {
            // The length in front: no two lists of parts look the same.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hex::encode(hash.finalize())
    }

    /// What is kept under `key`.
    pub async fn get(&self, key: &str) -> Option<Speech> {
        let path = self.folder.join(key);
        spawn_blocking(move || read(&path)).await.ok().flatten()
    }

    /// Keeps it, in the background. A disk that is full or not writable costs the next synthesis, no more.
    pub fn store(&self, key: String, speech: Speech) -> JoinHandle<()> {
        let cache = self.clone();
        spawn_blocking(move || {
            if let Err(error) = cache.write(&key, &speech.bytes) {
                tracing::warn!(%error, "speech could not be kept on disk");
            }
        })
    }

    fn write(&self, key: &str, audio: &[u8]) -> io::Result<()> {
        if (audio.len() + DIGEST) as u64 > self.limit {
            return Ok(());
        }
        let entry = [Sha256::digest(audio).as_slice(), audio].concat();
        files::replace(&self.folder.join(key), &entry)?;
        self.shrink()
    }

    /// Removes what was not used for longest, what a killed run left half written included.
    fn shrink(&self) -> io::Result<()> {
        let mut entries: Vec<_> = fs::read_dir(&self.folder)?
            .flatten()
            .filter_map(|entry| used(&entry.path()))
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

/// When a file was last used, and how large it is.
fn used(path: &Path) -> Option<(SystemTime, u64, PathBuf)> {
    let file = path.metadata().ok().filter(fs::Metadata::is_file)?;
    Some((file.modified().ok()?, file.len(), path.to_owned()))
}

/// The audio of an entry, which counts as used now. A damaged entry is removed.
fn read(path: &Path) -> Option<Speech> {
    let entry = Bytes::from(fs::read(path).ok()?);
    let speech = whole(&entry);
    let touched = match &speech {
        Some(_) => File::options()
            .append(true)
            .open(path)
            .and_then(|file| file.set_modified(SystemTime::now())),
        None => fs::remove_file(path),
    };
    if let Err(error) = touched {
        tracing::debug!(%error, "an entry of the speech cache stays as it is");
    }
    speech
}

fn whole(entry: &Bytes) -> Option<Speech> {
    let (digest, audio) = entry.split_at_checked(DIGEST)?;
    let format = AudioFormat::sniff(audio)?;
    (Sha256::digest(audio).as_slice() == digest).then(|| Speech {
        bytes: entry.slice(DIGEST..),
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
    async fn what_is_kept_is_found_by_another_run_and_is_the_users_alone() {
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
    async fn a_damaged_entry_is_dropped() {
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
    async fn beyond_the_limit_what_was_not_used_for_longest_goes() {
        let folder = tempfile::tempdir().unwrap();
        // Two entries of 41 bytes fit.
        let cache = cache(folder.path(), 100);
        for key in ["old", "new"] {
            cache.store(key.into(), speech("sound")).await.unwrap();
        }
        let ago = |key: &str, seconds| {
            let file = File::options()
                .append(true)
                .open(folder.path().join("speech").join(key))
                .unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(seconds))
                .unwrap();
        };
        ago("old", 60);
        ago("new", 30);
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
    async fn what_exceeds_the_limit_alone_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        cache(folder.path(), 40)
            .store("key".into(), speech("sound"))
            .await
            .unwrap();
        assert!(!folder.path().join("speech").exists());
    }

    #[test]
    fn another_engine_language_text_or_rate_is_another_key() {
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
