//! The keyring of the operating system: Secret Service, Keychain or Credential Manager.
//!
//! An unlock prompt that nobody sees can hang forever, so every call runs on a thread of its own
//! and is abandoned after a deadline. The thread remains until its prompt is answered, because it
//! cannot be stopped.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use keyring::{Entry, Error};
use secrecy::{ExposeSecret, SecretString};

use super::{SecretError, SecretStore};

/// The name under which the entries appear in the keyring.
const SERVICE: &str = "mock-interviewer";

/// The time a call waits for the keyring.
const DEADLINE: Duration = Duration::from_secs(5);

/// The keyring of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyringStore {}

impl KeyringStore {
    /// Returns whether there is a keyring. It may still turn out to be locked.
    pub fn is_available() -> bool {
        run_within(DEADLINE, || Entry::store_status().is_ok()) == Some(true)
    }
}

impl SecretStore for KeyringStore {
    fn get(&self, entry: &str) -> Result<Option<SecretString>, SecretError> {
        let secret = with_entry(entry, Entry::get_password)?;
        Ok(secret.map(SecretString::from))
    }

    fn set(&self, entry: &str, secret: &SecretString) -> Result<(), SecretError> {
        let secret = secret.clone();
        with_entry(entry, move |entry| {
            entry.set_password(secret.expose_secret())
        })
        .map(drop)
    }

    fn delete(&self, entry: &str) -> Result<(), SecretError> {
        with_entry(entry, Entry::delete_credential).map(drop)
    }
}

/// Calls `work` with an entry. Returns `None` when there is no such entry.
fn with_entry<T, W>(name: &str, work: W) -> Result<Option<T>, SecretError>
where
    T: Send + 'static,
    W: FnOnce(&Entry) -> keyring::Result<T> + Send + 'static,
{
    let name = name.to_owned();
    let answer = run_within(DEADLINE, move || {
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

/// Returns the result of `work`, if it is ready within `deadline`.
fn run_within<T: Send + 'static>(
    deadline: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (sender, receiver) = mpsc::sync_channel(1);
    // Fails when the deadline has passed; the answer is then dropped.
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
    fn a_keyring_that_hangs_is_abandoned() {
        let (hold, released) = mpsc::channel::<()>();
        assert_eq!(
            run_within(Duration::from_millis(1), move || released.recv().is_ok()),
            None
        );
        drop(hold);
        assert_eq!(run_within(DEADLINE, || 7), Some(7));
    }
}
