//! Limits failed logins; see [`crate::store::LoginAdmission`]. The count is kept in the database,
//! so that all servers on it share the limit.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::error::ApiError;
use super::metrics::RefusalCause;
use crate::store::{LoginAdmission, LoginAttempt, Store};

/// The time between two checks of a waiting login whether those beside it have ended.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// A login in progress. If it is dropped, it does not count: a client that hangs up has learned
/// nothing.
#[derive(Debug)]
pub(super) struct Attempt {
    store: Store,
    pending: Option<LoginAttempt>,
}

impl Attempt {
    /// Starts a login. It waits while the concurrent ones would exceed the limit if they all
    /// failed, and is refused with 429 and the time to wait once the limit is reached.
    pub async fn begin(
        store: &Store,
        name: &str,
        address: Option<IpAddr>,
    ) -> Result<Self, ApiError> {
        let subject = subject(name, address);
        loop {
            match store.begin_login(&subject, Timestamp::now()).await? {
                LoginAdmission::Admitted(attempt) => {
                    return Ok(Self {
                        store: store.clone(),
                        pending: Some(attempt),
                    });
                }
                LoginAdmission::Busy => tokio::time::sleep(POLL_INTERVAL).await,
                LoginAdmission::Refused(wait) => return Err(too_many_failures(wait)),
            }
        }
    }

    /// Records that the password was wrong.
    pub async fn failed(mut self) -> Result<(), ApiError> {
        match self.pending.take() {
            Some(attempt) => Ok(self.store.record_failed_login(&attempt).await?),
            None => Ok(()),
        }
    }

    /// Resets the count of this name and address.
    pub async fn succeeded(mut self) -> Result<(), ApiError> {
        match self.pending.take() {
            Some(attempt) => Ok(self.store.record_successful_login(&attempt).await?),
            None => Ok(()),
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let Some(attempt) = self.pending.take() else {
            return;
        };
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let store = self.store.clone();
        // If this fails or the process ends first, the attempt counts as failed after a while.
        runtime.spawn(async move { store.cancel_login(&attempt).await });
    }
}

/// Returns a key for a name and address. As a hash it has the same length however long the name is.
fn subject(name: &str, address: Option<IpAddr>) -> String {
    let address = address
        .map(|address| address.to_string())
        .unwrap_or_default();
    hex::encode(Sha256::digest([address.as_str(), "\0", name].concat()))
}

fn too_many_failures(wait: SignedDuration) -> ApiError {
    let text = "Too many failed logins for this name. Try again later.";
    let seconds = u64::try_from(wait.as_secs()).unwrap_or_default() + 1;
    ApiError::application(StatusCode::TOO_MANY_REQUESTS, text)
        .because(RefusalCause::Throttle)
        .retry_after(seconds)
}
