//! Tokens and keys: in the keyring of the operating system, in memory, or in a file of the user's alone, as the user chooses.

pub mod file;
pub mod keyring;
pub mod memory;

use std::path::Path;

use secrecy::SecretString;
use url::Url;

pub use self::file::FileStore;
pub use self::keyring::KeyringStore;
pub use self::memory::MemoryStore;

/// Why a secret was not kept or found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// No keyring service at all (container, WSL, SSH).
    #[error("this machine has no keyring")]
    NoKeyring,
    /// Locked, or it did not answer within 5 s.
    #[error("the keyring is locked or does not answer")]
    Locked,
    /// Something else.
    #[error("the secret store failed: {0}")]
    Failed(String),
}

/// Where secrets are kept. `entry` is a name such as `http://127.0.0.1:8000 alice` or `openai`.
///
/// Calls block, the keyring's for up to 5 s: asynchronous callers make them on a blocking thread.
pub trait SecretStore: Send + Sync + std::fmt::Debug {
    /// `None` when nothing is kept.
    fn get(&self, entry: &str) -> Result<Option<SecretString>, SecretError>;
    /// Keeps or replaces.
    fn set(&self, entry: &str, secret: &SecretString) -> Result<(), SecretError>;
    /// Forgets; fine when nothing is kept.
    fn delete(&self, entry: &str) -> Result<(), SecretError>;
}

/// The entry of `user`'s token at the server `base`.
pub fn server_entry(base: &Url, user: &str) -> String {
    let path = base.path().trim_end_matches('/');
    format!("{}{path} {user}", base.origin().ascii_serialization())
}

/// The entry of `user`'s token at the server inside this program, which is known by its database: its port changes.
pub fn embedded_entry(database: &Path, user: &str) -> String {
    format!("{} {user}", database.display())
}

/// The entry of the OpenAI-compatible endpoint's key.
pub fn openai_entry() -> String {
    "openai".to_owned()
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
}
