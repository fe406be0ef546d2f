//! The database: users and their tokens, interviews and their messages, daily counts, idempotency records, speech.
//!
//! ```text
//! open ─► Store ─┬─ users        accounts
//!                ├─ tokens       their logins (hashed)
//!                ├─ logins       tries that failed lately
//!                ├─ interviews   what was said: reading
//!                ├─ standings    the current interview and the day's count
//!                ├─ history      the list of interviews, deleting one
//!                ├─ turnstile    turns of one user one after the other, between processes (PostgreSQL)
//!                ├─ turns        what is said now ─► usage, idempotency
//!                ├─ scribe       turns that arrive together share a commit (SQLite)
//!                └─ speech       spoken replies
//! ```
//!
//! One set of SQL serves SQLite and PostgreSQL; what differs is in `engine`. Every transaction that writes begins with its write, because SQLite
//! refuses one that has read before another connection wrote.

mod engine;
mod fault;
mod history;
mod idempotency;
mod interviews;
mod logins;
mod open;
mod scribe;
mod speech;
mod standings;
mod together;
mod tokens;
mod turns;
mod turnstile;
mod usage;
mod users;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use history::{Listed, NoPlace, Place};
pub use idempotency::Remembered;
pub use interviews::{Interview, InterviewId, StoredMessage, Transcript};
pub use logins::{Admission, LoginTry};
pub use speech::SpeechInfo;
pub use standings::Standing;
pub use turns::{Change, Counting, ToRemember, TurnRecord};
pub use turnstile::Hold;
pub use users::{NewUser, User, UserId};

/// A database, SQLite or PostgreSQL, behind one set of SQL. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: sqlx::AnyPool,
    engine: engine::Engine,
    logins: together::Together<String, Option<tokens::Login>>,
    standings: together::Together<(UserId, jiff::civil::Date), Standing>,
}

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Cannot be opened or made. Nothing in it was changed.
    #[error("cannot open the database {url}: {reason}")]
    Open {
        /// Without a password.
        url: String,
        /// Plain words: locked, not a database, written by a newer version, disk full...
        reason: String,
    },
    /// A statement failed.
    #[error("the database failed while {doing}: {}", fault::plainly(cause))]
    Query {
        /// What was attempted.
        doing: &'static str,
        /// Told in our words alone: the driver's repeat them, and may quote what was to be written.
        cause: sqlx::Error,
    },
    /// A row holds what this version cannot read.
    #[error("the database holds a {what} that this version cannot read")]
    Unreadable {
        /// What it is; never what it says, which is the user's own.
        what: &'static str,
    },
    /// Another process wrote to the same interview in the meantime.
    #[error("another turn of this interview was taken at the same time")]
    Conflict,
    /// Taken.
    #[error("Username already exists.")]
    UsernameTaken,
    /// Taken.
    #[error("Email already exists.")]
    EmailTaken,
    /// The daily limit is used up.
    #[error("You have exceeded the chat request limit for today.")]
    LimitReached,
}

/// How long a step of a turn may take. A database that hangs, or a machine that vanished, refuses nothing by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the database answers in time. What was begun and not answered may have been written all the same.
async fn in_time<T>(
    doing: &'static str,
    asked: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    within(PATIENCE, doing, asked).await
}

async fn within<T>(
    patience: Duration,
    doing: &'static str,
    asked: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let late = |_| {
        Err(StoreError::doing(doing)(sqlx::Error::Io(
            std::io::ErrorKind::TimedOut.into(),
        )))
    };
    tokio::time::timeout(patience, asked)
        .await
        .unwrap_or_else(late)
}

impl StoreError {
    /// For `map_err`: names what was attempted.
    fn doing(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |cause| Self::Query { doing, cause }
    }

    /// Whether the same may succeed a moment later: the database is busy, or comes and goes.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Query { cause, .. } if fault::passes(cause))
    }

    /// Whether the database undid the whole transaction because of another one, so that it can be tried again at once.
    fn was_undone(&self) -> bool {
        matches!(self, Self::Query { cause, .. } if fault::undone(cause))
    }
}

impl Store {
    /// Over tables that are there.
    fn over(pool: sqlx::AnyPool, engine: engine::Engine) -> Self {
        let logins = tokens::logins(pool.clone(), &engine);
        let standings = standings::standings(pool.clone(), &engine);
        Self {
            pool,
            engine,
            logins,
            standings,
        }
    }

    /// Whether the database answers: reads from a table it must have.
    pub async fn check(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1 FROM users LIMIT 1")
            .fetch_optional(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::doing("asking whether it works"))
    }

    /// Finishes what is being written and closes.
    pub async fn close(self) {
        self.pool.close().await;
    }
}
