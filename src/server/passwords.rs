//! Passwords: argon2id, off the async threads, a few at a time.

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::error::ApiError;

/// 19 MiB, two passes, one lane: OWASP Password Storage Cheat Sheet, the minimum for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Verified when there is no such user, so that the answer takes as long. Same cost as a real one; no
/// password is known to match it, and none is accepted for it.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Longer in the queue than this, and the server says that it is overloaded.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Hashes and verifies. Each computation takes a processor and 19 MiB, hence the bound.
#[derive(Debug)]
pub(super) struct Passwords {
    slots: Arc<Semaphore>,
}

impl Passwords {
    pub fn new(at_once: usize) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(at_once)),
        }
    }

    /// A PHC string with a salt of its own.
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        let hashed = self
            .compute(move || {
                argon2()
                    .hash_password(password.as_bytes())
                    .map(|hash| hash.to_string())
            })
            .await?;
        hashed.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            ApiError::internal()
        })
    }

    /// Whether `password` is the one behind `stored`; false, at the same cost, when nothing is stored.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, ApiError> {
        self.compute(move || {
            let known = stored.is_some();
            let matches = matches(&password, stored.as_deref().unwrap_or(DECOY));
            known && matches
        })
        .await
    }

    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let slot = tokio::time::timeout(LONGEST_WAIT, self.slots.clone().acquire_owned()).await;
        let slot = slot
            .map_err(|_| ApiError::overloaded("The server is overloaded.", 5))?
            .map_err(|_| ApiError::internal())?;
        // The slot goes along: a client that hangs up does not free it before the work is done.
        let work = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(slot);
            result
        });
        work.await.map_err(|error| {
            tracing::error!(%error, "password work failed");
            ApiError::internal()
        })
    }
}

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("constants within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn matches(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|stored| {
        argon2()
            .verify_password(password.as_bytes(), &stored)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let passwords = Passwords::new(2);
        let stored = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(
            stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
        assert!(
            passwords
                .verify("correct horse".to_owned(), Some(stored.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("wrong horse".to_owned(), Some(stored))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct horse".to_owned(), None)
                .await
                .unwrap()
        );
    }

    #[test]
    fn the_decoy_costs_what_a_real_hash_costs() {
        let decoy = PasswordHash::new(DECOY).unwrap();
        let params = Params::try_from(&decoy).unwrap();
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (MEMORY_KIB, PASSES, LANES)
        );
        assert_eq!(decoy.hash.unwrap().len(), 32);
    }
}
