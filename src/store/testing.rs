//! A fresh database for each test, SQLite or PostgreSQL.

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
