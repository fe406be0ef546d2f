//! Admits logins, a bounded number of failures at a time; see [`crate::store::LoginAdmission`]. Kept in the database, so that
//! it is the same for all servers on it.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::error::ApiError;
use super::metrics::Cause;
use crate::store::{LoginAdmission, LoginAttempt, Store};

/// Between two looks at whether the logins beside this one have ended.
const PAUSE: Duration = Duration::from_millis(50);

/// A login under way. Dropped, it never was: a client that hangs up has learned nothing.
#[derive(Debug)]
pub(super) struct Attempt {
    store: Store,
    under_way: Option<LoginAttempt>,
}

impl Attempt {
    /// Waits while the tries side by side could all fail and be too many; refused with 429 and the time to wait.
    pub async fn begin(
        store: &Store,
        name: &str,
        address: Option<IpAddr>,
    ) -> Result<Self, ApiError> {
        let who = who(name, address);
        loop {
            match store.begin_login(&who, Timestamp::now()).await? {
                LoginAdmission::Admitted(attempt) => {
                    return Ok(Self {
                        store: store.clone(),
                        under_way: Some(attempt),
                    });
                }
                LoginAdmission::Busy => tokio::time::sleep(PAUSE).await,
                LoginAdmission::Refused(wait) => return Err(too_many_failures(wait)),
            }
        }
    }

    /// Counts.
    pub async fn failed(mut self) -> Result<(), ApiError> {
        match self.under_way.take() {
            Some(attempt) => Ok(self.store.record_failed_login(&attempt).await?),
            None => Ok(()),
        }
    }

    /// The name starts afresh from this address.
    pub async fn succeeded(mut self) -> Result<(), ApiError> {
        match self.under_way.take() {
            Some(attempt) => Ok(self.store.record_successful_login(&attempt).await?),
            None => Ok(()),
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let (Some(attempt), Ok(runtime)) = (self.under_way.take(), Handle::try_current()) else {
            return;
        };
        let store = self.store.clone();
        // Should this fail, or its process end, the try counts as failed after a while.
        runtime.spawn(async move { store.cancel_login(&attempt).await });
    }
}

/// Of one length, however long the name.
fn who(name: &str, address: Option<IpAddr>) -> String {
    let address = address
        .map(|address| address.to_string())
        .unwrap_or_default();
    hex::encode(Sha256::digest([address.as_str(), "\0", name].concat()))
}

fn too_many_failures(wait: SignedDuration) -> ApiError {
    let text = "Too many failed logins for this name. Try again later.";
    let seconds = u64::try_from(wait.as_secs()).unwrap_or_default() + 1;
    let refusal =
        ApiError::application(StatusCode::TOO_MANY_REQUESTS, text).because(Cause::Throttle);
    refusal.retry_after(seconds)
}
