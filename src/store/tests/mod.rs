//! Tests of the store over real databases. What does not concern files is tested on both SQLite and
//! PostgreSQL.

mod attempts;
mod history;
mod migrations;
mod opening;
mod sharing;
mod speech;
mod turns;
mod users;

use std::path::Path;

use jiff::Timestamp;
use tempfile::TempDir;

use super::testing::{Database, Engine};
use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

async fn temporary(engine: Engine) -> (Database, Store) {
    let database = Database::new(engine).await;
    let store = database.open().await;
    (database, store)
}

async fn file() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&url_in(folder.path())).await.unwrap();
    (folder, store)
}

fn url_in(folder: &Path) -> String {
    Store::sqlite_url(&folder.join("test.db"))
}

async fn user(store: &Store, name: &str) -> UserId {
    let email = format!("{name}@example.org");
    store
        .create_user(
            NewUser {
                username: name,
                email: &email,
                password_hash: "phc",
            },
            NOW,
        )
        .await
        .unwrap()
}

fn hours(hours: i64) -> Timestamp {
    Timestamp::from_second(hours * 3600).unwrap()
}
