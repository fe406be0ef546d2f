//! Opening a database: a first connection looks before anything is written, names what is wrong, and brings the tables
//! up to date; only then the pool is made.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, Connection, Executor};
use url::Url;

use super::{Store, StoreError, fault};

static MIGRATIONS: Migrator = sqlx::migrate!("assets/migrations");

/// How long a statement waits for another program's transaction on the same file.
const BUSY: Duration = Duration::from_secs(10);
/// How long a request waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(20);
/// SQLite has one writer at a time; more connections would only help readers.
const SQLITE_CONNECTIONS: u32 = 8;
/// Well below PostgreSQL's usual hundred, so that several servers fit.
const POSTGRES_CONNECTIONS: u32 = 16;

/// Per connection. A committed turn is on the disk: `synchronous=FULL` syncs the log at each commit.
const PRAGMAS: &str = "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL";

impl Store {
    /// Opens `url` (`sqlite:///path` or `postgres://…`), making and migrating it as needed.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_waiting(url, BUSY).await
    }

    /// The URL of a SQLite file, whatever characters its path holds.
    pub fn sqlite_url(path: &Path) -> String {
        let mut path = path.to_string_lossy().into_owned();
        // The per cent sign first: the others bring new ones.
        for (c, escaped) in [("%", "%25"), ("?", "%3F"), ("#", "%23"), (" ", "%20")] {
            path = path.replace(c, escaped);
        }
        format!("sqlite://{path}")
    }

    /// As [`Store::open`], waiting at most `busy` for a lock.
    pub(super) async fn open_waiting(url: &str, busy: Duration) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let sqlite = url.starts_with("sqlite:");
        let opened = if sqlite { open_sqlite(url, busy).await } else { open_postgres(url).await };
        let pool = opened.map_err(|reason| StoreError::Open { url: without_secrets(url), reason })?;
        Ok(Self { pool })
    }
}

async fn open_sqlite(url: &str, busy: Duration) -> Result<sqlx::AnyPool, String> {
    let file = SqliteConnectOptions::from_str(url).map_err(|error| fault::plainly(&error))?;
    make_private(file.get_filename())?;
    let options = options(url)?;
    let mut first = AnyConnection::connect_with(&options).await.map_err(|error| fault::plainly(&error))?;
    prepare_sqlite(&mut first, busy).await?;
    let pool = AnyPoolOptions::new()
        .max_connections(SQLITE_CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        // A file does not hang up: no pings, and no task that wakes up to renew connections.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| Box::pin(async move { set_up(connection, busy).await }))
        .connect_lazy_with(options);
    // Kept open until the pool has a connection of its own: the last one to close would remove the log.
    drop(pool.acquire().await.map_err(|error| fault::plainly(&error))?);
    first.close().await.map_err(|error| fault::plainly(&error))?;
    Ok(pool)
}

async fn open_postgres(url: &str) -> Result<sqlx::AnyPool, String> {
    if !["postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err("its address must begin with sqlite: or postgres:".to_owned());
    }
    let options = options(url)?;
    let mut first = AnyConnection::connect_with(&options).await.map_err(|error| fault::plainly(&error))?;
    MIGRATIONS.run_direct(None, &mut first, false).await.map_err(|error| fault::of_migration(&error))?;
    first.close().await.map_err(|error| fault::plainly(&error))?;
    let pool = AnyPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(ACQUIRE);
    Ok(pool.connect_lazy_with(options))
}

fn options(url: &str) -> Result<AnyConnectOptions, String> {
    AnyConnectOptions::from_str(url).map_err(|error| fault::plainly(&error))
}

/// Makes the file, for its owner alone, and the folders above it. An existing file is left as it is.
fn make_private(path: &Path) -> Result<(), String> {
    if path.to_string_lossy().starts_with("file:") || path.as_os_str().is_empty() {
        return Err("it needs a file; a database in memory would be empty for each connection".to_owned());
    }
    if let Some(folder) = path.parent() {
        private_folder(folder).map_err(|error| format!("its folder cannot be made ({error})"))?;
    }
    match private_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(format!("it cannot be made ({error})")),
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
async fn prepare_sqlite(connection: &mut AnyConnection, busy: Duration) -> Result<(), String> {
    set_up(connection, busy).await.map_err(|error| fault::plainly(&error))?;
    if is_foreign(connection).await.map_err(|error| fault::plainly(&error))? {
        return Err("the file belongs to another program".to_owned());
    }
    connection.execute("PRAGMA journal_mode = WAL").await.map_err(|error| fault::plainly(&error))?;
    // The lock keeps two programs that start together from both making the tables.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(|error| fault::plainly(&error))?;
    MIGRATIONS.run_direct(None, &mut *transaction, false).await.map_err(|error| fault::of_migration(&error))?;
    transaction.commit().await.map_err(|error| fault::plainly(&error))
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

/// The address without password and parameters, where a password may hide as well.
fn without_secrets(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut url) if url.has_host() && url.scheme() != "sqlite" => {
            // Fails for addresses that cannot hold a password, which then have none.
            url.set_password(None).ok();
            url.set_query(None);
            url.into()
        }
        Ok(url) if url.scheme() == "sqlite" => url.into(),
        _ => "(address not shown)".to_owned(),
    }
}
