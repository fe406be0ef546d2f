//! The health check. It writes to the database, so a flood of checks shares few writes.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time::timeout;

use super::error::ApiError;
use crate::store::{Outage, Store, StoreError};

/// The time in which the database has to take a write. A slower one is useless to a load balancer.
const MAX_TIME: Duration = Duration::from_secs(5);

/// No more than this many checks within as many seconds write; the others get the last result.
const MAX_WRITES: usize = 5;
const WINDOW: Duration = Duration::from_secs(MAX_WRITES as u64);

/// The latest health checks of this process.
#[derive(Debug, Default)]
pub(super) struct HealthCheck {
    /// The time and the result of each, the oldest first. Locked while a check is under way.
    recent: Mutex<VecDeque<(Instant, Result<(), Outage>)>>,
}

impl HealthCheck {
    /// Checks that the database takes writes, or returns the result of a check that ended after this
    /// call began, or of the last one if there were many.
    pub async fn check(&self, store: &Store) -> Result<(), ApiError> {
        let asked = Instant::now();
        let mut recent = self.recent.lock().await;
        let result = if let Some(result) = shared_result(&recent, asked) {
            result
        } else {
            let result = write(store).await;
            recent.push_back((Instant::now(), result));
            if recent.len() > MAX_WRITES {
                recent.pop_front();
            }
            result
        };
        result.map_err(ApiError::from)
    }
}

/// Returns the result that a check asked for at `asked` may share with an earlier one.
fn shared_result(
    recent: &VecDeque<(Instant, Result<(), Outage>)>,
    asked: Instant,
) -> Option<Result<(), Outage>> {
    let (ended, result) = recent.back()?;
    let (oldest, _) = recent.front()?;
    let too_many = recent.len() == MAX_WRITES && asked.duration_since(*oldest) < WINDOW;
    (*ended >= asked || too_many).then_some(*result)
}

async fn write(store: &Store) -> Result<(), Outage> {
    match timeout(MAX_TIME, store.check()).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            tracing::error!(%error, "not healthy");
            Err(outage(&error))
        }
        Err(_) => {
            tracing::error!("not healthy: the database does not answer");
            Err(Outage::Away)
        }
    }
}

/// Returns what is wrong. A check asks for nothing unusual, so every failure is an outage.
fn outage(error: &StoreError) -> Outage {
    error.outage().unwrap_or(Outage::Away)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const FULL: Result<(), Outage> = Err(Outage::Full);

    #[rstest]
    #[case::never_checked(&[], 10, None)]
    #[case::checked_earlier(&[(9, Ok(()))], 10, None)]
    #[case::another_check_ended_meanwhile(&[(11, FULL)], 10, Some(FULL))]
    #[case::many_within_five_seconds(&[(6, Ok(())), (7, Ok(())), (8, Ok(())), (9, Ok(())), (10, FULL)], 10, Some(FULL))]
    #[case::many_over_more_time(&[(5, Ok(())), (7, Ok(())), (8, Ok(())), (9, Ok(())), (10, FULL)], 11, None)]
    fn a_flood_of_health_checks_shares_results(
        #[case] ended: &[(u64, Result<(), Outage>)],
        #[case] asked: u64,
        #[case] expected: Option<Result<(), Outage>>,
    ) {
        let epoch = Instant::now();
        let at = |second| epoch + Duration::from_secs(second);
        let recent = ended.iter().map(|(second, result)| (at(*second), *result));
        assert_eq!(shared_result(&recent.collect(), at(asked)), expected);
    }
}
