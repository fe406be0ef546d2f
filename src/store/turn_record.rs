//! The changes that a turn makes to the database.

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;

use super::{Interview, InterviewId, StoredMessage, UserId};

/// The changes that a turn makes: all of them, or none.
#[derive(Clone, Debug)]
pub struct TurnRecord {
    pub user: UserId,
    /// The day the turn counts for, in the time zone of the service.
    pub day: Date,
    pub now: jiff::Timestamp,
    pub counting: Counting,
    /// The changes, in the order in which they are made.
    pub changes: Vec<Change>,
    /// The answer to remember, if the request carried an idempotency key.
    pub idempotency: Option<IdempotencyRecord>,
}

/// The effect of a turn on the daily count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// The turn counts, and is refused when `limit` turns were taken already.
    Counted {
        /// Turns per day; `None` without limit.
        limit: Option<u32>,
    },
    Free,
}

/// A change to the user's interviews.
#[derive(Clone, Debug)]
pub enum Change {
    /// Adds a new interview, which becomes the current one. The earlier one is kept.
    Open(Interview),
    /// Makes an earlier interview the current one again. A [`StoreError::Conflict`] when it no
    /// longer exists.
    ///
    /// [`StoreError::Conflict`]: super::StoreError::Conflict
    Resume(InterviewId),
    /// Adds messages. A [`StoreError::Conflict`] when there is a message at one of the positions.
    ///
    /// [`StoreError::Conflict`]: super::StoreError::Conflict
    AddMessages {
        interview: InterviewId,
        /// The position of the first message; the system prompt has 0.
        position: usize,
        messages: Vec<StoredMessage>,
    },
    /// Ends an interview. A [`StoreError::Conflict`] when it has ended already.
    ///
    /// [`StoreError::Conflict`]: super::StoreError::Conflict
    Finish(InterviewId),
}

/// The answer to a request that carried an idempotency key.
#[derive(Clone)]
pub struct IdempotencyRecord {
    pub key: String,
    /// The fingerprint of the request.
    pub fingerprint: String,
    /// The interview of the turn. The record is deleted with it.
    pub interview: InterviewId,
    /// Returns the JSON of the answer to a turn that is the `n`-th of the day.
    pub answer: Arc<dyn Fn(u64) -> String + Send + Sync>,
}

impl fmt::Debug for IdempotencyRecord {
    /// Leaves out the answer, which is private to the user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdempotencyRecord")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
