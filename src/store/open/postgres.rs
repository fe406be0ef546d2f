//! Opening a PostgreSQL database, or one whose server speaks the same protocol.

use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, Connection};

use super::{ACQUIRE_TIMEOUT, MIGRATIONS, options};
use crate::store::dialect::Dialect;
use crate::store::fault::Fault;
use crate::store::user_lock::{LockConnection, UserLocks};
use crate::store::{Store, error_text};

/// Well below PostgreSQL's default of a hundred, so that several servers fit. A turn holds a
/// connection while it reads and while it writes, never while the interviewer thinks.
const MAX_CONNECTIONS: u32 = 16;
/// A connection that was idle for longer is tested before it is used, since the database may have
/// been restarted.
const TEST_AFTER_IDLE: Duration = Duration::from_secs(1);

/// Opens `url`. One process at a time runs the migrations.
pub(super) async fn open(url: &str) -> Result<Store, Fault> {
    if !["postgres:", "postgresql:"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return Err(Fault::Address);
    }
    let options = options(url)?;
    let mut first = AnyConnection::connect_with(&options)
        .await
        .map_err(|error| error_text::describe(&error))?;
    prepare(&mut first).await?;
    first
        .close()
        .await
        .map_err(|error| error_text::describe(&error))?;
    let pool = AnyPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            let test = about.idle_for > TEST_AFTER_IDLE;
            Box::pin(async move {
                if test {
                    connection.ping().await.map(|()| true)
                } else {
                    Ok(true)
                }
            })
        })
        .connect_lazy_with(options.clone());
    Ok(Store {
        pool,
        dialect: Dialect::Postgres,
        group_commit: None,
        user_locks: UserLocks::new(Some(LockConnection::new(options))),
    })
}

async fn prepare(first: &mut AnyConnection) -> Result<(), Fault> {
    let encoding: String = sqlx::query_scalar("SHOW server_encoding")
        .fetch_one(&mut *first)
        .await
        .map_err(|error| error_text::describe(&error))?;
    // SQL_ASCII stores bytes unchanged.
    if !["UTF8", "SQL_ASCII"].contains(&encoding.as_str()) {
        return Err(Fault::Encoding(encoding));
    }
    MIGRATIONS
        .run_direct(None, first, false)
        .await
        .map_err(|error| error_text::describe_migration(&error))
}
