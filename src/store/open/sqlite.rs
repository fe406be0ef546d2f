//! Opening a SQLite file, which is created so that only its owner can read it.

use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use sqlx::any::AnyPoolOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, Connection, Executor};

use super::{ACQUIRE_TIMEOUT, MIGRATIONS, options};
use crate::store::dialect::Dialect;
use crate::store::fault::Fault;
use crate::store::group_commit::GroupCommit;
use crate::store::user_lock::UserLocks;
use crate::store::{Store, error_text};

/// The time a statement waits for the transaction of another program on the same file.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// The pause between two attempts at a statement for which SQLite itself does not wait.
const PAUSE: Duration = Duration::from_millis(5);
/// One connection writes, the others read. With eight, each a thread with a cache of its own, a
/// server with two processors took half as long again to read a history.
const MAX_CONNECTIONS: u32 = 3;

/// The settings of each connection. `synchronous = FULL` syncs the log at each commit, so that a
/// committed turn is on the disk. A cache of 4 MiB keeps writes from evicting the pages that are
/// read next. `secure_delete` overwrites deleted content.
const PRAGMAS: &str = "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; \
                       PRAGMA cache_size = -4096; PRAGMA secure_delete = ON";

pub(super) async fn open(url: &str, busy_timeout: Duration) -> Result<Store, Fault> {
    let file = SqliteConnectOptions::from_str(url).map_err(|error| error_text::describe(&error))?;
    create_private(file.get_filename())?;
    let options = options(url)?;
    let mut first = AnyConnection::connect_with(&options)
        .await
        .map_err(|error| error_text::describe(&error))?;
    prepare(&mut first, busy_timeout).await?;
    let pool = AnyPoolOptions::new()
        .max_connections(MAX_CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // Connections to a file do not break: they need no tests and no task that renews them.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            Box::pin(async move { set_up(connection, busy_timeout).await })
        })
        // A commit that a full disk refused may leave its transaction open, and the file locked.
        .after_release(|connection, _| {
            Box::pin(async move { Ok(connection.execute("ROLLBACK").await.is_err()) })
        })
        .connect_lazy_with(options);
    // The first connection stays open until the pool has one of its own, because the last
    // connection to close removes the log.
    drop(
        pool.acquire()
            .await
            .map_err(|error| error_text::describe(&error))?,
    );
    first
        .close()
        .await
        .map_err(|error| error_text::describe(&error))?;
    Ok(Store {
        group_commit: Some(GroupCommit::new(pool.clone())),
        pool,
        dialect: Dialect::Sqlite,
        user_locks: UserLocks::new(None),
    })
}

/// Creates the file and the folders above it, readable only by their owner. An existing file is
/// left as it is.
fn create_private(path: &Path) -> Result<(), Fault> {
    if path.to_string_lossy().starts_with("file:") || path.as_os_str().is_empty() {
        return Err(Fault::InMemory);
    }
    if let Some(folder) = path.parent() {
        create_private_folder(folder).map_err(Fault::NoFolder)?;
    }
    match create_private_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Fault::NotCreated(error))
        }
        _ => Ok(()),
    }
}

fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn create_private_file(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(path)
}

/// Checks first whether the file belongs to another program, so that such a file is not even
/// switched to write-ahead logging.
async fn prepare(connection: &mut AnyConnection, busy_timeout: Duration) -> Result<(), Fault> {
    set_up(connection, busy_timeout)
        .await
        .map_err(|error| error_text::describe(&error))?;
    if is_foreign(connection)
        .await
        .map_err(|error| error_text::describe(&error))?
    {
        return Err(Fault::Foreign);
    }
    enable_write_ahead_log(connection, busy_timeout)
        .await
        .map_err(|error| error_text::describe(&error))?;
    // The lock keeps two programs that start at the same time from both creating the tables.
    let mut transaction = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(|error| error_text::describe(&error))?;
    MIGRATIONS
        .run_direct(None, &mut *transaction, false)
        .await
        .map_err(|error| error_text::describe_migration(&error))?;
    transaction
        .commit()
        .await
        .map_err(|error| error_text::describe(&error))
}

/// Retries, because SQLite fails immediately when two programs do this at the same time: each would
/// wait for the lock of the other forever. The program that comes second finds it done.
async fn enable_write_ahead_log(
    connection: &mut AnyConnection,
    busy_timeout: Duration,
) -> Result<(), sqlx::Error> {
    let begun = Instant::now();
    loop {
        match connection.execute("PRAGMA journal_mode = WAL").await {
            Err(error) if error_text::is_transient(&error) && begun.elapsed() < busy_timeout => {
                tokio::time::sleep(PAUSE).await;
            }
            done => return done.map(drop),
        }
    }
}

async fn set_up(connection: &mut AnyConnection, busy_timeout: Duration) -> Result<(), sqlx::Error> {
    let wait = format!("PRAGMA busy_timeout = {}", busy_timeout.as_millis());
    connection.execute(sqlx::AssertSqlSafe(wait)).await?;
    connection.execute(PRAGMAS).await?;
    Ok(())
}

/// Returns whether the file has tables, but not the table of our migrations.
async fn is_foreign(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    let sql = "SELECT COUNT(*), COALESCE(SUM(name = '_sqlx_migrations'), 0) FROM sqlite_master WHERE type = 'table'";
    let (tables, ours): (i64, i64) = sqlx::query_as(sql).fetch_one(connection).await?;
    Ok(tables > 0 && ours == 0)
}
