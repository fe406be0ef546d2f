//! Several processes that share a database. Each of them is a store of its own.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use rstest::rstest;

use super::*;

#[rstest]
#[tokio::test]
async fn many_programs_can_open_a_new_database_at_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    for _ in 0..10 {
        let database = Database::new(engine).await;
        let opened = join_all((0..8).map(|_| Store::open(&database.url))).await;
        assert!(opened.iter().all(Result::is_ok), "{opened:?}");
    }
}

async fn two_processes() -> (Database, Store, Store) {
    let database = Database::new(Engine::Postgres).await;
    let here = database.open().await;
    let there = database.open().await;
    (database, here, there)
}

#[tokio::test]
async fn a_user_waits_for_their_own_lock_in_another_process_but_not_for_other_users() {
    let (_database, here, there) = two_processes().await;
    let ann = user(&here, "ann").await;
    let bob = user(&here, "bob").await;
    let first = here.lock_user(&ann).await.unwrap();
    let mut second = Box::pin(there.lock_user(&ann));
    let _bob = there.lock_user(&bob).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(300), &mut second).await;
    assert!(early.is_err(), "{early:?}");
    drop(first);
    second.await.unwrap();
}

#[tokio::test]
async fn of_simultaneous_turns_those_of_unlocked_users_proceed_and_the_others_wait() {
    let (_database, here, there) = two_processes().await;
    let ann = user(&here, "ann").await;
    let bob = user(&here, "bob").await;
    let cat = user(&here, "cat").await;
    let elsewhere = there.lock_user(&cat).await.unwrap();
    let turns = [("ann", &ann), ("bob", &bob), ("ann", &ann), ("cat", &cat)];
    let turn = async |(name, user)| (name, here.lock_user(user).await.unwrap());
    let mut turns: FuturesUnordered<_> = turns.into_iter().map(turn).collect();
    let proceeding = [turns.next().await.unwrap(), turns.next().await.unwrap()];
    let names =
        |turns: &[(&'static str, _)]| turns.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>();
    assert_eq!(names(&proceeding), BTreeSet::from(["ann", "bob"]));
    let early = tokio::time::timeout(Duration::from_millis(300), turns.next()).await;
    assert!(early.is_err(), "{early:?}");
    drop((proceeding, elsewhere));
    let rest: Vec<_> = turns.collect().await;
    assert_eq!(names(&rest), BTreeSet::from(["ann", "cat"]));
}

#[tokio::test]
async fn a_thousand_locks_occupy_no_connection_of_the_pool() {
    let (_database, here, _) = two_processes().await;
    let users: Vec<_> = (0..1_000).map(|i| UserId(i.to_string())).collect();
    let held: Vec<_> = join_all(users.iter().map(|user| here.lock_user(user))).await;
    assert!(held.iter().all(Result::is_ok));
    assert!(here.user_by_name("ann").await.unwrap().is_none());
}

#[tokio::test]
async fn the_locks_of_a_process_that_died_are_free() {
    let (_database, here, there) = two_processes().await;
    let ann = user(&here, "ann").await;
    let held = there.lock_user(&ann).await.unwrap();
    here.kill_other_connections().await;
    tokio::time::timeout(Duration::from_secs(10), here.lock_user(&ann))
        .await
        .unwrap()
        .unwrap();
    drop(held);
    // If the other process still lives, it continues with a new connection.
    there.lock_user(&ann).await.unwrap();
}

#[tokio::test]
async fn a_cancelled_attempt_holds_no_lock() {
    let (_database, here, there) = two_processes().await;
    let ann = user(&here, "ann").await;
    for _ in 0..50 {
        assert!(here.lock_user(&ann).now_or_never().is_none());
    }
    there.lock_user(&ann).await.unwrap();
}

impl Store {
    /// Makes the server end every other connection to the database of this test, as a restart
    /// would.
    async fn kill_other_connections(&self) {
        let sql = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                   WHERE pid <> pg_backend_pid() AND application_name = current_setting('application_name')";
        let _: i64 = sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap();
    }
}
