//! Turns, counts and remembered requests.

use rstest::rstest;

use super::*;
use crate::interview::{Background, Language, Level, Message, Role, Spoken, Topic, Word};

fn today() -> (jiff::civil::Date, Timestamp) {
    (jiff::civil::date(2026, 3, 1), NOW)
}

fn transcript(user: &UserId) -> Transcript {
    let spoken =
        Spoken { seconds: 1.5, words: vec![Word { text: "네,".to_owned(), start: 0.25, end: 0.5 }], voiced: vec![] };
    let interview = Interview {
        id: InterviewId("7f0c8e0a-0000-4000-8000-000000000001".to_owned()),
        user: user.clone(),
        topic: Topic::parse("Rust 와 C").unwrap(),
        language: Language::Korean,
        level: Some(Level::Senior),
        questions: Some(5),
        background: Background { resume: Some("Wrote 러스트.".to_owned()), job_description: None },
        seed: u64::MAX - 1,
        interviewer: "question bank".to_owned(),
        started_at: Timestamp::from_millisecond(1_234_567_890_123).unwrap(),
        finished: false,
    };
    let message = |role, text: &str| StoredMessage { message: Message::new(role, text), asked: None, spoken: None };
    let messages = vec![
        message(Role::System, "지시"),
        StoredMessage { asked: Some("rust/1#point".to_owned()), ..message(Role::Assistant, "질문 🦀?") },
        StoredMessage { spoken: Some(spoken), ..message(Role::User, "네, 답변입니다.") },
    ];
    Transcript { interview, messages }
}

#[rstest]
#[tokio::test]
async fn a_turn_is_read_as_it_was_written(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let written = transcript(&ann);
    let mut writer = store.begin_turn(&ann, today(), Counting::Counted { limit: Some(6) }).await.unwrap();
    writer.open(&written.interview).await.unwrap();
    writer.add(&written.interview.id, 0, &written.messages).await.unwrap();
    assert_eq!(writer.count(), 1);
    writer.commit().await.unwrap();
    assert_eq!(store.current_interview(&ann).await.unwrap().as_ref(), Some(&written));
    assert_eq!(store.interview(&ann, &written.interview.id).await.unwrap(), Some(written));
    assert_eq!(store.turns_on(&ann, today().0).await.unwrap(), 1);
}

#[rstest]
#[tokio::test]
async fn a_turn_that_is_dropped_never_happened(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let written = transcript(&ann);
    let mut writer = store.begin_turn(&ann, today(), Counting::Counted { limit: None }).await.unwrap();
    writer.open(&written.interview).await.unwrap();
    writer.remember("key", "print", "{}").await.unwrap();
    drop(writer);
    assert_eq!(store.current_interview(&ann).await.unwrap(), None);
    assert_eq!(store.turns_on(&ann, today().0).await.unwrap(), 0);
    assert_eq!(store.remembered(&ann, "key", NOW).await.unwrap(), None);
}

#[rstest]
#[case(0, 0)]
#[case(1, 1)]
#[case(3, 3)]
#[tokio::test]
async fn of_many_turns_at_once_as_many_as_allowed_are_counted(
    #[case] limit: u32,
    #[case] allowed: usize,
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let turn =
        async |_| store.begin_turn(&ann, today(), Counting::Counted { limit: Some(limit) }).await?.commit().await;
    let results = futures_util::future::join_all((0..12).map(turn)).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), allowed);
    let refused = results.iter().filter(|result| matches!(result, Err(StoreError::LimitReached)));
    assert_eq!(refused.count(), 12 - allowed);
    assert_eq!(store.turns_on(&ann, today().0).await.unwrap(), allowed as u64);
}

#[rstest]
#[tokio::test]
async fn a_message_is_never_written_over_another(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let written = transcript(&ann);
    let mut writer = store.begin_turn(&ann, today(), Counting::Free).await.unwrap();
    writer.open(&written.interview).await.unwrap();
    writer.add(&written.interview.id, 0, &written.messages).await.unwrap();
    let again = writer.add(&written.interview.id, 1, &written.messages).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
}

#[rstest]
#[tokio::test]
async fn a_request_is_remembered_for_a_day_and_its_key_is_free_afterwards(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let remember = async |now: Timestamp, print: &str| {
        let mut writer = store.begin_turn(&ann, (today().0, now), Counting::Free).await.unwrap();
        let kept = writer.remember("key", print, "{}").await.unwrap();
        writer.commit().await.unwrap();
        kept
    };
    assert!(remember(NOW, "first").await);
    assert!(!remember(hours(24), "second").await);
    let known = Remembered { fingerprint: "first".to_owned(), answer: "{}".to_owned() };
    assert_eq!(store.remembered(&ann, "key", hours(24)).await.unwrap(), Some(known));
    assert_eq!(store.remembered(&ann, "key", hours(25)).await.unwrap(), None);
    assert!(remember(hours(25), "third").await);
}

#[rstest]
#[tokio::test]
async fn what_a_model_says_is_kept_whatever_characters_it_holds(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let mut written = transcript(&ann);
    written.messages[1].message.content = "a\0b \u{1} \u{feff} \\u0000 \u{10ffff} e\u{301} \r\n".to_owned();
    let mut writer = store.begin_turn(&ann, today(), Counting::Free).await.unwrap();
    writer.open(&written.interview).await.unwrap();
    writer.add(&written.interview.id, 0, &written.messages).await.unwrap();
    writer.remember("key", "print", r#"{"response":"a\u0000b"}"#).await.unwrap();
    writer.commit().await.unwrap();
    let read = store.current_interview(&ann).await.unwrap().unwrap();
    let expected = "a\u{fffd}b \u{1} \u{feff} \\u0000 \u{10ffff} e\u{301} \r\n";
    assert_eq!(read.messages[1].message.content, expected);
    assert_eq!(store.remembered(&ann, "key", NOW).await.unwrap().unwrap().answer, r#"{"response":"a\u0000b"}"#);
}
