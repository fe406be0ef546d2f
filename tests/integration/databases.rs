//! A fresh database for each test, SQLite or PostgreSQL.

use mock_interviewer::store::Store;
use sqlx::{AnyConnection, Connection as _};
use tempfile::TempDir;

use postgres::{create_schema, server_url};

#[path = "../support/postgres.rs"]
mod postgres;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    /// A schema in the server that `scripts/with-postgres` starts.
    Postgres,
}

pub struct Database {
    pub url: String,
    folder: TempDir,
}

impl Database {
    pub async fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match engine {
            Engine::Sqlite => Store::sqlite_url(&folder.path().join("server.db")),
            Engine::Postgres => create_schema(&server_url()).await,
        };
        Self { url, folder }
    }

    /// Creates a PostgreSQL database that [`Database::go_away`] can make unreachable.
    #[cfg(unix)]
    pub async fn unreliable() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = server_url();
        let (address, socket) = server.split_once("host=").unwrap();
        std::os::unix::fs::symlink(socket, folder.path().join("socket")).unwrap();
        let url = create_schema(&format!(
            "{address}host={}",
            folder.path().join("socket").display()
        ))
        .await;
        Self { url, folder }
    }

    /// Breaks every connection, and refuses new ones.
    #[cfg(unix)]
    pub async fn go_away(&self) {
        std::fs::rename(
            self.folder.path().join("socket"),
            self.folder.path().join("away"),
        )
        .unwrap();
        let sql = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1";
        let mut connection = AnyConnection::connect(&server_url()).await.unwrap();
        let (_, name) = self.url.split_once("application_name=").unwrap();
        sqlx::query(sql)
            .bind(name)
            .execute(&mut connection)
            .await
            .unwrap();
    }

    #[cfg(unix)]
    pub fn come_back(&self) {
        std::fs::rename(
            self.folder.path().join("away"),
            self.folder.path().join("socket"),
        )
        .unwrap();
    }
}
