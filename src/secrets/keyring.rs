//! The keyring of the operating system: Secret Service, Keychain or Credential Manager.
//!
//! An unlock prompt that nobody sees can hang for ever, so every call runs on a thread of its own and is given up after
//! a deadline. Such a thread stays behind until its prompt is answered: there is no way to end it.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use keyring::{Entry, Error};
use secrecy::{ExposeSecret, SecretString};

use super::{SecretError, SecretStore};

/// Under which name the entries appear in the keyring.
const SERVICE: &str = "mock-interviewer";

/// Longest wait for the keyring.
const DEADLINE: Duration = Duration::from_secs(5);

/// The keyring of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyringStore {}

impl KeyringStore {
    /// Whether there is a keyring at all. It may still turn out to be locked.
    pub fn is_available() -> bool {
        within(DEADLINE, || Entry::store_status().is_ok()) == Some(true)
    }
}

impl SecretStore for KeyringStore {
    fn get(&self, entry: &str) -> Result<Option<SecretString>, SecretError> {
        let secret = ask(entry, Entry::get_password)?;
        Ok(secret.map(SecretString::from))
    }

    fn set(&self, entry: &str, secret: &SecretString) -> Result<(), SecretError> {
        let secret = secret.clone();
        ask(entry, move |entry| {
            entry.set_password(secret.expose_secret())
        })
        .map(drop)
    }

    fn delete(&self, entry: &str) -> Result<(), SecretError> {
        ask(entry, Entry::delete_credential).map(drop)
    }
}

/// Does `work` with an entry; `None` when there is no such entry.
fn ask<T, W>(name: &str, work: W) -> Result<Option<T>, SecretError>
where
    T: Send + 'static,
    W: FnOnce(&Entry) -> keyring::Result<T> + Send + 'static,
{
    let name = name.to_owned();
    let answer = within(DEADLINE, move || {
        Entry::new(SERVICE, &name).and_then(|entry| work(&entry))
    });
    match answer.ok_or(SecretError::Locked)? {
        Ok(value) => Ok(Some(value)),
        Err(Error::NoEntry) => Ok(None),
        Err(Error::NoDefaultStore) => Err(SecretError::NoKeyring),
        Err(Error::NoStorageAccess(_)) => Err(SecretError::Locked),
        Err(other) => Err(SecretError::Failed(other.to_string())),
    }
}

/// What `work` gives, if it does so within `deadline`.
fn within<T: Send + 'static>(
    deadline: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = mpsc::sync_channel(1);
    // Nobody may be waiting any more: then the answer is dropped.
    thread::spawn(move || sender.send(work()).ok());
    let answer = receiver.recv_timeout(deadline).ok();
    if answer.is_none() {
        tracing::warn!(?deadline, "the keyring does not answer");
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyring_that_hangs_is_given_up() {
        let (hold, released) = mpsc::channel::<()>();
        assert_eq!(
            within(Duration::from_millis(1), move || released.recv().is_ok()),
            None
        );
        drop(hold);
        assert_eq!(within(DEADLINE, || 7), Some(7));
    }
}
