//! Opening databases: which are created, and which are refused and left unchanged.

use std::time::Duration;

use rstest::rstest;
use sqlx::{AnyConnection, Connection, Executor};

use super::*;

async fn refusal(url: &str) -> String {
    Store::open_with(url, Duration::ZERO)
        .await
        .unwrap_err()
        .to_string()
}

#[tokio::test]
async fn a_database_is_created_with_its_folders_and_readable_only_by_its_owner() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b/한글 100%?#/test.db");
    let store = Store::open(&Store::sqlite_url(&path)).await.unwrap();
    user(&store, "ann").await;
    store.close().await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    let again = Store::open(&Store::sqlite_url(&path)).await.unwrap();
    assert!(again.user_by_name("ann").await.unwrap().is_some());
}

#[tokio::test]
async fn every_connection_syncs_each_commit_and_enforces_keys() {
    let (_folder, store) = file().await;
    let mut connections = Vec::new();
    for _ in 0..3 {
        connections.push(store.pool.acquire().await.unwrap());
    }
    for connection in &mut connections {
        let mut pragma = async |sql: &'static str| -> i64 {
            sqlx::query_scalar(sql)
                .fetch_one(&mut **connection)
                .await
                .unwrap()
        };
        assert_eq!(pragma("PRAGMA synchronous").await, 2);
        assert_eq!(pragma("PRAGMA foreign_keys").await, 1);
        assert_eq!(pragma("PRAGMA busy_timeout").await, 10_000);
    }
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut *connections[0])
        .await
        .unwrap();
    assert_eq!(journal, "wal");
}

#[rstest]
#[case::not_a_database(
    b"this is a shopping list, not a database at all",
    "the file is not a database"
)]
#[case::torn_header(b"SQLite format 3\0\xff\xff\xff\xff", "the file is not a database")]
#[tokio::test]
async fn a_file_that_is_not_a_database_is_refused_and_left_unchanged(
    #[case] bytes: &[u8],
    #[case] reason: &str,
) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("test.db"), bytes).unwrap();
    let url = url_in(folder.path());
    assert_eq!(
        refusal(&url).await,
        format!("cannot open the database {url}: {reason}")
    );
    assert_eq!(std::fs::read(folder.path().join("test.db")).unwrap(), bytes);
}

#[tokio::test]
async fn a_damaged_database_is_refused_and_left_unchanged() {
    let (folder, store) = file().await;
    store.close().await;
    let path = folder.path().join("test.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100..].fill(0xa5);
    std::fs::write(&path, &bytes).unwrap();
    let error = refusal(&url_in(folder.path())).await;
    assert!(error.ends_with("the file is damaged"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[tokio::test]
async fn a_database_of_another_program_is_refused_and_left_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("test.db"), b"").unwrap();
    sqlx::any::install_default_drivers();
    let mut other = AnyConnection::connect(&url_in(folder.path()))
        .await
        .unwrap();
    other
        .execute("CREATE TABLE recipes (name TEXT)")
        .await
        .unwrap();
    other.close().await.unwrap();
    let before = std::fs::read(folder.path().join("test.db")).unwrap();
    let error = refusal(&url_in(folder.path())).await;
    assert!(
        error.ends_with("the file belongs to another program"),
        "{error}"
    );
    assert_eq!(
        std::fs::read(folder.path().join("test.db")).unwrap(),
        before
    );
}

#[tokio::test]
async fn a_database_written_by_a_newer_version_is_refused() {
    let (folder, store) = file().await;
    let sql = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               VALUES (9999, 'later', 1, X'00', 0)";
    store.pool.execute(sql).await.unwrap();
    store.close().await;
    let error = refusal(&url_in(folder.path())).await;
    assert!(
        error.ends_with("it was written by a newer version of this program; please update"),
        "{error}"
    );
}

#[tokio::test]
async fn a_locked_database_is_reported() {
    let (folder, store) = file().await;
    let mut other = store.pool.acquire().await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let error = refusal(&url_in(folder.path())).await;
    assert!(
        error.ends_with("it is locked by another program"),
        "{error}"
    );
    other.execute("ROLLBACK").await.unwrap();
    assert!(Store::open(&url_in(folder.path())).await.is_ok());
}

#[rstest]
#[case(
    "sqlite::memory:",
    "a database in memory would be empty for each connection"
)]
#[case(
    "mysql://root:secret@localhost/x",
    "its address must begin with sqlite: or postgres:"
)]
#[case("nonsense", "its address must begin with sqlite: or postgres:")]
#[tokio::test]
async fn an_address_that_cannot_be_used_is_refused_without_its_password(
    #[case] url: &str,
    #[case] reason: &str,
) {
    let error = refusal(url).await;
    assert!(
        error.contains(reason) && !error.contains("secret"),
        "{error}"
    );
}

#[rstest]
#[case(
    "postgres://ann:secret@db.example:5433/x?sslmode=require",
    "postgres://ann@db.example:5433/x?sslmode=require"
)]
#[case(
    "postgres://ann@localhost/x?host=/run/pg&password=secret",
    "postgres://ann@localhost/x?host=%2Frun%2Fpg"
)]
#[case("postgres:///x?host=/run/pg", "postgres:///x?host=/run/pg")]
#[case("sqlite:///srv/a b.db", "sqlite:///srv/a%20b.db")]
#[case("ann:secret", "(address not shown)")]
#[case("", "")]
fn an_address_is_shown_without_its_password(#[case] url: &str, #[case] shown: &str) {
    assert_eq!(Store::url_without_password(url), shown);
}
