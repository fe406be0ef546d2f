//! Advisory locks of PostgreSQL, all taken over one connection that belongs to no pool. A thousand
//! turns that wait for their interviewers therefore occupy no connection of the pool, and the locks
//! of a killed process end with its connection.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use tokio::sync::Mutex;

use crate::store::UserId;
use crate::store::error_text;

/// The time limit of one statement. A machine that vanished refuses nothing, so the connection to
/// it has to be given up.
const STATEMENT_LIMIT: Duration = Duration::from_secs(10);

/// The keepalive settings let PostgreSQL notice within half a minute that this machine vanished,
/// and end its locks; the defaults take hours. PostgreSQL warns when a lock is released that is not
/// held, which happens after an attempt whose outcome is unknown.
const SETTINGS: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; \
                        SET tcp_keepalives_count = 3; SET client_min_messages = 'error'";

/// The connection that holds the advisory locks of this process, opened at the first turn. Clones
/// are the same connection.
#[derive(Clone, Debug)]
pub struct LockConnection {
    options: Arc<AnyConnectOptions>,
    connection: Arc<Mutex<Option<AnyConnection>>>,
}

/// Returns the number of the user's lock. The migrations and other programs use numbers of their
/// own; 64 bits keep them apart.
pub fn key(user: &UserId) -> i64 {
    let digest = Sha256::digest(["turn of ", user.0.as_str()].concat());
    i64::from_be_bytes(digest[..8].try_into().expect("SHA-256 has 32 bytes"))
}

impl LockConnection {
    pub fn new(options: AnyConnectOptions) -> Self {
        Self {
            options: Arc::new(options),
            connection: Arc::default(),
        }
    }

    /// Takes the lock unless another process holds it.
    pub async fn try_lock(&self, key: i64) -> Result<bool, sqlx::Error> {
        let mut connection = self.connection.lock().await;
        let reused = connection.is_some();
        match self.query(&mut connection, LOCK, key).await {
            // A connection that was idle may have broken unnoticed.
            Err(_) if reused => self.query(&mut connection, LOCK, key).await,
            locked => locked,
        }
    }

    /// Releases the lock. A lock whose connection broke is released already.
    pub async fn unlock(&self, key: i64) {
        let mut connection = self.connection.lock().await;
        if connection.is_none() {
            return;
        }
        if let Err(error) = self.query(&mut connection, UNLOCK, key).await {
            let error = error_text::describe(&error);
            tracing::warn!(%error, "the connection that holds the user locks broke");
        }
    }

    /// Closes the connection when the statement fails, which releases all its locks.
    async fn query(
        &self,
        connection: &mut Option<AnyConnection>,
        sql: &'static str,
        key: i64,
    ) -> Result<bool, sqlx::Error> {
        let answer = tokio::time::timeout(STATEMENT_LIMIT, async {
            let open = match &mut *connection {
                Some(open) => open,
                closed => closed.insert(connect(&self.options).await?),
            };
            sqlx::query_scalar(sql).bind(key).fetch_one(open).await
        });
        let answer = answer.await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        if answer.is_err() {
            *connection = None;
        }
        answer
    }
}

const LOCK: &str = "SELECT pg_try_advisory_lock($1)";
const UNLOCK: &str = "SELECT pg_advisory_unlock($1)";

async fn connect(options: &AnyConnectOptions) -> Result<AnyConnection, sqlx::Error> {
    let mut connection = AnyConnection::connect_with(options).await?;
    connection.execute(SETTINGS).await?;
    Ok(connection)
}
