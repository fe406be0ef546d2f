//! A PostgreSQL database, or one of an engine that speaks its protocol.

use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyConnection, Connection};

use super::{ACQUIRE, MIGRATIONS, options};
use crate::store::dialect::Dialect;
use crate::store::user_lock::{LockConnection, UserLocks};
use crate::store::{Store, error_text};

/// Well below PostgreSQL's usual hundred, so that several servers fit. A turn holds one for its reading and for its
/// writing, never while the interviewer thinks.
const CONNECTIONS: u32 = 16;
/// A connection that rested longer is asked whether it still lives: the database may have been restarted meanwhile.
const RESTED: Duration = Duration::from_secs(1);

/// Opens `url`, whose tables are made and migrated by one process at a time.
pub(super) async fn open(url: &str) -> Result<Store, String> {
    if !["postgres:", "postgresql:"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return Err("its address must begin with sqlite: or postgres:".to_owned());
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
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            let rested = about.idle_for > RESTED;
            Box::pin(async move {
                if rested {
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

async fn prepare(first: &mut AnyConnection) -> Result<(), String> {
    let encoding: String = sqlx::query_scalar("SHOW server_encoding")
        .fetch_one(&mut *first)
        .await
        .map_err(|error| error_text::describe(&error))?;
    // SQL_ASCII keeps whatever bytes it is given.
    if !["UTF8", "SQL_ASCII"].contains(&encoding.as_str()) {
        return Err(format!(
            "its encoding is {encoding}, which cannot hold every script; it has to be UTF8"
        ));
    }
    MIGRATIONS
        .run_direct(None, first, false)
        .await
        .map_err(|error| error_text::describe_migration(&error))
}
