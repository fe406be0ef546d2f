//! A SQLite file, made and opened for its owner alone.

use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use sqlx::any::AnyPoolOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, Connection, Executor};

use super::{ACQUIRE, MIGRATIONS, options};
use crate::store::dialect::Dialect;
use crate::store::group_commit::GroupCommit;
use crate::store::user_lock::UserLocks;
use crate::store::{Store, error_text};

/// How long a statement waits for another program's transaction on the same file.
pub(super) const BUSY: Duration = Duration::from_secs(10);
/// Between two tries of what SQLite itself does not wait for.
const PAUSE: Duration = Duration::from_millis(5);
/// One writes, the others read. With eight, each a thread with a cache of its own, a server of two processors took half
/// as much again for a history.
const CONNECTIONS: u32 = 3;

/// Per connection. A committed turn is on the disk: `synchronous=FULL` syncs the log at each commit. 4 MiB of cache, so
/// that what is written does not drive out what is read at once. What is deleted is overwritten, not only forgotten.
const PRAGMAS: &str = "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096; PRAGMA secure_delete = ON";

pub(super) async fn open(url: &str, busy: Duration) -> Result<Store, String> {
    let file = SqliteConnectOptions::from_str(url).map_err(|error| error_text::describe(&error))?;
    make_private(file.get_filename())?;
    let options = options(url)?;
    let mut first = AnyConnection::connect_with(&options)
        .await
        .map_err(|error| error_text::describe(&error))?;
    prepare(&mut first, busy).await?;
    let pool = AnyPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        // A file does not hang up: no pings, and no task that wakes up to renew connections.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| Box::pin(async move { set_up(connection, busy).await }))
        .connect_lazy_with(options);
    // Kept open until the pool has a connection of its own: the last one to close would remove the log.
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

/// Makes the file, for its owner alone, and the folders above it. An existing file is left as it is.
fn make_private(path: &Path) -> Result<(), String> {
    if path.to_string_lossy().starts_with("file:") || path.as_os_str().is_empty() {
        return Err(
            "it needs a file; a database in memory would be empty for each connection".to_owned(),
        );
    }
    if let Some(folder) = path.parent() {
        private_folder(folder).map_err(|error| format!("its folder cannot be made ({error})"))?;
    }
    match private_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(format!("it cannot be made ({error})"))
        }
        _ => Ok(()),
    }
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

fn private_file(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(path)
}

/// Looks first, so that a file of another program is not even switched to write-ahead logging.
async fn prepare(connection: &mut AnyConnection, busy: Duration) -> Result<(), String> {
    set_up(connection, busy)
        .await
        .map_err(|error| error_text::describe(&error))?;
    if is_foreign(connection)
        .await
        .map_err(|error| error_text::describe(&error))?
    {
        return Err("the file belongs to another program".to_owned());
    }
    log_ahead(connection, busy)
        .await
        .map_err(|error| error_text::describe(&error))?;
    // The lock keeps two programs that start together from both making the tables.
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

/// Where two programs do this at once, SQLite fails at once: each would wait for the other's lock for ever. So the wait
/// is ours; one of them was first, and finds it done.
async fn log_ahead(connection: &mut AnyConnection, busy: Duration) -> Result<(), sqlx::Error> {
    let begun = Instant::now();
    loop {
        match connection.execute("PRAGMA journal_mode = WAL").await {
            Err(error) if error_text::is_transient(&error) && begun.elapsed() < busy => {
                tokio::time::sleep(PAUSE).await
            }
            done => return done.map(drop),
        }
    }
}

async fn set_up(connection: &mut AnyConnection, busy: Duration) -> Result<(), sqlx::Error> {
    let wait = format!("PRAGMA busy_timeout = {}", busy.as_millis());
    connection.execute(sqlx::AssertSqlSafe(wait)).await?;
    connection.execute(PRAGMAS).await?;
    Ok(())
}

/// Whether the file holds tables, and none of them is the record of our migrations.
async fn is_foreign(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    let sql = "SELECT COUNT(*), COALESCE(SUM(name = '_sqlx_migrations'), 0) FROM sqlite_master WHERE type = 'table'";
    let (tables, ours): (i64, i64) = sqlx::query_as(sql).fetch_one(connection).await?;
    Ok(tables > 0 && ours == 0)
}
