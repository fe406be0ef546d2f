//! Secrets in a file that only its owner can read. It is used where there is no keyring, and only
//! when the user chooses it.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use secrecy::{ExposeSecret, SecretString};
use tempfile::NamedTempFile;

use super::{SecretError, SecretStore};
use crate::sync::lock;

/// A JSON file of entries and secrets with mode 0600. A file that others can read is refused.
#[derive(Debug)]
pub struct FileStore {
    path: PathBuf,
    /// Serializes changes, each of which reads the file and replaces it.
    change: Mutex<()>,
}

type Secrets = BTreeMap<String, String>;

impl FileStore {
    /// Uses the file at `path`, which is created when the first secret is stored.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            change: Mutex::new(()),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn failed(&self, error: &std::io::Error) -> SecretError {
        SecretError::File {
            path: self.shown(),
            kind: error.kind(),
            words: error.to_string(),
        }
    }

    fn shown(&self) -> String {
        self.path.display().to_string()
    }

    fn read(&self) -> Result<Secrets, SecretError> {
        let mut file = match std::fs::File::open(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Secrets::new()),
            opened => opened.map_err(|error| self.failed(&error))?,
        };
        if is_readable_by_others(&file).map_err(|error| self.failed(&error))? {
            return Err(SecretError::Exposed { path: self.shown() });
        }
        let mut text = String::new();
        file.read_to_string(&mut text)
            .map_err(|error| self.failed(&error))?;
        // The parser's message may quote a secret.
        serde_json::from_str(&text).map_err(|error| SecretError::Damaged {
            path: self.shown(),
            line: error.line(),
            column: error.column(),
        })
    }

    /// Replaces the file in one step, so that a crash leaves either the old file or the new one.
    fn write(&self, secrets: &Secrets) -> std::io::Result<()> {
        let folder = self
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        // A named temporary file is created with mode 0600.
        let mut file = NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut file, secrets)?;
        file.flush()?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }

    fn change(&self, edit: impl FnOnce(&mut Secrets)) -> Result<(), SecretError> {
        let _guard = lock(&self.change);
        let before = self.read()?;
        let mut after = before.clone();
        edit(&mut after);
        if after == before {
            Ok(())
        } else {
            self.write(&after).map_err(|error| self.failed(&error))
        }
    }
}

impl SecretStore for FileStore {
    fn get(&self, entry: &str) -> Result<Option<SecretString>, SecretError> {
        Ok(self.read()?.remove(entry).map(SecretString::from))
    }

    fn set(&self, entry: &str, secret: &SecretString) -> Result<(), SecretError> {
        self.change(|secrets| {
            drop(secrets.insert(entry.to_owned(), secret.expose_secret().to_owned()));
        })
    }

    fn delete(&self, entry: &str) -> Result<(), SecretError> {
        self.change(|secrets| drop(secrets.remove(entry)))
    }
}

#[cfg(unix)]
fn is_readable_by_others(file: &std::fs::File) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

/// A file in the user's own folder is private on other systems.
#[cfg(not(unix))]
fn is_readable_by_others(_: &std::fs::File) -> std::io::Result<bool> {
    Ok(false)
}
