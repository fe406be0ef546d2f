//! Requests that carry a key.

use rstest::rstest;

use super::*;

fn keyed(room: &Room, input: TurnInput, key: &str, fingerprint: &str) -> TurnRequest {
    let idempotency = Some(Idempotency {
        key: key.to_owned(),
        fingerprint: fingerprint.to_owned(),
    });
    TurnRequest {
        idempotency,
        limit: Some(2),
        ..room.turn(input)
    }
}

#[rstest]
#[case::start(begin("Rust", Some(1)))]
#[case::answer(answer("hello"))]
#[tokio::test]
async fn a_repeat_gives_the_same_answer_and_is_not_counted(
    #[case] input: TurnInput,
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let room = Room::on(engine, []).await;
    let first = room
        .take(keyed(&room, input.clone(), "k", "a"))
        .await
        .unwrap();
    let said = room.said().await;
    assert_eq!(
        room.take(keyed(&room, input, "k", "a")).await.unwrap(),
        first
    );
    assert_eq!(
        (
            room.said().await,
            room.count().await,
            room.script.briefs().len()
        ),
        (said, 1, 1)
    );
}

#[rstest]
#[tokio::test]
async fn repeats_in_flight_wait_for_the_first(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let room = Room::on(engine, []).await;
    let turns = (0..8).map(|_| room.take(keyed(&room, begin("Rust", None), "k", "a")));
    let results: Vec<_> = futures_util::future::join_all(turns)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(results, vec![results[0].clone(); 8]);
    assert_eq!((room.count().await, room.script.briefs().len()), (1, 1));
}

#[rstest]
#[case::below_the_limit(6)]
#[case::at_the_limit(2)]
#[tokio::test]
async fn of_the_same_request_in_two_processes_one_answer_holds(
    #[case] limit: u32,
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let room = Room::on(engine, []).await;
    room.does(begin("Rust", None)).await.unwrap();
    let turn = || TurnRequest {
        limit: Some(limit),
        ..keyed(&room, answer("yes"), "k", "a")
    };
    let processes: Vec<_> = (0..4)
        .map(|_| practice(&room.store, &room.script))
        .collect();
    let last = |events: Vec<TurnEvent>| events.into_iter().next_back();
    let turns = processes
        .iter()
        .map(|process| process.turn(turn()).try_collect());
    let results: Vec<_> = futures_util::future::join_all(turns)
        .await
        .into_iter()
        .map(|r| last(r.unwrap()))
        .collect();
    assert_eq!(results, vec![results[0].clone(); 4]);
    assert_eq!((room.said().await.len(), room.count().await), (3, 2));
}

#[rstest]
#[tokio::test]
async fn another_request_under_the_same_key_is_refused(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let room = Room::on(engine, []).await;
    room.take(keyed(&room, begin("Rust", None), "k", "a"))
        .await
        .unwrap();
    let other = room.take(keyed(&room, begin("Java", None), "k", "b")).await;
    assert!(matches!(other, Err(PracticeError::IdempotencyMismatch)));
    let bob = TurnRequest {
        user: user(&room.store, "bob").await,
        ..keyed(&room, begin("Java", None), "k", "b")
    };
    assert_eq!(room.take(bob).await.unwrap().count, Some(1));
}

#[rstest]
#[tokio::test]
async fn a_failure_is_not_remembered(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let room = Room::on(engine, [ScriptedReply::BreaksOff("Well, ")]).await;
    assert!(
        room.take(keyed(&room, begin("Rust", None), "k", "a"))
            .await
            .is_err()
    );
    assert_eq!(
        room.take(keyed(&room, begin("Rust", None), "k", "a"))
            .await
            .unwrap()
            .response,
        "question 1"
    );
}

#[rstest]
#[tokio::test]
async fn a_repeat_is_answered_at_the_limit_and_forgotten_after_a_day(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let room = Room::on(engine, []).await;
    let first = room
        .take(keyed(&room, begin("Rust", None), "k", "a"))
        .await
        .unwrap();
    room.take(keyed(&room, answer("yes"), "l", "b"))
        .await
        .unwrap();
    assert!(matches!(
        room.take(keyed(&room, answer("no"), "m", "c")).await,
        Err(PracticeError::LimitReached)
    ));
    assert_eq!(
        room.take(keyed(&room, begin("Rust", None), "k", "a"))
            .await
            .unwrap(),
        first
    );
    let mut late = keyed(&room, begin("Rust", None), "k", "a");
    late.now = late
        .now
        .checked_add(jiff::SignedDuration::from_hours(25))
        .unwrap();
    assert_ne!(
        room.take(late).await.unwrap().interview_id,
        first.interview_id
    );
}

#[rstest]
#[tokio::test]
async fn a_keyed_repeat_of_the_last_message_stays_what_it_was(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let room = Room::on(engine, []).await;
    room.does(begin("Rust", None)).await.unwrap();
    let again = room
        .take(keyed(&room, TurnInput::Repeat, "k", "a"))
        .await
        .unwrap();
    room.does(answer("yes")).await.unwrap();
    assert_eq!(
        room.take(keyed(&room, TurnInput::Repeat, "k", "a"))
            .await
            .unwrap(),
        again
    );
}
