//! Requests with an idempotency key.

use rstest::rstest;

use super::*;

fn keyed(service: &Fixture, input: TurnInput, key: &str, fingerprint: &str) -> TurnRequest {
    let idempotency = Some(Idempotency {
        key: key.to_owned(),
        fingerprint: fingerprint.to_owned(),
    });
    TurnRequest {
        idempotency,
        limit: Some(2),
        ..service.turn(input)
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
    let service = Fixture::on(engine, []).await;
    let first = service
        .complete(keyed(&service, input.clone(), "k", "a"))
        .await
        .unwrap();
    let said = service.messages().await;
    assert_eq!(
        service
            .complete(keyed(&service, input, "k", "a"))
            .await
            .unwrap(),
        first
    );
    assert_eq!(
        (
            service.messages().await,
            service.count().await,
            service.script.briefs().len()
        ),
        (said, 1, 1)
    );
}

#[rstest]
#[tokio::test]
async fn repeats_in_flight_wait_for_the_first(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    let turns = (0..8).map(|_| service.complete(keyed(&service, begin("Rust", None), "k", "a")));
    let results: Vec<_> = futures_util::future::join_all(turns)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(results, vec![results[0].clone(); 8]);
    assert_eq!(
        (service.count().await, service.script.briefs().len()),
        (1, 1)
    );
}

#[rstest]
#[case::below_the_limit(6)]
#[case::at_the_limit(2)]
#[tokio::test]
async fn the_same_request_in_two_processes_gets_one_answer(
    #[case] limit: u32,
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    service.complete_input(begin("Rust", None)).await.unwrap();
    let turn = || TurnRequest {
        limit: Some(limit),
        ..keyed(&service, answer("yes"), "k", "a")
    };
    let processes: Vec<_> = (0..4)
        .map(|_| practice(&service.store, &service.script))
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
    assert_eq!(
        (service.messages().await.len(), service.count().await),
        (3, 2)
    );
}

#[rstest]
#[tokio::test]
async fn another_request_under_the_same_key_is_refused(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    service
        .complete(keyed(&service, begin("Rust", None), "k", "a"))
        .await
        .unwrap();
    let other = service
        .complete(keyed(&service, begin("Java", None), "k", "b"))
        .await;
    assert!(matches!(other, Err(PracticeError::IdempotencyMismatch)));
    let bob = TurnRequest {
        user: user(&service.store, "bob").await,
        ..keyed(&service, begin("Java", None), "k", "b")
    };
    assert_eq!(service.complete(bob).await.unwrap().count, Some(1));
}

#[rstest]
#[tokio::test]
async fn a_failure_is_not_remembered(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let service = Fixture::on(engine, [ScriptedReply::BreaksOff("Well, ")]).await;
    assert!(
        service
            .complete(keyed(&service, begin("Rust", None), "k", "a"))
            .await
            .is_err()
    );
    assert_eq!(
        service
            .complete(keyed(&service, begin("Rust", None), "k", "a"))
            .await
            .unwrap()
            .response,
        "question 1"
    );
}

#[rstest]
#[tokio::test]
async fn a_repeat_is_answered_at_the_limit_and_expires_after_a_day(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    let first = service
        .complete(keyed(&service, begin("Rust", None), "k", "a"))
        .await
        .unwrap();
    service
        .complete(keyed(&service, answer("yes"), "l", "b"))
        .await
        .unwrap();
    assert!(matches!(
        service
            .complete(keyed(&service, answer("no"), "m", "c"))
            .await,
        Err(PracticeError::LimitReached)
    ));
    assert_eq!(
        service
            .complete(keyed(&service, begin("Rust", None), "k", "a"))
            .await
            .unwrap(),
        first
    );
    let mut late = keyed(&service, begin("Rust", None), "k", "a");
    late.now = late
        .now
        .checked_add(jiff::SignedDuration::from_hours(25))
        .unwrap();
    assert_ne!(
        service.complete(late).await.unwrap().interview_id,
        first.interview_id
    );
}

#[rstest]
#[tokio::test]
async fn a_repeat_under_a_key_keeps_its_answer(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    service.complete_input(begin("Rust", None)).await.unwrap();
    let again = service
        .complete(keyed(&service, TurnInput::Repeat, "k", "a"))
        .await
        .unwrap();
    service.complete_input(answer("yes")).await.unwrap();
    assert_eq!(
        service
            .complete(keyed(&service, TurnInput::Repeat, "k", "a"))
            .await
            .unwrap(),
        again
    );
}
