//! A lock per user, so that the turns of one user are taken one after the other.
//!
//! ```text
//! lock_user ─► mutex of the user in this process ─► on PostgreSQL: advisory lock of the user
//! ```
//!
//! The lock orders turns and saves requests to the interviewer; the transaction of a turn keeps it
//! exact. If the connection breaks, if the server does not implement advisory locks, or if two
//! processes share a SQLite file, the turn that comes second fails with [`StoreError::Conflict`].

mod advisory;
mod mutexes;

use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use super::timeout::with_timeout;
use super::{Store, StoreError, UserId};
pub(super) use advisory::LockConnection;
use advisory::key;
use mutexes::{UserMutexGuard, UserMutexes};

const LOCKING: &str = "waiting for another turn";
/// The first pause between two attempts while another process holds the lock; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(160);
/// Longer than a turn may take. A process that holds a lock longer no longer responds.
const LONGEST_WAIT: Duration = Duration::from_mins(2);

/// The locks of all users. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct UserLocks {
    mutexes: UserMutexes,
    /// `None` on SQLite.
    connection: Option<LockConnection>,
}

impl UserLocks {
    pub fn new(connection: Option<LockConnection>) -> Self {
        Self {
            mutexes: UserMutexes::default(),
            connection,
        }
    }
}

/// The lock of one user. Dropping it lets the next turn begin.
#[derive(Debug)]
pub struct UserLock {
    mutex: Option<UserMutexGuard>,
    /// The advisory lock to release.
    advisory: Option<(LockConnection, i64)>,
}

impl Store {
    /// Waits until no other turn of `user` is under way, in this process or in another one on the
    /// same PostgreSQL database. Fails with [`StoreError::Conflict`] when another process holds the
    /// lock for minutes.
    pub async fn lock_user(&self, user: &UserId) -> Result<UserLock, StoreError> {
        let mut lock = UserLock {
            mutex: Some(self.user_locks.mutexes.lock(user).await),
            advisory: None,
        };
        if let Some(connection) = &self.user_locks.connection {
            lock.wait_for_other_processes(connection, key(user)).await?;
        }
        Ok(lock)
    }
}

impl UserLock {
    /// Polls, because a statement that waits for a lock would block the connection for all users.
    async fn wait_for_other_processes(
        &mut self,
        connection: &LockConnection,
        key: i64,
    ) -> Result<(), StoreError> {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        while !self.try_advisory(connection, key).await? {
            if begun.elapsed() > LONGEST_WAIT {
                return Err(StoreError::Conflict);
            }
            tokio::time::sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
        Ok(())
    }

    async fn try_advisory(
        &mut self,
        connection: &LockConnection,
        key: i64,
    ) -> Result<bool, StoreError> {
        // Set before the statement runs: a caller that is cancelled meanwhile may hold the lock.
        self.advisory = Some((connection.clone(), key));
        let locked = with_timeout(LOCKING, async {
            let locked = connection.try_lock(key).await;
            locked.map_err(StoreError::query(LOCKING))
        })
        .await?;
        if !locked {
            self.advisory = None;
        }
        Ok(locked)
    }
}

impl Drop for UserLock {
    fn drop(&mut self) {
        let mutex = self.mutex.take();
        // Without a runtime the process ends, and its advisory locks with it.
        if let (Some((connection, key)), Ok(runtime)) =
            (self.advisory.take(), Handle::try_current())
        {
            // The mutex is kept until then: to PostgreSQL, a lock is free for the connection that
            // holds it, and the next turn of this process must not get this one's.
            runtime.spawn(async move {
                connection.unlock(key).await;
                drop(mutex);
            });
        }
    }
}
