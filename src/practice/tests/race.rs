//! Limits, days, and simultaneous turns.

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use rstest::rstest;

use super::*;

#[rstest]
#[tokio::test]
async fn at_the_limit_the_interviewer_is_not_asked_and_the_next_day_starts_at_zero(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    let at = |time: &str| TurnRequest {
        limit: Some(1),
        now: time.parse().unwrap(),
        ..service.turn(begin("Rust", None))
    };
    assert_eq!(
        service
            .complete(at("2026-03-01T00:10:00+09:00[Asia/Seoul]"))
            .await
            .unwrap()
            .count,
        Some(1)
    );
    let refused = service
        .complete(at("2026-03-01T23:50:00+09:00[Asia/Seoul]"))
        .await;
    assert!(matches!(refused, Err(PracticeError::LimitReached)));
    assert_eq!(service.script.briefs().len(), 1);
    // It is still the first of March in UTC.
    assert_eq!(
        service
            .complete(at("2026-03-02T00:10:00+09:00[Asia/Seoul]"))
            .await
            .unwrap()
            .count,
        Some(1)
    );
}

#[rstest]
#[tokio::test]
async fn one_of_many_simultaneous_turns_is_taken_at_one_below_the_limit(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    service.complete_input(begin("Rust", None)).await.unwrap();
    let turns = (0..16).map(|i| {
        service.complete(TurnRequest {
            limit: Some(2),
            ..service.turn(answer(&i.to_string()))
        })
    });
    let results = join_all(turns).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(
        results
            .iter()
            .filter(|result| matches!(result, Err(PracticeError::LimitReached)))
            .count(),
        15
    );
    assert_eq!(
        (service.messages().await.len(), service.count().await),
        (3, 2)
    );
}

#[rstest]
#[tokio::test]
async fn an_interview_that_is_deleted_during_a_turn_is_unknown(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    let id = InterviewId(
        service
            .complete_input(begin("Rust", None))
            .await
            .unwrap()
            .interview_id
            .unwrap(),
    );
    let turn = service.turn(answer("I own it."));
    let user = turn.user.clone();
    let mut events = practice(&service.store, &service.script).turn(turn);
    assert!(matches!(events.next().await, Some(Ok(TurnEvent::Delta(_)))));
    assert!(
        service
            .store
            .delete_interview(&user, &id, &[])
            .await
            .unwrap()
    );
    let ended: Vec<_> = events.collect().await;
    assert!(
        matches!(ended.last(), Some(Err(PracticeError::UnknownInterview))),
        "{ended:?}"
    );
    assert_eq!(service.count().await, 1);
}

#[rstest]
#[tokio::test]
async fn the_limit_holds_across_processes(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    // Each process has a store, and therefore locks, of its own.
    let processes = join_all((0..8).map(async |_| {
        let store = service.database.open().await;
        practice(&store, &service.script)
    }))
    .await;
    let turn = || TurnRequest {
        limit: Some(1),
        ..service.turn(begin("Rust", None))
    };
    let results = join_all(processes.iter().map(|process| complete(process, turn()))).await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    assert_eq!(
        (service.messages().await.len(), service.count().await),
        (1, 1)
    );
}

#[rstest]
#[tokio::test]
async fn parallel_answers_of_one_user_are_taken_one_after_the_other(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    service.complete_input(begin("Rust", None)).await.unwrap();
    let turns =
        join_all((0..10).map(|i| service.complete(service.turn(answer(&format!("answer {i}"))))))
            .await;
    assert!(turns.iter().all(Result::is_ok), "{turns:?}");
    let expected: Vec<_> = std::iter::once("question 1".to_owned())
        .chain((0..10).flat_map(|i| [format!("answer {i}"), format!("question {}", i + 2)]))
        .collect();
    assert_eq!(service.messages().await, expected);
    assert_eq!(service.count().await, 11);
}

#[rstest]
#[tokio::test]
async fn users_do_not_wait_for_each_other(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, [ScriptedReply::FallsSilent("Well, ")]).await;
    let bob = user(&service.store, "bob").await;
    let mut silent = service.practice.turn(service.turn(begin("Rust", None)));
    assert_eq!(
        silent.next().await.unwrap().unwrap(),
        TurnEvent::Delta("Well, ".to_owned())
    );
    let done = service
        .complete(TurnRequest {
            user: bob,
            ..service.turn(begin("Java", None))
        })
        .await
        .unwrap();
    assert_eq!(done.response, "question 1");
}

#[rstest]
#[tokio::test]
async fn no_turn_of_many_simultaneous_users_is_lost_or_doubled(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    twenty_at_once(&Fixture::on(engine, []).await).await;
}

#[tokio::test]
async fn a_turn_that_the_database_rolls_back_for_another_is_written_again() {
    twenty_at_once(&Fixture::over(Database::serializable().await, []).await).await;
}

async fn twenty_at_once(service: &Fixture) {
    let users =
        join_all((0..20).map(async |i| user(&service.store, &format!("user{i}")).await)).await;
    let both = async |user: &UserId| {
        let turn = |input| TurnRequest {
            user: user.clone(),
            limit: Some(6),
            ..service.turn(input)
        };
        service.complete(turn(begin("Rust", None))).await.unwrap();
        service.complete(turn(answer("yes"))).await.unwrap().count
    };
    assert_eq!(join_all(users.iter().map(both)).await, vec![Some(2); 20]);
    for user in &users {
        let transcript = service
            .store
            .current_interview(user)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(transcript.messages.len(), 4);
    }
}

