//! Secrets in a file that only its owner may read: chosen by the user where there is no keyring, never by itself.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use secrecy::{ExposeSecret, SecretString};
use tempfile::NamedTempFile;

use super::{SecretError, SecretStore};
use crate::sync::lock;

/// A JSON object of entry and secret, mode 0600. A file that others may read is refused, not used.
#[derive(Debug)]
pub struct FileStore {
    path: PathBuf,
    /// One change at a time: each reads the file, alters it and puts it back.
    turn: Mutex<()>,
}

type Secrets = BTreeMap<String, String>;

impl FileStore {
    /// At `path`, which need not exist yet.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            turn: Mutex::new(()),
        }
    }

    /// Where the secrets are.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn failed(&self, reason: impl std::fmt::Display) -> SecretError {
        SecretError::Failed(format!("{}: {reason}", self.path.display()))
    }

    fn read(&self) -> Result<Secrets, SecretError> {
        let mut file = match std::fs::File::open(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Secrets::new()),
            opened => opened.map_err(|error| self.failed(error))?,
        };
        if is_open_to_others(&file).map_err(|error| self.failed(error))? {
            return Err(self.failed("other users may read it; chmod 600 makes it yours alone"));
        }
        let mut text = String::new();
        file.read_to_string(&mut text)
            .map_err(|error| self.failed(error))?;
        // The parser's own words may quote a secret.
        serde_json::from_str(&text).map_err(|error| {
            self.failed(format!(
                "not what it should be, in line {} column {}",
                error.line(),
                error.column()
            ))
        })
    }

    /// Replaces the file in one step, so that a crash leaves the old one or the new one.
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
        let _turn = lock(&self.turn);
        let before = self.read()?;
        let mut after = before.clone();
        edit(&mut after);
        if after == before {
            Ok(())
        } else {
            self.write(&after).map_err(|error| self.failed(error))
        }
    }
}

impl SecretStore for FileStore {
    fn get(&self, entry: &str) -> Result<Option<SecretString>, SecretError> {
        Ok(self.read()?.remove(entry).map(SecretString::from))
    }

    fn set(&self, entry: &str, secret: &SecretString) -> Result<(), SecretError> {
        self.change(|secrets| {
            drop(secrets.insert(entry.to_owned(), secret.expose_secret().to_owned()))
        })
    }

    fn delete(&self, entry: &str) -> Result<(), SecretError> {
        self.change(|secrets| drop(secrets.remove(entry)))
    }
}

#[cfg(unix)]
fn is_open_to_others(file: &std::fs::File) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

/// Elsewhere a file in the user's own folder is the user's alone.
#[cfg(not(unix))]
fn is_open_to_others(_: &std::fs::File) -> std::io::Result<bool> {
    Ok(false)
}
