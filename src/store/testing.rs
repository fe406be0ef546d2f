//! A fresh database for each test, SQLite or PostgreSQL.

use sqlx::{AnyConnection, Connection as _, Executor as _};
use tempfile::TempDir;

use super::Store;

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
            Engine::Postgres => create_schema().await,
        };
        Self {
            url,
            _folder: folder,
        }
    }

    /// Creates a PostgreSQL database that rolls back a transaction which conflicts with another one, as
    /// some servers with its protocol always do.
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

/// Creates a schema, which takes a hundredth of the time that a database takes.
async fn create_schema() -> String {
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let server = server_url();
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&server).await.unwrap();
    let sql = format!("CREATE SCHEMA {name}");
    connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
    format!("{server}&options[search_path]={name}&application_name={name}")
}

/// Returns the URL of the server, which has query parameters already.
fn server_url() -> String {
    std::env::var("MOCK_INTERVIEWER_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!(
            "this test needs PostgreSQL: run `make test`, or `scripts/bootstrap check` once and \
             `scripts/with-postgres cargo test …`"
        )
    })
}