#[rstest]
#[tokio::test]
async fn a_turn_cancelled_half_way_stores_nothing_and_releases_its_lock(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(
        engine,
        [
            ScriptedReply::FallsSilent("Well, "),
            ScriptedReply::Says("Who are you?"),
        ],
    )
    .await;
    let mut turn = service.practice.turn(service.turn(begin("Rust", None)));
    turn.next().await.unwrap().unwrap();
    drop(turn);
    assert_eq!(
        service.conversation().await,
        Conversation {
            count: Some(0),
            ..Conversation::default()
        }
    );
    assert_eq!(
        service
            .complete_input(begin("Rust", None))
            .await
            .unwrap()
            .response,
        "Who are you?"
    );
}

#[rstest]
#[tokio::test]
async fn the_next_turn_can_begin_before_the_stream_of_the_last_one_is_dropped(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    let mut first = service.practice.turn(service.turn(begin("Rust", None)));
    while !matches!(first.next().await, Some(Ok(TurnEvent::Done(_)))) {}
    assert_eq!(
        service.complete_input(answer("yes")).await.unwrap().count,
        Some(2)
    );
}

#[rstest]
#[case::seoul(
    "2026-03-01T23:59:59+09:00[Asia/Seoul]",
    "2026-03-02T00:00:00+09:00[Asia/Seoul]",
    true
)]
#[case::a_day_in_seoul_and_two_in_utc(
    "2026-03-02T08:59:59+09:00[Asia/Seoul]",
    "2026-03-02T09:00:00+09:00[Asia/Seoul]",
    false
)]
#[case::the_hour_that_comes_twice(
    "2026-10-25T02:30:00+02:00[Europe/Berlin]",
    "2026-10-25T02:30:00+01:00[Europe/Berlin]",
    false
)]
#[case::the_long_day(
    "2026-10-25T00:00:00+02:00[Europe/Berlin]",
    "2026-10-25T23:59:59+01:00[Europe/Berlin]",
    false
)]
#[case::after_the_short_day(
    "2026-03-29T23:59:59+02:00[Europe/Berlin]",
    "2026-03-30T00:00:00+02:00[Europe/Berlin]",
    true
)]
#[case::a_day_without_midnight(
    "2018-11-03T23:59:59-03:00[America/Sao_Paulo]",
    "2018-11-04T01:00:00-02:00[America/Sao_Paulo]",
    true
)]
#[tokio::test]
async fn a_day_begins_at_midnight_in_the_time_zone(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[case] first: &str,
    #[case] second: &str,
    #[case] another_day: bool,
) {
    let service = Fixture::on(engine, []).await;
    let at = |time: &str| TurnRequest {
        limit: Some(1),
        now: time.parse().unwrap(),
        ..service.turn(begin("Rust", None))
    };
    assert_eq!(service.complete(at(first)).await.unwrap().count, Some(1));
    assert_eq!(service.complete(at(second)).await.is_ok(), another_day);
}

#[rstest]
#[tokio::test]
async fn an_answer_to_a_question_that_was_answered_elsewhere_is_refused(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    let first = service.complete_input(begin("Rust", None)).await.unwrap();
    let interview = first.interview_id.map(InterviewId);
    let turn = |input, answers| TurnRequest {
        interview: interview.clone(),
        answers,
        ..service.turn(input)
    };
    service
        .complete(turn(answer("one"), Some(1)))
        .await
        .unwrap();
    for input in [
        answer("two"),
        TurnInput::Finish(None),
        TurnInput::Finish(Some(Answer::default())),
    ] {
        for behind in [0, 1, 3] {
            let refused = service.complete(turn(input.clone(), Some(behind))).await;
            assert!(
                matches!(refused, Err(PracticeError::MovedOn)),
                "{refused:?}"
            );
        }
    }
    assert_eq!(
        service.messages().await,
        ["question 1", "one", "question 2"]
    );
    assert_eq!(service.count().await, 2);
    service.complete(turn(answer("two"), None)).await.unwrap();
    service
        .complete(turn(TurnInput::Finish(None), Some(3)))
        .await
        .unwrap();
    let over = service.complete(turn(answer("three"), Some(3))).await;
    assert!(matches!(over, Err(PracticeError::MovedOn)), "{over:?}");
}

#[rstest]
#[tokio::test]
async fn of_two_windows_in_two_processes_one_answers_and_the_other_is_told(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let service = Fixture::on(engine, []).await;
    let first = service.complete_input(begin("Rust", None)).await.unwrap();
    let interview = first.interview_id.map(InterviewId);
    let elsewhere = practice(&service.database.open().await, &service.script);
    let turn = |text: &str| TurnRequest {
        interview: interview.clone(),
        answers: Some(1),
        ..service.turn(answer(text))
    };
    let (one, two) = futures_util::future::join(
        service.complete(turn("here")),
        complete(&elsewhere, turn("there")),
    )
    .await;
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    assert!(won.is_ok(), "{won:?}");
    assert!(matches!(lost, Err(PracticeError::MovedOn)), "{lost:?}");
    assert_eq!(service.messages().await.len(), 3);
}
