//! Storage of tokens and API keys: the keyring of the operating system, memory, or a private file,
//! as the user chooses.

pub mod file;
pub mod keyring;
pub mod memory;

use std::path::Path;

use secrecy::SecretString;
use url::Url;

pub use self::file::FileStore;
pub use self::keyring::KeyringStore;
pub use self::memory::MemoryStore;

/// The reason why a secret could not be stored or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is no keyring service at all, as in a container, in WSL or over SSH.
    #[error("this machine has no keyring")]
    NoKeyring,
    /// The keyring is locked, or did not answer within 5 s.
    #[error("the keyring is locked or does not answer")]
    Locked,
    #[error("the secret store failed: {0}")]
    Failed(String),
    /// The system refuses to read or write the file of secrets.
    #[error("the secret store failed: {path}: {words}")]
    File {
        path: String,
        kind: std::io::ErrorKind,
        /// The words of the system.
        words: String,
    },
    #[error("the secret store failed: {path}: other users can read it; run chmod 600 on it")]
    Exposed { path: String },
    #[error("the secret store failed: {path}: invalid JSON at line {line} column {column}")]
    Damaged {
        path: String,
        line: usize,
        column: usize,
    },
}

/// A store of secrets. An `entry` is a name such as `http://127.0.0.1:8000 alice` or `openai`.
///
/// Calls block, those to the keyring for up to 5 s, so asynchronous callers make them on a blocking
/// thread.
pub trait SecretStore: Send + Sync + std::fmt::Debug {
    /// Returns the secret, or `None` when there is no such entry.
    fn get(&self, entry: &str) -> Result<Option<SecretString>, SecretError>;
    /// Stores a secret, which replaces an earlier one.
    fn set(&self, entry: &str, secret: &SecretString) -> Result<(), SecretError>;
    /// Deletes the entry, if it exists.
    fn delete(&self, entry: &str) -> Result<(), SecretError>;
}

/// Returns the entry of `user`'s token at the server `base`.
pub fn server_entry(base: &Url, user: &str) -> String {
    let path = base.path().trim_end_matches('/');
    format!("{}{path} {user}", base.origin().ascii_serialization())
}

/// Returns the entry of `user`'s token at the embedded server. It names the database, because the
/// port changes with each run.
pub fn embedded_entry(database: &Path, user: &str) -> String {
    format!("{} {user}", database.display())
}

/// Returns the entry of the API key for the model server at `base`. It names the host, because a key
/// belongs to one host.
pub fn key_entry(base: &Url) -> String {
    match base.host_str().unwrap_or_default() {
        "api.openai.com" if base.port().is_none() => "openai".to_owned(),
        host => match base.port() {
            Some(port) => format!("key {host}:{port}"),
            None => format!("key {host}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("http://127.0.0.1:8000/", "http://127.0.0.1:8000 alice")]
    #[case("https://me:pw@host.example:443", "https://host.example alice")]
    #[case(
        "https://host.example/interview/",
        "https://host.example/interview alice"
    )]
    fn a_token_is_named_after_server_and_user(#[case] base: &str, #[case] expected: &str) {
        assert_eq!(server_entry(&base.parse().unwrap(), "alice"), expected);
    }

    #[rstest]
    #[case("https://api.openai.com/v1", "openai")]
    #[case("https://openrouter.ai/api/v1", "key openrouter.ai")]
    #[case("https://api.openai.com:8443/v1", "key api.openai.com:8443")]
    #[case("http://me:pw@127.0.0.1:8080/v1", "key 127.0.0.1:8080")]
    fn a_key_is_named_after_its_host(#[case] base: &str, #[case] expected: &str) {
        assert_eq!(key_entry(&base.parse().unwrap()), expected);
    }
}
