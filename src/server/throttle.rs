//! Limits failed logins and new accounts; see [`AttemptLimit`]. The counts are kept in the database,
//! so that all servers on it share the limits.
//!
//! | limit | for | counts |
//! |---|---|---|
//! | [`PER_NAME`] | one name at one address | wrong passwords since the last right one |
//! | [`PER_ADDRESS`] | all other names at one address | wrong passwords |
//! | `serve.registrations_per_hour` | one address | accounts |
//!
//! The second limit stops an attacker who tries a few passwords on many names. A name that registered
//! at the address or logged in there before is not subject to it, so that an attacker behind a proxy
//! does not lock out its other users. A password is only computed once every limit has admitted it.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::error::ApiError;
use super::metrics::RefusalCause;
use crate::store::{Admission, AttemptLimit, Store, StoreError, StoredAttempt};

const PER_NAME: AttemptLimit = AttemptLimit {
    slots: 10,
    window: SignedDuration::from_mins(5),
};
const PER_ADDRESS: AttemptLimit = AttemptLimit {
    slots: 100,
    window: SignedDuration::from_mins(5),
};

/// The time between two checks of a waiting attempt whether those beside it have ended.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// An occupied slot of a limit. If it is dropped, it does not count: a client that hangs up has
/// learned nothing.
#[derive(Debug)]
pub(super) struct Slot {
    store: Store,
    pending: Option<StoredAttempt>,
}

impl Slot {
    /// Occupies a slot. Waits while the concurrent attempts would exceed the limit if they all
    /// counted, and is refused with 429 and the time to wait once the limit is reached.
    async fn occupy(
        store: &Store,
        subject: &str,
        limit: AttemptLimit,
        refusal: &str,
    ) -> Result<Self, ApiError> {
        loop {
            let now = Timestamp::now();
            match store.begin_attempt(subject, limit, now).await? {
                Admission::Admitted(attempt) => {
                    return Ok(Self {
                        store: store.clone(),
                        pending: Some(attempt),
                    });
                }
                Admission::Busy => tokio::time::sleep(POLL_INTERVAL).await,
                Admission::Refused(wait) => return Err(too_many(refusal, wait)),
            }
        }
    }

    /// Records that the attempt counts.
    pub async fn count(mut self) -> Result<(), StoreError> {
        match self.pending.take() {
            Some(attempt) => self.store.count_attempt(&attempt).await,
            None => Ok(()),
        }
    }

    /// Resets the count.
    async fn clear(mut self) -> Result<(), StoreError> {
        match self.pending.take() {
            Some(attempt) => self.store.clear_attempts(&attempt).await,
            None => Ok(()),
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some(attempt) = self.pending.take() else {
            return;
        };
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let store = self.store.clone();
        // If this fails or the process ends first, the attempt counts after a while.
        runtime.spawn(async move { store.cancel_attempt(&attempt).await });
    }
}

/// A check of a password.
#[derive(Debug)]
pub(super) struct LoginAttempt {
    store: Store,
    subject: String,
    by_name: Slot,
    /// `None` for a name that is known at the address.
    by_address: Option<Slot>,
}

impl LoginAttempt {
    /// Begins a login, which all limits apply to.
    pub async fn begin(
        store: &Store,
        name: &str,
        address: Option<IpAddr>,
    ) -> Result<Self, ApiError> {
        let mut attempt = Self::begin_signed_in(store, name, address).await?;
        let known = store.is_known_login(&attempt.subject, Timestamp::now());
        if !known.await? {
            let text = "Too many failed logins from this address. Try again later.";
            let subject = subject("address", address, "");
            let slot = Slot::occupy(store, &subject, PER_ADDRESS, text).await?;
            attempt.by_address = Some(slot);
        }
        Ok(attempt)
    }

    /// Begins a check of the password of somebody who is signed in, and can only try one name.
    pub async fn begin_signed_in(
        store: &Store,
        name: &str,
        address: Option<IpAddr>,
    ) -> Result<Self, ApiError> {
        let subject = login_subject(name, address);
        let text = "Too many failed logins for this name. Try again later.";
        Ok(Self {
            store: store.clone(),
            by_name: Slot::occupy(store, &subject, PER_NAME, text).await?,
            subject,
            by_address: None,
        })
    }

    /// Records that the password was wrong.
    pub async fn failed(self) -> Result<(), StoreError> {
        if let Some(slot) = self.by_address {
            slot.count().await?;
        }
        self.by_name.count().await
    }

    /// Records that the password was right. The failures of other names still count.
    pub async fn succeeded(self) -> Result<(), StoreError> {
        self.by_name.clear().await?;
        let now = Timestamp::now();
        self.store.add_known_login(&self.subject, now).await
    }
}

/// Occupies a slot for a new account; `None` if there is no limit.
pub(super) async fn begin_registration(
    store: &Store,
    per_hour: u32,
    address: Option<IpAddr>,
) -> Result<Option<Slot>, ApiError> {
    if per_hour == 0 {
        return Ok(None);
    }
    let limit = AttemptLimit {
        slots: per_hour,
        window: SignedDuration::from_hours(1),
    };
    let text = "Too many accounts were created from this address. Try again later.";
    let subject = subject("registration", address, "");
    Slot::occupy(store, &subject, limit, text).await.map(Some)
}

/// Returns the key under which a name is known at an address.
pub(super) fn login_subject(name: &str, address: Option<IpAddr>) -> String {
    subject("", address, name)
}

/// Returns a key for what is limited. As a hash it has the same length however long the name is.
fn subject(kind: &str, address: Option<IpAddr>, name: &str) -> String {
    let address = address
        .map(|address| network(address).to_string())
        .unwrap_or_default();
    hex::encode(Sha256::digest([kind, &address, "\0", name].concat()))
}

/// Returns the part of an address that one subscriber has: of an IPv6 address the first 64 bits
/// (RFC 6177), since the others are theirs to choose.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let subscriber = address.to_bits() & (u128::MAX << 64);
            Ipv6Addr::from_bits(subscriber).into()
        }
    }
}

fn too_many(text: &str, wait: SignedDuration) -> ApiError {
    let seconds = u64::try_from(wait.as_secs()).unwrap_or_default() + 1;
    ApiError::application(StatusCode::TOO_MANY_REQUESTS, text)
        .because(RefusalCause::Throttle)
        .retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("203.0.113.9", "203.0.113.9")]
    #[case::mapped("::ffff:203.0.113.9", "203.0.113.9")]
    #[case::six("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    #[case::loopback("::1", "::")]
    fn an_address_stands_for_one_subscriber(#[case] address: &str, #[case] expected: &str) {
        let network = network(address.parse().unwrap());
        assert_eq!(network.to_string(), expected);
    }

    #[test]
    fn a_name_cannot_pass_for_another_kind_of_subject() {
        let address = "203.0.113.9".parse().ok();
        let subjects = [
            login_subject("ann", address),
            login_subject("", address),
            subject("address", address, ""),
            subject("registration", address, ""),
        ];
        let distinct: std::collections::BTreeSet<_> = subjects.iter().collect();
        assert_eq!(distinct.len(), subjects.len());
    }
}
