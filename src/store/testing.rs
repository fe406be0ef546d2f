//! A fresh database for each test, SQLite or PostgreSQL.

use sqlx::Executor as _;
use tempfile::TempDir;

use super::Store;
use postgres::{create_schema, server_url};

#[path = "../../tests/support/postgres.rs"]
mod postgres;

/// The kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// A file in a temporary folder.
    Sqlite,
    /// A schema in the server that `scripts/with-postgres` starts.
    Postgres,
}

/// A database that has no tables yet.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) url: String,
    _folder: TempDir,
}

impl Database {
    pub(crate) async fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match engine {
            Engine::Sqlite => Store::sqlite_url(&folder.path().join("test.db")),
            Engine::Postgres => create_schema(&server_url()).await,
        };
        Self {
            url,
            _folder: folder,
        }
    }

    /// Creates a PostgreSQL database that rolls back a transaction which conflicts with another
    /// one, as some servers with its protocol always do.
    pub(crate) async fn serializable() -> Self {
        let mut database = Self::new(Engine::Postgres).await;
        database
            .url
            .push_str("&options[default_transaction_isolation]=serializable");
        database
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }
}

/// Makes an SQLite database refuse every write, as a read-only file system does.
#[cfg(feature = "server")]
pub(crate) async fn make_read_only(store: &Store) {
    on_every_connection(store, "PRAGMA query_only = ON").await;
}

/// Leaves no page of an SQLite database free and refuses new ones, as a full disk does.
pub(crate) async fn fill_disk(store: &Store) {
    // The limit becomes the present size, since it cannot be smaller.
    on_every_connection(store, "PRAGMA max_page_count = 1").await;
    let sql =
        "INSERT INTO speech (name, content_type, bytes, created_at) VALUES ($1, 'filler', $2, 0)";
    for size in [4_000_usize, 400, 40] {
        for row in 0.. {
            let filling = sqlx::query(sql)
                .bind(format!("{size}/{row}"))
                .bind(vec![0_u8; size]);
            if filling.execute(&store.pool).await.is_err() {
                break;
            }
        }
    }
}

/// Frees what [`fill_disk`] took, and allows new pages.
#[cfg(feature = "server")]
pub(crate) async fn free_disk(store: &Store) {
    on_every_connection(store, "PRAGMA max_page_count = 1000000").await;
    sqlx::query("DELETE FROM speech WHERE content_type = 'filler'")
        .execute(&store.pool)
        .await
        .unwrap();
}

async fn on_every_connection(store: &Store, pragma: &'static str) {
    let mut connections = Vec::new();
    for _ in 0..store.pool.options().get_max_connections() {
        connections.push(store.pool.acquire().await.unwrap());
    }
    for connection in &mut connections {
        connection.execute(pragma).await.unwrap();
    }
}
