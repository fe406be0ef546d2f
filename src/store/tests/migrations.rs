//! Databases written by earlier versions.

use rstest::rstest;
use sqlx::{AnyConnection, Connection as _, Executor as _};

use super::*;

/// The last migration before remembered answers named their interview.
const BEFORE_INTERVIEW_OF_REQUEST: i64 = 30;

const ROWS: &str = r#"
    INSERT INTO users (id, username, email, email_folded, password_hash, active, created_at)
    VALUES ('ann', 'ann', 'ann@example.org', 'ann@example.org', 'phc', 1, 0);
    INSERT INTO interviews (id, user_id, topic, language, seed, interviewer, started_at, finished, is_current)
    VALUES ('first', 'ann', 'Rust', 'en', 1, 'question bank', 0, 1, 0),
           ('second', 'ann', 'Rust', 'en', 1, 'question bank', 1, 0, 1);
    INSERT INTO idempotency (user_id, request_key, fingerprint, answer, created_at)
    VALUES ('ann', 'one', 'f', '{"response":"a\u0000b","interview_id":"first"}', 0),
           ('ann', 'two', 'f', '{"response":"\"interview_id\":\"first\"","interview_id":"second"}', 0),
           ('ann', 'unknown', 'f', '{"response":"?","interview_id":null}', 0);
"#;

#[rstest]
#[tokio::test]
async fn answers_remembered_by_an_earlier_version_are_deleted_with_their_interview(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let database = Database::new(engine).await;
    write_earlier_version(&database.url).await;
    let store = database.open().await;
    let ann = UserId("ann".to_owned());
    let first = InterviewId("first".to_owned());
    assert!(store.delete_interview(&ann, &first, &[]).await.unwrap());
    let mut kept = Vec::new();
    for key in ["one", "two", "unknown"] {
        if store
            .remembered_answer(&ann, key, NOW)
            .await
            .unwrap()
            .is_some()
        {
            kept.push(key);
        }
    }
    assert_eq!(kept, ["two", "unknown"]);
}

async fn write_earlier_version(url: &str) {
    sqlx::any::install_default_drivers();
    let earlier = open::MIGRATIONS
        .iter()
        .filter(|migration| migration.version <= BEFORE_INTERVIEW_OF_REQUEST);
    let url = url.replace(".db", ".db?mode=rwc");
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    sqlx::migrate::Migrator::with_migrations(earlier.cloned().collect())
        .run_direct(None, &mut connection, false)
        .await
        .unwrap();
    connection.execute(ROWS).await.unwrap();
    connection.close().await.unwrap();
}
