//! Turns, counts and remembered answers.

use rstest::rstest;

use super::*;
use crate::interview::{Background, Language, Level, Message, Role, Spoken, Topic, Word};

const INTERVIEW: &str = "7f0c8e0a-0000-4000-8000-000000000001";

fn today() -> (jiff::civil::Date, Timestamp) {
    (jiff::civil::date(2026, 3, 1), NOW)
}

fn record(user: &UserId, counting: Counting, changes: Vec<Change>) -> TurnRecord {
    let (day, now) = today();
    TurnRecord {
        user: user.clone(),
        day,
        now,
        counting,
        changes,
        idempotency: None,
    }
}

/// Returns the changes that open an interview with its messages.
fn opening(
    Transcript {
        interview,
        messages,
    }: Transcript,
) -> Vec<Change> {
    let id = interview.id.clone();
    vec![
        Change::Open(interview),
        Change::AddMessages {
            interview: id,
            position: 0,
            messages,
        },
    ]
}

fn idempotency_record(key: &str, fingerprint: &str, answer: &'static str) -> IdempotencyRecord {
    let answer = std::sync::Arc::new(|_| answer.to_owned());
    IdempotencyRecord {
        key: key.to_owned(),
        fingerprint: fingerprint.to_owned(),
        interview: InterviewId(INTERVIEW.to_owned()),
        answer,
    }
}

fn transcript(user: &UserId) -> Transcript {
    let spoken = Spoken {
        seconds: 1.5,
        words: vec![Word {
            text: "네,".to_owned(),
            start: 0.25,
            end: 0.5,
        }],
        voiced: vec![],
    };
    let interview = Interview {
        id: InterviewId(INTERVIEW.to_owned()),
        user: user.clone(),
        topic: Topic::parse("Rust 와 C").unwrap(),
        language: Language::Korean,
        level: Some(Level::Senior),
        questions: Some(5),
        background: Background {
            resume: Some("Wrote 러스트.".to_owned()),
            job_description: None,
        },
        seed: u64::MAX - 1,
        interviewer: "question bank".to_owned(),
        started_at: Timestamp::from_millisecond(1_234_567_890_123).unwrap(),
        finished: false,
    };
    let message = |role, text: &str| StoredMessage {
        message: Message::new(role, text),
        asked: None,
        spoken: None,
    };
    let messages = vec![
        message(Role::System, "지시"),
        StoredMessage {
            asked: Some("rust/1#point".to_owned()),
            ..message(Role::Assistant, "질문 🦀?")
        },
        StoredMessage {
            spoken: Some(spoken),
            ..message(Role::User, "네, 답변입니다.")
        },
    ];
    Transcript {
        interview,
        messages,
    }
}

#[rstest]
#[tokio::test]
async fn a_turn_is_read_as_it_was_written(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let written = transcript(&ann);
    let count = store
        .save_turn(record(
            &ann,
            Counting::Counted { limit: Some(6) },
            opening(written.clone()),
        ))
        .await
        .unwrap();
    assert_eq!(count, 1);
    let context = TurnContext {
        turns: 1,
        transcript: Some(written.clone()),
    };
    assert_eq!(
        store.turn_context(&ann, today().0, None).await.unwrap(),
        context
    );
    assert_eq!(
        store
            .turn_context(&ann, today().0, Some(&written.interview.id))
            .await
            .unwrap(),
        context
    );
    assert_eq!(
        store.current_interview(&ann).await.unwrap().as_ref(),
        Some(&written)
    );
    assert_eq!(
        store.interview(&ann, &written.interview.id).await.unwrap(),
        Some(written)
    );
    assert_eq!(store.turns_on(&ann, today().0).await.unwrap(), 1);
}

#[rstest]
#[tokio::test]
async fn a_user_without_an_interview_has_an_empty_context(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let bob = user(&store, "bob").await;
    let anns = transcript(&ann);
    store
        .save_turn(record(&ann, Counting::Free, opening(anns.clone())))
        .await
        .unwrap();
    let beginning = TurnContext {
        turns: 0,
        transcript: None,
    };
    assert_eq!(
        store.turn_context(&bob, today().0, None).await.unwrap(),
        beginning
    );
    assert_eq!(
        store
            .turn_context(&bob, today().0, Some(&anns.interview.id))
            .await
            .unwrap(),
        beginning
    );
}

#[rstest]
#[tokio::test]
async fn a_turn_that_fails_half_way_changes_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let written = transcript(&ann);
    let mut changes = opening(written.clone());
    // These messages have the positions of those just added.
    changes.extend(opening(written).into_iter().skip(1));
    let twice = TurnRecord {
        idempotency: Some(idempotency_record("key", "print", "{}")),
        ..record(&ann, Counting::Counted { limit: None }, changes)
    };
    let refused = store.save_turn(twice).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(
        store.turn_context(&ann, today().0, None).await.unwrap(),
        TurnContext {
            turns: 0,
            transcript: None
        }
    );
    assert_eq!(
        store.remembered_answer(&ann, "key", NOW).await.unwrap(),
        None
    );
}

