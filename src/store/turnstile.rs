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
use super::{Store, StoreError, UserId, in_time};

const WAITING: &str = "waiting for another turn";
/// Between two tries while another process has the user's turn: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(160));
/// Longer than a turn may take. Beyond it the other process does not answer any more.
const LONGEST_WAIT: Duration = Duration::from_mins(2);

/// Requests that go to the database together.
const MOST: usize = 64;
/// Takes those of the locks that are free, of keys in one text: the driver for any database knows no arrays.
const LOCK: &str =
    "SELECT pg_try_advisory_lock(CAST(key AS BIGINT)) FROM unnest(string_to_array($1, ',')) AS key";
/// Gives locks back.
const UNLOCK: &str =
    "SELECT pg_advisory_unlock(CAST(key AS BIGINT)) FROM unnest(string_to_array($1, ',')) AS key";

/// Should this machine vanish, PostgreSQL notices within half a minute and ends the locks. By itself it takes hours.
const KEEPALIVE: &str =
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3";

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
        tokio::spawn(
            Clerk {
                options,
                connection: None,
                held: HashSet::new(),
            }
            .work(requests),
        );
        Self { clerk }
    }
}

impl Store {
    /// Waits until no other process takes a turn of `user`. Fails with [`StoreError::Conflict`] if that takes minutes.
    pub async fn hold_turns(&self, user: &UserId) -> Result<Hold, StoreError> {
        let Engine::Postgres(Turnstile { clerk }) = &self.engine else {
            return Ok(Hold { given_back: None });
        };
        let (key, begun, mut pause) = (key(user), Instant::now(), PAUSES.0);
        while !in_time(WAITING, async {
            take(clerk, key).await.map_err(StoreError::doing(WAITING))
        })
        .await?
        {
            if begun.elapsed() > LONGEST_WAIT {
                return Err(StoreError::Conflict);
            }
            tokio::time::sleep(pause).await;
            pause = PAUSES.1.min(pause * 2);
        }
        Ok(Hold {
            given_back: Some((clerk.clone(), key)),
        })
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
    clerk
        .send(Request::Take(key, answer))
        .map_err(|_| sqlx::Error::PoolClosed)?;
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

/// Somebody who asks for a lock.
struct Wanted {
    key: i64,
    told: oneshot::Sender<Result<bool, sqlx::Error>>,
}

impl Clerk {
    /// All goes over one connection, so what came meanwhile goes together.
    async fn work(mut self, mut requests: mpsc::UnboundedReceiver<Request>) {
        let mut some = Vec::new();
        while requests.recv_many(&mut some, MOST).await > 0 {
            let (mut given, mut wanted) = (Vec::new(), Vec::new());
            for request in some.drain(..) {
                match request {
                    Request::Give(key) => given.push(key),
                    Request::Take(key, told) => wanted.push(Wanted { key, told }),
                }
            }
            // Only what was told to be taken is given back, so whoever asks for it now came later.
            self.give(given).await;
            self.take(wanted).await;
        }
    }

    async fn take(&mut self, wanted: Vec<Wanted>) {
        let wanted = self.possible(wanted);
        let keys: Vec<i64> = wanted.iter().map(|one| one.key).collect();
        let locked = match self.lock(&keys).await {
            Ok(locked) => locked,
            Err(error) => {
                return wanted
                    .into_iter()
                    .for_each(|one| drop(one.told.send(Err(alike(&error)))));
            }
        };
        self.held.extend(
            keys.iter()
                .zip(&locked)
                .filter(|(_, locked)| **locked)
                .map(|(key, _)| key),
        );
        let told = wanted
            .into_iter()
            .zip(locked)
            .map(|(one, locked)| (one.key, locked, one.told.send(Ok(locked))));
        let left = told
            .filter(|(_, locked, told)| *locked && told.is_err())
            .map(|(key, ..)| key)
            .collect();
        self.give(left).await;
    }

    /// Those whose lock may be free; the others are told at once that theirs is not.
    fn possible(&self, wanted: Vec<Wanted>) -> Vec<Wanted> {
        let mut first = HashSet::new();
        let waiting = wanted.into_iter().filter(|one| !one.told.is_closed());
        let (possible, taken): (Vec<_>, Vec<_>) =
            waiting.partition(|one| !self.held.contains(&one.key) && first.insert(one.key));
        for one in taken {
            // Whoever gave up needs no answer.
            let _ = one.told.send(Ok(false));
        }
        possible
    }

    async fn lock(&mut self, keys: &[i64]) -> Result<Vec<bool>, sqlx::Error> {
        let kept = self.connection.is_some();
        match self.ask(LOCK, keys).await {
            // A connection kept from before may have broken without a word.
            Err(_) if kept => self.ask(LOCK, keys).await,
            asked => asked,
        }
    }

    /// A lock whose connection broke is gone already.
    async fn give(&mut self, keys: Vec<i64>) {
        let keys: Vec<i64> = keys
            .into_iter()
            .filter(|key| self.held.remove(key))
            .collect();
        if let Err(error) = self.ask(UNLOCK, &keys).await {
            tracing::warn!(
                error = super::fault::plainly(&error),
                "the connection that holds the locks of turns broke"
            );
        }
    }

    /// What became of each of `keys`.
    async fn ask(&mut self, sql: &'static str, keys: &[i64]) -> Result<Vec<bool>, sqlx::Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        // A machine that vanished refuses nothing: it has to be given up.
        let asked = tokio::time::timeout(ACQUIRE, self.ask_patiently(sql, keys)).await;
        let asked = asked.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        if asked.is_err() {
            self.connection = None;
            self.held.clear();
        }
        asked
    }

    async fn ask_patiently(
        &mut self,
        sql: &'static str,
        keys: &[i64],
    ) -> Result<Vec<bool>, sqlx::Error> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(connect(&self.options).await?),
        };
        let keys: Vec<String> = keys.iter().map(i64::to_string).collect();
        sqlx::query_scalar(sql)
            .bind(keys.join(","))
            .fetch_all(connection)
            .await
    }
}

/// For others whom the same error befell.
fn alike(error: &sqlx::Error) -> sqlx::Error {
    match error {
        sqlx::Error::PoolTimedOut => sqlx::Error::PoolTimedOut,
        sqlx::Error::Io(error) => sqlx::Error::Io(error.kind().into()),
        _ => sqlx::Error::Io(std::io::ErrorKind::ConnectionAborted.into()),
    }
}

async fn connect(options: &AnyConnectOptions) -> Result<AnyConnection, sqlx::Error> {
    let mut connection = AnyConnection::connect_with(options).await?;
    connection.execute(KEEPALIVE).await?;
    Ok(connection)
}
