//! The database: users and their tokens, interviews and their messages, daily counts, idempotency
//! records, speech.
//!
//! ```text
//! open ─► Store ─┬─ users         accounts
//!                ├─ tokens        their logins (hashed)
//!                ├─ invitations   to register (hashed)
//!                ├─ attempts      recent failed logins and registrations
//!                ├─ known_logins  names seen at an address before
//!                ├─ turn_context  the current interview and the count of the day
//!                ├─ interviews    reading one interview
//!                ├─ history       listing interviews, deleting one
//!                ├─ user_lock     turns of one user, one after the other
//!                ├─ turns         saving a turn ─┬─ group_commit (SQLite)
//!                │                               └─ turn_statements ─► usage, idempotency
//!                ├─ speech        spoken replies
//!                └─ health        whether the database takes writes
//! ```
//!
//! One set of SQL serves SQLite and PostgreSQL; what differs is in `dialect`. Every transaction
//! that writes begins with its write, because SQLite refuses one that has read before another
//! connection wrote.

mod attempts;
mod dialect;
mod error;
mod error_text;
mod fault;
mod group_commit;
mod health;
mod history;
mod idempotency;
mod interviews;
mod invitations;
mod known_logins;
mod open;
mod speech;
mod timeout;
mod tokens;
mod turn_context;
mod turn_record;
mod turn_statements;
mod turns;
mod usage;
mod user_lock;
mod username_skeletons;
mod users;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use attempts::{Admission, AttemptLimit, StoredAttempt};
pub use error::{Outage, StoreError};
pub use fault::Fault;
pub use history::{HistoryCursor, InvalidInterviewId, ListedInterview};
pub use idempotency::RememberedAnswer;
pub use interviews::{EarlierInterviews, Interview, InterviewId, StoredMessage, Transcript};
pub use speech::SpeechInfo;
pub use turn_context::TurnContext;
pub use turn_record::{Change, Counting, IdempotencyRecord, TurnRecord};
pub use user_lock::UserLock;
pub use users::{NewUser, User, UserId};

use dialect::Dialect;
use group_commit::GroupCommit;
use user_lock::UserLocks;

/// A database, SQLite or PostgreSQL. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: sqlx::AnyPool,
    dialect: Dialect,
    /// `None` on PostgreSQL, where every turn has a transaction of its own.
    group_commit: Option<GroupCommit>,
    user_locks: UserLocks,
}

impl Store {
    /// Finishes what is being written and closes the database.
    pub async fn close(self) {
        self.pool.close().await;
    }
}