#[rstest]
#[tokio::test]
async fn each_of_several_simultaneous_turns_is_saved_or_refused_by_itself(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let users = futures_util::future::join_all(
        (0..40).map(async |i| user(&store, &format!("user{i}")).await),
    )
    .await;
    let turn = async |(i, ann): (usize, &UserId)| {
        let mut written = transcript(ann);
        written.interview.id = InterviewId(format!("7f0c8e0a-0000-4000-8000-{i:012}"));
        let mut changes = opening(written);
        let limit = u32::from(i % 5 != 1);
        if i % 5 == 2 {
            changes.extend(changes.clone().into_iter().skip(1));
        }
        store
            .save_turn(record(
                ann,
                Counting::Counted { limit: Some(limit) },
                changes,
            ))
            .await
    };
    let kept = futures_util::future::join_all(users.iter().enumerate().map(turn)).await;
    for (i, (ann, kept)) in users.iter().zip(kept).enumerate() {
        match i % 5 {
            1 => assert!(
                matches!(kept, Err(StoreError::LimitReached)),
                "{i}: {kept:?}"
            ),
            2 => assert!(matches!(kept, Err(StoreError::Conflict)), "{i}: {kept:?}"),
            _ => assert_eq!(kept.unwrap(), 1),
        }
        let context = store.turn_context(ann, today().0, None).await.unwrap();
        let messages = context
            .transcript
            .map_or(0, |transcript| transcript.messages.len());
        assert_eq!(
            (context.turns, messages),
            if (1..3).contains(&(i % 5)) {
                (0, 0)
            } else {
                (1, 3)
            },
            "{i}"
        );
    }
}

#[rstest]
#[case(0, 0)]
#[case(1, 1)]
#[case(3, 3)]
#[tokio::test]
async fn only_as_many_simultaneous_turns_as_allowed_are_counted(
    #[case] limit: u32,
    #[case] allowed: usize,
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let turn = async |_| {
        store
            .save_turn(record(
                &ann,
                Counting::Counted { limit: Some(limit) },
                vec![],
            ))
            .await
    };
    let results = futures_util::future::join_all((0..12).map(turn)).await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        allowed
    );
    let refused = results
        .iter()
        .filter(|result| matches!(result, Err(StoreError::LimitReached)));
    assert_eq!(refused.count(), 12 - allowed);
    assert_eq!(
        store.turns_on(&ann, today().0).await.unwrap(),
        allowed as u64
    );
}

#[rstest]
#[tokio::test]
async fn a_message_never_replaces_another(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let written = transcript(&ann);
    let id = written.interview.id.clone();
    store
        .save_turn(record(&ann, Counting::Free, opening(written.clone())))
        .await
        .unwrap();
    let again = Change::AddMessages {
        interview: id,
        position: 1,
        messages: written.messages,
    };
    let again = store
        .save_turn(record(&ann, Counting::Free, vec![again]))
        .await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
}

#[rstest]
#[tokio::test]
async fn a_request_is_remembered_for_a_day_and_its_key_is_free_afterwards(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    store
        .save_turn(record(&ann, Counting::Free, opening(transcript(&ann))))
        .await
        .unwrap();
    let remember = async |now: Timestamp, print: &str| {
        let record = record(&ann, Counting::Free, vec![]);
        match store
            .save_turn(TurnRecord {
                now,
                idempotency: Some(idempotency_record("key", print, "{}")),
                ..record
            })
            .await
        {
            Err(StoreError::Conflict) => false,
            kept => kept.map(|_| true).unwrap(),
        }
    };
    assert!(remember(NOW, "first").await);
    assert!(!remember(hours(24), "second").await);
    let known = RememberedAnswer {
        fingerprint: "first".to_owned(),
        answer: "{}".to_owned(),
    };
    assert_eq!(
        store
            .remembered_answer(&ann, "key", hours(24))
            .await
            .unwrap(),
        Some(known)
    );
    assert_eq!(
        store
            .remembered_answer(&ann, "key", hours(25))
            .await
            .unwrap(),
        None
    );
    assert!(remember(hours(25), "third").await);
}

#[rstest]
#[tokio::test]
async fn replies_are_stored_whatever_characters_they_contain(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let ann = user(&store, "ann").await;
    let mut written = transcript(&ann);
    written.messages[1].message.content =
        "a\0b \u{1} \u{feff} \\u0000 \u{10ffff} e\u{301} \r\n".to_owned();
    let idempotency = Some(idempotency_record(
        "key",
        "print",
        r#"{"response":"a\u0000b"}"#,
    ));
    store
        .save_turn(TurnRecord {
            idempotency,
            ..record(&ann, Counting::Free, opening(written))
        })
        .await
        .unwrap();
    let read = store.current_interview(&ann).await.unwrap().unwrap();
    let expected = "a\u{fffd}b \u{1} \u{feff} \\u0000 \u{10ffff} e\u{301} \r\n";
    assert_eq!(read.messages[1].message.content, expected);
    assert_eq!(
        store
            .remembered_answer(&ann, "key", NOW)
            .await
            .unwrap()
            .unwrap()
            .answer,
        r#"{"response":"a\u0000b"}"#
    );
}
