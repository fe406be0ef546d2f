//! Saving a turn: the count, the interview, its messages and the idempotency record, in one
//! transaction. What is not committed never happened.

use std::time::Duration;

use sqlx::AnyPool;

use super::timeout::with_timeout;
use super::turn_record::TurnRecord;
use super::turn_statements::{WRITING, write_in_transaction};
use super::{Store, StoreError};

/// The largest number of attempts at a turn. The pauses in between add up to half a second at most.
const ATTEMPTS: u32 = 8;

impl Store {
    /// Saves a turn; on return it is on the disk. Returns how many turns of the day are counted,
    /// this one included if it is counted.
    ///
    /// Fails with [`StoreError::LimitReached`], or with [`StoreError::Conflict`] when another
    /// process wrote to the interview, answered the same request meanwhile, or deleted the account.
    pub async fn save_turn(&self, record: TurnRecord) -> Result<u64, StoreError> {
        with_timeout(WRITING, async {
            match &self.group_commit {
                Some(group_commit) => group_commit.write(record).await,
                None => write_with_retries(&self.pool, &record).await,
            }
        })
        .await
    }
}

/// Writes again when the database rolled the turn back because of another transaction.
async fn write_with_retries(pool: &AnyPool, record: &TurnRecord) -> Result<u64, StoreError> {
    for attempt in 1..ATTEMPTS {
        match write_in_transaction(pool, record).await {
            Err(error) if error.is_rolled_back() => tokio::time::sleep(pause(attempt)).await,
            result => return result,
        }
    }
    write_in_transaction(pool, record).await
}

/// Returns a random pause, longer with each attempt: transactions that met would meet again.
fn pause(attempt: u32) -> Duration {
    let longest = 2 << attempt;
    Duration::from_millis(getrandom::u64().unwrap_or(longest) % longest)
}
