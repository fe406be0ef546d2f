//! Secrets in memory, for this run only.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use secrecy::SecretString;

use super::{SecretError, SecretStore};
use crate::sync::lock;

/// A store that loses its secrets when the program ends.
#[derive(Debug, Default)]
pub struct MemoryStore {
    secrets: Mutex<BTreeMap<String, SecretString>>,
}

impl MemoryStore {
    fn secrets(&self) -> MutexGuard<'_, BTreeMap<String, SecretString>> {
        lock(&self.secrets)
    }
}

impl SecretStore for MemoryStore {
    fn get(&self, entry: &str) -> Result<Option<SecretString>, SecretError> {
        Ok(self.secrets().get(entry).cloned())
    }

    fn set(&self, entry: &str, secret: &SecretString) -> Result<(), SecretError> {
        self.secrets().insert(entry.to_owned(), secret.clone());
        Ok(())
    }

    fn delete(&self, entry: &str) -> Result<(), SecretError> {
        self.secrets().remove(entry);
        Ok(())
    }
}
