//! Attempts that are limited, at the same time and in several processes.

use futures_util::future::join_all;
use jiff::SignedDuration;
use rstest::rstest;

use super::*;

const TEN: AttemptLimit = AttemptLimit {
    slots: 10,
    window: SignedDuration::from_mins(5),
};

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

async fn admitted(store: &Store, who: &str, now: Timestamp) -> StoredAttempt {
    match store.begin_attempt(who, TEN, now).await.unwrap() {
        Admission::Admitted(attempt) => attempt,
        other => panic!("{other:?}"),
    }
}

async fn fail(store: &Store, who: &str, now: Timestamp) {
    let attempt = admitted(store, who, now).await;
    store.count_attempt(&attempt).await.unwrap();
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
    let refused = |seconds| Admission::Refused(SignedDuration::from_secs(seconds));
    assert_eq!(
        store.begin_attempt("ann", TEN, second(10)).await.unwrap(),
        refused(290)
    );
    admitted(&store, "bob", second(10)).await;
    fail(&store, "ann", second(300)).await;
    assert_eq!(
        store.begin_attempt("ann", TEN, second(300)).await.unwrap(),
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
    store.clear_attempts(&right).await.unwrap();
    store.count_attempt(&wrong).await.unwrap();
    for _ in 0..9 {
        fail(&store, "ann", NOW).await;
    }
    assert!(matches!(
        store.begin_attempt("ann", TEN, NOW).await.unwrap(),
        Admission::Refused(_)
    ));
}

#[rstest]
#[tokio::test]
async fn ten_of_many_simultaneous_attempts_in_two_processes_are_admitted(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (database, here) = temporary(engine).await;
    let there = database.open().await;
    let tries = (0..30).map(|i| [&here, &there][i % 2].begin_attempt("ann", TEN, NOW));
    let verdicts: Vec<_> = join_all(tries)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let admitted: Vec<_> = verdicts
        .iter()
        .filter_map(|v| {
            if let Admission::Admitted(go) = v {
                Some(go)
            } else {
                None
            }
        })
        .collect();
    assert_eq!(admitted.len(), 10);
    assert_eq!(
        verdicts.iter().filter(|v| **v == Admission::Busy).count(),
        20
    );
    here.cancel_attempt(admitted[3]).await.unwrap();
    assert!(matches!(
        there.begin_attempt("ann", TEN, NOW).await.unwrap(),
        Admission::Admitted(_)
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
        store.begin_attempt("ann", TEN, second(29)).await.unwrap(),
        Admission::Busy
    );
    let refused = Admission::Refused(SignedDuration::from_secs(270));
    assert_eq!(
        store.begin_attempt("ann", TEN, second(30)).await.unwrap(),
        refused
    );
}

#[rstest]
#[tokio::test]
async fn expired_failures_are_deleted(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let (_database, store) = temporary(engine).await;
    fail(&store, "ann", second(0)).await;
    fail(&store, "bob", second(1)).await;
    store.delete_expired_attempts(second(3600)).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM attempts")
        .fetch_one(&store.pool)
        .await
        .unwrap();
    assert_eq!(left, 1);
}

#[rstest]
#[tokio::test]
async fn subjects_have_limits_of_their_own_which_may_change(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let limit = |slots| AttemptLimit {
        slots,
        window: SignedDuration::from_hours(1),
    };
    for n in 0..3 {
        let admission = store.begin_attempt("here", limit(3), second(n)).await;
        let Admission::Admitted(attempt) = admission.unwrap() else {
            panic!("{n}");
        };
        store.count_attempt(&attempt).await.unwrap();
    }
    let refused = Admission::Refused(SignedDuration::from_secs(3590));
    for slots in [1, 3] {
        let admission = store.begin_attempt("here", limit(slots), second(10)).await;
        assert_eq!(admission.unwrap(), refused);
    }
    for (subject, slots) in [("here", 4), ("there", 3)] {
        let admission = store.begin_attempt(subject, limit(slots), second(10)).await;
        assert!(matches!(admission.unwrap(), Admission::Admitted(_)));
    }
}

#[rstest]
#[tokio::test]
async fn a_login_is_known_for_ninety_days_after_it_was_last_seen(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let (_database, store) = temporary(engine).await;
    let days = |days: i64| hours(24 * days);
    store.add_known_login("ann", days(0)).await.unwrap();
    store.add_known_login("bob", days(0)).await.unwrap();
    store.add_known_login("ann", days(30)).await.unwrap();
    let known = async |subject, day| store.is_known_login(subject, days(day)).await.unwrap();
    assert!(known("bob", 89).await && !known("bob", 90).await && !known("cat", 0).await);
    assert!(known("ann", 119).await && !known("ann", 120).await);
    store.delete_expired_known_logins(days(90)).await.unwrap();
    assert!(!known("bob", 0).await && known("ann", 30).await);
}
