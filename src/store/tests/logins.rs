//! Failed logins, at the same time and in several processes.

use futures_util::future::join_all;
use jiff::SignedDuration;
use rstest::rstest;

use super::*;

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

async fn admitted(store: &Store, who: &str, now: Timestamp) -> LoginAttempt {
    match store.begin_login(who, now).await.unwrap() {
        LoginAdmission::Admitted(attempt) => attempt,
        other => panic!("{other:?}"),
    }
}

async fn fail(store: &Store, who: &str, now: Timestamp) {
    let attempt = admitted(store, who, now).await;
    store.record_failed_login(&attempt).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn the_eleventh_attempt_is_refused_until_the_first_failure_is_five_minutes_old(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    for n in 0..10 {
        fail(&store, "ann", second(n)).await;
    }
    let refused = |seconds| LoginAdmission::Refused(SignedDuration::from_secs(seconds));
    assert_eq!(
        store.begin_login("ann", second(10)).await.unwrap(),
        refused(290)
    );
    admitted(&store, "bob", second(10)).await;
    fail(&store, "ann", second(300)).await;
    assert_eq!(
        store.begin_login("ann", second(300)).await.unwrap(),
        refused(1)
    );
}

#[rstest]
#[tokio::test]
async fn a_success_clears_the_failures_but_not_the_attempts_under_way(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    for _ in 0..8 {
        fail(&store, "ann", NOW).await;
    }
    let wrong = admitted(&store, "ann", NOW).await;
    let right = admitted(&store, "ann", NOW).await;
    store.record_successful_login(&right).await.unwrap();
    store.record_failed_login(&wrong).await.unwrap();
    for _ in 0..9 {
        fail(&store, "ann", NOW).await;
    }
    assert!(matches!(
        store.begin_login("ann", NOW).await.unwrap(),
        LoginAdmission::Refused(_)
    ));
}

#[rstest]
#[tokio::test]
async fn ten_of_many_simultaneous_attempts_in_two_processes_are_admitted(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (database, here) = temporary(engine).await;
    let there = database.open().await;
    let tries = (0..30).map(|i| [&here, &there][i % 2].begin_login("ann", NOW));
    let verdicts: Vec<_> = join_all(tries)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let admitted: Vec<_> = verdicts
        .iter()
        .filter_map(|v| {
            if let LoginAdmission::Admitted(go) = v {
                Some(go)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(admitted.len(), 10);
    assert_eq!(
        verdicts
            .iter()
            .filter(|v| **v == LoginAdmission::Busy)
            .count(),
        20
    );
    here.cancel_login(admitted[3]).await.unwrap();
    assert!(matches!(
        there.begin_login("ann", NOW).await.unwrap(),
        LoginAdmission::Admitted(_)
    ));
}

#[rstest]
#[tokio::test]
async fn an_attempt_of_a_process_that_died_counts_as_failed(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    for _ in 0..10 {
        admitted(&store, "ann", second(0)).await;
    }
    assert_eq!(
        store.begin_login("ann", second(29)).await.unwrap(),
        LoginAdmission::Busy
    );
    let refused = LoginAdmission::Refused(SignedDuration::from_secs(270));
    assert_eq!(store.begin_login("ann", second(30)).await.unwrap(), refused);
}

#[rstest]
#[tokio::test]
async fn expired_failures_are_deleted(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_database, store) = temporary(engine).await;
    fail(&store, "ann", second(0)).await;
    fail(&store, "bob", second(1)).await;
    store.delete_expired_logins(second(300)).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM login_tries")
        .fetch_one(&store.pool)
        .await
        .unwrap();
    assert_eq!(left, 1);
}
