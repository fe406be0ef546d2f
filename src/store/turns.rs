//! Writing a turn: the count, the interview, its messages and the idempotency record, in one transaction. What is not
//! committed never happened.

mod writing;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use sqlx::AnyPool;

use super::engine::Engine;
use super::{Interview, InterviewId, Store, StoreError, StoredMessage, UserId, in_time};
pub(super) use writing::write;

pub(super) const WRITING: &str = "keeping a turn";
/// How often a turn is written at most; half a second is waited in between, all in all.
const WRITES: u32 = 8;

/// What a turn leaves behind: all of it, or nothing.
#[derive(Clone, Debug)]
pub struct TurnRecord {
    /// Whose.
    pub user: UserId,
    /// The day it counts for, in the time zone of the service.
    pub day: Date,
    /// When.
    pub now: jiff::Timestamp,
    /// Whether it uses up the day.
    pub counting: Counting,
    /// What it changes, in this order.
    pub changes: Vec<Change>,
    /// Under which it is remembered, if the request carried a key.
    pub request: Option<ToRemember>,
}

/// Whether a turn uses up the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// One more; refused when `limit` turns were taken already.
    Counted {
        /// Turns a day; `None` without limit.
        limit: Option<u32>,
    },
    /// Free of charge.
    Free,
}

/// What a turn does to the user's interviews.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new one becomes the current one; the earlier one is kept.
    Open(Interview),
    /// An earlier one becomes the current one again. A [`StoreError::Conflict`] when it is gone.
    GoOnWith(InterviewId),
    /// Messages are added. A [`StoreError::Conflict`] if one is there.
    Say {
        /// To which.
        interview: InterviewId,
        /// Of the first; the system prompt is 0.
        position: usize,
        /// In order.
        messages: Vec<StoredMessage>,
    },
    /// It is over. A [`StoreError::Conflict`] if it was already.
    Finish(InterviewId),
}

/// The answer to a request that carried a key.
#[derive(Clone)]
pub struct ToRemember {
    /// The user's own.
    pub key: String,
    /// Of the request.
    pub fingerprint: String,
    /// JSON of the answer to a turn that is the day's `n`-th.
    pub answer: Arc<dyn Fn(u64) -> String + Send + Sync>,
}

impl fmt::Debug for ToRemember {
    /// The answer is the user's own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToRemember")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Writes a turn for good: on return it is on the disk. Tells the turns of the day, this one included if it is
    /// counted. Fails with [`StoreError::LimitReached`], or with [`StoreError::Conflict`] when another process got in
    /// its way, answered the same request meanwhile, or deleted the account.
    pub async fn keep(&self, record: TurnRecord) -> Result<u64, StoreError> {
        let kept = async {
            match &self.engine {
                Engine::Sqlite(scribe) => scribe.keep(record).await,
                Engine::Postgres(_) => write_patiently(&self.pool, &record).await,
            }
        };
        in_time(WRITING, kept).await
    }
}

/// Again, if the database undid it because of another transaction.
async fn write_patiently(pool: &AnyPool, record: &TurnRecord) -> Result<u64, StoreError> {
    for attempt in 1..WRITES {
        match write_alone(pool, record).await {
            Err(error) if error.was_undone() => tokio::time::sleep(pause(attempt)).await,
            done => return done,
        }
    }
    write_alone(pool, record).await
}

/// Longer each time, and by chance: those that met would meet again.
fn pause(attempt: u32) -> Duration {
    let longest = 2 << attempt;
    Duration::from_millis(getrandom::u64().unwrap_or(longest) % longest)
}

/// In a transaction of its own.
pub(super) async fn write_alone(pool: &AnyPool, record: &TurnRecord) -> Result<u64, StoreError> {
    let mut transaction = pool.begin().await.map_err(StoreError::doing(WRITING))?;
    let count = write(&mut transaction, record).await?;
    transaction
        .commit()
        .await
        .map_err(StoreError::doing(WRITING))?;
    Ok(count)
}
