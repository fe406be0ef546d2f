//! Listing interviews, deleting one, and deleting accounts.

use rstest::rstest;

use super::*;
use crate::interview::{Background, Language, Message, Role, Topic};

fn interview(user: &UserId, number: u32, at: Timestamp) -> Interview {
    Interview {
        id: InterviewId(format!("7f0c8e0a-0000-4000-8000-{number:012}")),
        user: user.clone(),
        topic: Topic::parse("Rust").unwrap(),
        language: Language::English,
        level: None,
        questions: None,
        background: Background {
            resume: None,
            job_description: Some("일".to_owned()),
        },
        seed: 7,
        interviewer: "question bank".to_owned(),
        started_at: at,
        finished: false,
    }
}

/// Saves an interview with one answer and the remembered answer to its request.
async fn save_interview(store: &Store, interview: &Interview) {
    let message = |role| StoredMessage {
        message: Message::new(role, "?"),
        asked: None,
        spoken: None,
    };
    let messages = [Role::System, Role::Assistant, Role::User]
        .map(message)
        .to_vec();
    let id = interview.id.clone();
    let answer = format!(r#"{{"response":"?","interview_id":"{}","count":1}}"#, id.0);
    let answer = std::sync::Arc::new(move |_| answer.clone());
    let request = IdempotencyRecord {
        key: id.0.clone(),
        fingerprint: "f".to_owned(),
        interview: id.clone(),
        answer,
    };
    let changes = vec![
        Change::Open(interview.clone()),
        Change::AddMessages {
            interview: id,
            position: 0,
            messages,
        },
    ];
    let record = TurnRecord {
        idempotency: Some(request),
        ..turn(&interview.user, changes)
    };
    store.save_turn(record).await.unwrap();
}

fn turn(user: &UserId, changes: Vec<Change>) -> TurnRecord {
    let counting = Counting::Counted { limit: None };
    TurnRecord {
        user: user.clone(),
        day: jiff::civil::date(2026, 3, 1),
        now: NOW,
        counting,
        changes,
        idempotency: None,
    }
}

fn cursors(listed: &[ListedInterview]) -> Vec<HistoryCursor> {
    listed.iter().map(ListedInterview::cursor).collect()
}

#[rstest]
#[tokio::test]
async fn interviews_are_listed_newest_first_from_any_cursor(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let bob = user(&store, "bob").await;
    save_interview(&store, &interview(&bob, 9, hours(9))).await;
    // Two of them were started at the same time.
    for (number, at) in [(1, 1), (2, 2), (3, 2), (4, 3)] {
        save_interview(&store, &interview(&ann, number, hours(at))).await;
    }
    let all = store.interviews(&ann, None, 10).await.unwrap();
    let expected =
        [(4, 3), (3, 2), (2, 2), (1, 1)].map(|(number, at)| interview(&ann, number, hours(at)));
    assert_eq!(
        all.iter()
            .map(|listed| listed.interview.clone())
            .collect::<Vec<_>>(),
        expected
    );
    assert_eq!(
        all.iter()
            .map(|listed| (listed.answers, listed.current))
            .collect::<Vec<_>>(),
        [(1, true), (1, false), (1, false), (1, false)]
    );
    for (i, cursor) in cursors(&all).iter().enumerate() {
        let rest = store.interviews(&ann, Some(cursor), 10).await.unwrap();
        assert_eq!(cursors(&rest), cursors(&all)[i + 1..]);
    }
    assert_eq!(store.interviews(&ann, None, 2).await.unwrap(), all[..2]);
}

#[rstest]
#[tokio::test]
async fn deleting_an_interview_deletes_its_speech_and_its_remembered_answers(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let bob = user(&store, "bob").await;
    let gone = interview(&ann, 1, NOW);
    let kept = interview(&ann, 2, NOW);
    for interview in [&gone, &kept] {
        save_interview(&store, interview).await;
    }
    for name in ["aa.wav", "bb.mp3", "cc.wav"] {
        store
            .save_speech(&ann, name, "audio/wav", b"1", NOW)
            .await
            .unwrap();
    }
    let sounds = ["aa".to_owned(), "bb".to_owned()];
    assert!(
        !store
            .delete_interview(&bob, &gone.id, &sounds)
            .await
            .unwrap()
    );
    assert!(
        store
            .delete_interview(&ann, &gone.id, &sounds)
            .await
            .unwrap()
    );
    assert!(
        !store
            .delete_interview(&ann, &gone.id, &sounds)
            .await
            .unwrap()
    );
    assert_eq!(store.interview(&ann, &gone.id).await.unwrap(), None);
    assert_eq!(
        store
            .remembered_answer(&ann, &gone.id.0, NOW)
            .await
            .unwrap(),
        None
    );
    assert_eq!(store.find_speech(&ann, "aa", NOW).await.unwrap(), None);
    assert!(store.is_current(&ann, &kept.id).await.unwrap());
    assert!(
        store
            .remembered_answer(&ann, &kept.id.0, NOW)
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(
        store.find_speech(&ann, "cc", NOW).await.unwrap().as_deref(),
        Some("cc.wav")
    );
    assert_eq!(store.find_speech(&bob, "cc", NOW).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn an_earlier_interview_is_made_current_again(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let earlier = interview(&ann, 1, NOW);
    let later = interview(&ann, 2, hours(1));
    for interview in [&earlier, &later] {
        save_interview(&store, interview).await;
    }
    store
        .save_turn(turn(&ann, vec![Change::Resume(earlier.id.clone())]))
        .await
        .unwrap();
    assert_eq!(
        store
            .current_interview(&ann)
            .await
            .unwrap()
            .unwrap()
            .interview,
        earlier
    );
    assert_eq!(
        store
            .interview_language(&ann, Some(&later.id))
            .await
            .unwrap(),
        Some(Language::English)
    );
    let unknown = InterviewId("7f0c8e0a-0000-4000-8000-000000000009".to_owned());
    let refused = store
        .save_turn(turn(&ann, vec![Change::Resume(unknown)]))
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
}

#[rstest]
#[tokio::test]
async fn a_turn_of_a_deleted_account_is_not_saved(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let held = interview(&ann, 1, NOW);
    save_interview(&store, &held).await;
    store
        .save_speech(&ann, "aa.wav", "audio/wav", b"1", NOW)
        .await
        .unwrap();
    store.delete_user(&ann).await.unwrap();
    let refused = store.save_turn(turn(&ann, vec![])).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(store.speech("aa.wav").await.unwrap(), None);
    assert_eq!(store.interview(&ann, &held.id).await.unwrap(), None);
    assert!(
        store
            .save_speech(&ann, "bb.wav", "audio/wav", b"1", NOW)
            .await
            .is_err()
    );
}
