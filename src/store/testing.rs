//! Databases to test on: a fresh one for each test, of either kind.

use sqlx::{AnyConnection, Connection as _, Executor as _};
use tempfile::TempDir;

use super::Store;

/// Whose SQL is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// A file in a folder of its own.
    Sqlite,
    /// A schema of its own in the server that `scripts/with-postgres` starts.
    Postgres,
}

/// An empty database.
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
            Engine::Postgres => schema().await,
        };
        Self {
            url,
            _folder: folder,
        }
    }

    /// A PostgreSQL that undoes a transaction rather than let others show in it, as engines of its kind always do.
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

/// A schema is made a hundred times faster than a database, and holds the same.
async fn schema() -> String {
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let server = server();
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(&server).await.unwrap();
    let sql = format!("CREATE SCHEMA {name}");
    connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
    format!("{server}&options[search_path]={name}&application_name={name}")
}

/// The address of the server, with parameters already.
fn server() -> String {
    std::env::var("MOCK_INTERVIEWER_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!(
            "this test needs PostgreSQL: run `make test`, or `scripts/bootstrap check` once and \
             `scripts/with-postgres cargo test …`"
        )
    })
}
