//! One turn a user at a time, whichever process takes it.
//!
//! On PostgreSQL a turn holds an advisory lock of its user. All locks of a process belong to one connection of their
//! own, so that a thousand turns that wait for their interviewers hold no other; and they end with it, so that the users
//! of a process that was killed wait for nobody. A clerk owns the connection: whoever gives up half-way leaves neither
//! the connection nor a lock behind.
//!
//! A lock orders turns and spares interviewers, no more. What keeps them exact is their transaction: if the connection
//! breaks, or the engine knows no such locks, or the database is a SQLite file, a turn that another process got in the
//! way of ends with [`StoreError::Conflict`].

use std::collections::HashSet;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use tokio::sync::{mpsc, oneshot};

use super::engine::Engine;
use super::open::ACQUIRE;
use super::{Store, StoreError, UserId};

/// Between two tries while another process has the user's turn: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(160));
/// Longer than a turn may take. Beyond it the other process does not answer any more.
const LONGEST_WAIT: Duration = Duration::from_mins(2);

/// Should this machine vanish, PostgreSQL notices within half a minute and ends the locks. By itself it takes hours.
const KEEPALIVE: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

/// Where turns of one user queue between processes. Clones are the same one.
#[derive(Clone, Debug)]
pub(super) struct Turnstile {
    clerk: mpsc::UnboundedSender<Request>,
}

/// A user's turn; dropping it lets the next one in.
#[derive(Debug)]
pub struct Hold {
    given_back: Option<(mpsc::UnboundedSender<Request>, i64)>,
}

#[derive(Debug)]
enum Request {
    /// Answered with whether the lock was free.
    Take(i64, oneshot::Sender<Result<bool, sqlx::Error>>),
    Give(i64),
}

impl Turnstile {
    /// With a connection of its own, opened at the first turn.
    pub fn new(options: AnyConnectOptions) -> Self {
        let (clerk, requests) = mpsc::unbounded_channel();
        tokio::spawn(Clerk { options, connection: None, held: HashSet::new() }.work(requests));
        Self { clerk }
    }
}

impl Store {
    /// Waits until no other process takes a turn of `user`. Fails with [`StoreError::Conflict`] if that takes minutes.
    pub async fn hold_turns(&self, user: &UserId) -> Result<Hold, StoreError> {
        let Engine::Postgres(Turnstile { clerk }) = &self.engine else { return Ok(Hold { given_back: None }) };
        let (key, begun, mut pause) = (key(user), Instant::now(), PAUSES.0);
        while !take(clerk, key).await.map_err(StoreError::doing("waiting for another turn"))? {
            if begun.elapsed() > LONGEST_WAIT {
                return Err(StoreError::Conflict);
            }
            tokio::time::sleep(pause).await;
            pause = PAUSES.1.min(pause * 2);
        }
        Ok(Hold { given_back: Some((clerk.clone(), key)) })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Some((clerk, key)) = self.given_back.take() {
            // Without a clerk there is no connection, and so no lock.
            let _ = clerk.send(Request::Give(key));
        }
    }
}

async fn take(clerk: &mpsc::UnboundedSender<Request>, key: i64) -> Result<bool, sqlx::Error> {
    let (answer, answered) = oneshot::channel();
    clerk.send(Request::Take(key, answer)).map_err(|_| sqlx::Error::PoolClosed)?;
    answered.await.map_err(|_| sqlx::Error::PoolClosed)?
}

/// Locks are numbered. The migrations and other programs have numbers of their own; 64 bits keep them apart.
fn key(user: &UserId) -> i64 {
    let digest = Sha256::digest(["turn of ", user.0.as_str()].concat());
    i64::from_be_bytes(digest[..8].try_into().expect("SHA-256 has 32 bytes"))
}

struct Clerk {
    options: AnyConnectOptions,
    connection: Option<AnyConnection>,
    /// To PostgreSQL a lock is free for the connection that has it.
    held: HashSet<i64>,
}

impl Clerk {
    async fn work(mut self, mut requests: mpsc::UnboundedReceiver<Request>) {
        while let Some(request) = requests.recv().await {
            match request {
                Request::Take(key, answer) => {
                    let taken = self.take(key).await;
                    let locked = matches!(taken, Ok(true));
                    if answer.send(taken).is_err() && locked {
                        self.give(key).await;
                    }
                }
                Request::Give(key) => self.give(key).await,
            }
        }
    }

    async fn take(&mut self, key: i64) -> Result<bool, sqlx::Error> {
        if self.held.contains(&key) {
            return Ok(false);
        }
        let kept = self.connection.is_some();
        let locked = match self.ask("SELECT pg_try_advisory_lock($1)", key).await {
            // A connection kept from before may have broken without a word.
            Err(_) if kept => self.ask("SELECT pg_try_advisory_lock($1)", key).await?,
            asked => asked?,
        };
        if locked {
            self.held.insert(key);
        }
        Ok(locked)
    }

    /// A lock whose connection broke is gone already.
    async fn give(&mut self, key: i64) {
        if self.held.remove(&key)
            && let Err(error) = self.ask("SELECT pg_advisory_unlock($1)", key).await
        {
            tracing::warn!(error = super::fault::plainly(&error), "the connection that holds the locks of turns broke");
        }
    }

    async fn ask(&mut self, sql: &'static str, key: i64) -> Result<bool, sqlx::Error> {
        // A machine that vanished refuses nothing: it has to be given up.
        let asked = tokio::time::timeout(ACQUIRE, self.ask_patiently(sql, key)).await;
        let asked = asked.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        if asked.is_err() {
            self.connection = None;
            self.held.clear();
        }
        asked
    }

    async fn ask_patiently(&mut self, sql: &'static str, key: i64) -> Result<bool, sqlx::Error> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(connect(&self.options).await?),
        };
        sqlx::query_scalar(sql).bind(key).fetch_one(connection).await
    }
}

async fn connect(options: &AnyConnectOptions) -> Result<AnyConnection, sqlx::Error> {
    let mut connection = AnyConnection::connect_with(options).await?;
    connection.execute(KEEPALIVE).await?;
    Ok(connection)
}
