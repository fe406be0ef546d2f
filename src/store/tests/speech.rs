//! Spoken replies, and the error of a full disk.

use rstest::rstest;
use sqlx::Executor as _;

use super::*;

#[rstest]
#[tokio::test]
async fn speech_is_kept_until_it_expires(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let bytes = [0, 255, b'1', b'2', 0];
    let ann = user(&store, "ann").await;
    store
        .save_speech(&ann, "old.wav", "audio/wav", &bytes, NOW)
        .await
        .unwrap();
    store
        .save_speech(&ann, "new.wav", "audio/wav", b"123", hours(2))
        .await
        .unwrap();
    let info = |length| {
        Some(SpeechInfo {
            content_type: "audio/wav".to_owned(),
            length,
        })
    };
    assert_eq!(store.speech("old.wav").await.unwrap(), info(5));
    assert_eq!(
        store.speech_bytes("old.wav", 0..5).await.unwrap(),
        Some(bytes.to_vec())
    );
    assert_eq!(
        store.speech_bytes("old.wav", 1..3).await.unwrap(),
        Some(bytes[1..3].to_vec())
    );
    store.delete_expired_replies(hours(1)).await.unwrap();
    assert_eq!(store.speech("old.wav").await.unwrap(), None);
    assert_eq!(store.speech_bytes("old.wav", 0..5).await.unwrap(), None);
    assert_eq!(store.speech("new.wav").await.unwrap(), info(3));
}

#[tokio::test]
async fn a_failed_statement_describes_its_cause() {
    let (_folder, store) = file().await;
    let ann = user(&store, "ann").await;
    let connections: Vec<_> = {
        let mut all = Vec::new();
        for _ in 0..store.pool.options().get_max_connections() {
            all.push(store.pool.acquire().await.unwrap());
        }
        all
    };
    for mut connection in connections {
        // Allows no more pages than there are, so that the next one does not fit, as on a full
        // disk.
        connection
            .execute("PRAGMA max_page_count = 1")
            .await
            .unwrap();
    }
    let full = store
        .save_speech(&ann, "big.wav", "audio/wav", &vec![1; 100_000], NOW)
        .await
        .unwrap_err();
    assert_eq!(
        full.to_string(),
        "the database failed while saving a spoken reply: the disk is full"
    );
}
