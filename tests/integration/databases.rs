//! Fresh databases of either kind.

use mock_interviewer::store::Store;
use sqlx::{AnyConnection, Connection as _, Executor as _};
use tempfile::TempDir;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    /// In the server that `scripts/with-postgres` starts.
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
            Engine::Postgres => schema(&server()).await,
        };
        Self { url, folder }
    }

    /// A PostgreSQL that [`Database::go_away`] makes vanish.
    #[cfg(unix)]
    pub async fn unreliable() -> Self {
        let (folder, server) = (tempfile::tempdir().unwrap(), server());
        let (address, socket) = server.split_once("host=").unwrap();
        std::os::unix::fs::symlink(socket, folder.path().join("socket")).unwrap();
        let url = schema(&format!(
            "{address}host={}",
            folder.path().join("socket").display()
        ))
        .await;
        Self { url, folder }
    }

    /// Every connection breaks, and nobody is there to be connected to.
    #[cfg(unix)]
    pub async fn go_away(&self) {
        std::fs::rename(
            self.folder.path().join("socket"),
            self.folder.path().join("away"),
        )
        .unwrap();
        let sql = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1";
        let mut connection = AnyConnection::connect(&server()).await.unwrap();
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

/// A schema is made a hundred times faster than a database, and holds the same.
async fn schema(server: &str) -> String {
    sqlx::any::install_default_drivers();
    let name = format!("test_{}", uuid::Uuid::new_v4().simple());
    let mut connection = AnyConnection::connect(server).await.unwrap();
    let sql = format!("CREATE SCHEMA {name}");
    connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
    format!("{server}&options[search_path]={name}&application_name={name}")
}

fn server() -> String {
    std::env::var("MOCK_INTERVIEWER_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!(
            "this test needs PostgreSQL: run `make test`, or `scripts/bootstrap check` once and \
             `scripts/with-postgres cargo test …`"
        )
    })
}
