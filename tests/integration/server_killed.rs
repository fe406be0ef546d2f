//! `kill -9` at random moments: every answered turn is there, every unanswered one is absent and
//! uncounted, or else its answer is waiting to be asked for again.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use rstest::rstest;
use uuid::Uuid;

use crate::api_server::http;
use crate::databases::Database;
use crate::databases::Engine::{self, Postgres, Sqlite};
use crate::processes::{Candidate, Process, model};

const ROUNDS: usize = 12;
/// The number of rounds after which a kill must have hit a turn.
const MAX_ROUNDS: usize = 10 * ROUNDS;
const CANDIDATES: usize = 4;
/// The longest life of the server in one round. A turn takes some 5 to 15 ms.
const LONGEST_LIFE: u64 = 150;

/// A turn and what its candidate knows of it.
struct Said {
    key: String,
    text: String,
    answered: bool,
}

#[rstest]
#[tokio::test]
async fn a_server_killed_at_any_moment_loses_and_repeats_nothing(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let database = Database::new(engine).await;
    let model = model(Duration::from_millis(2)).await;
    let http = http();
    let mut server = Process::asking(&model, &database.url);
    let names = (0..CANDIDATES).map(|i| format!("candidate{i}"));
    let candidates =
        join_all(names.map(async |name| Candidate::sign_up(&http, &server.url, &name).await)).await;
    let mut answered = 0;
    let mut lost = 0;
    let mut known = 0;
    let mut round = 0;
    // On a busy machine a server may die before it answers anything, so further rounds follow.
    while round < ROUNDS || (round < MAX_ROUNDS && !(answered > ROUNDS && lost + known > 0)) {
        let life = Duration::from_millis(getrandom::u64().unwrap() % LONGEST_LIFE);
        let talks = candidates
            .iter()
            .map(|candidate| talk(candidate.at(&server.url), round));
        let talks: Vec<_> = talks.map(tokio::spawn).collect();
        tokio::time::sleep(life).await;
        server.kill();
        let turns = join_all(talks).await.into_iter().map(Result::unwrap);
        server = Process::asking(&model, &database.url);
        for (candidate, turns) in candidates.iter().zip(turns) {
            let at = format!("{engine:?}, round {round}, killed after {life:?}");
            let (a, l, k) = account_for(&candidate.at(&server.url), &turns, &at).await;
            answered += a;
            lost += l;
            known += k;
        }
        round += 1;
    }
    println!(
        "{engine:?}: {answered} turns answered, {lost} undone, {known} kept and answered when asked again"
    );
    assert!(
        answered > ROUNDS && lost + known > 0,
        "the moments were badly chosen: {answered} {lost} {known}"
    );
}

/// Takes one turn after another until one is not answered.
async fn talk(candidate: Candidate, round: usize) -> Vec<Said> {
    let mut turns = Vec::new();
    loop {
        let key = Uuid::new_v4().to_string();
        let text = format!("Round {round}, turn {}.", turns.len());
        let answered = candidate
            .say(&key, &text)
            .await
            .is_some_and(|(status, _)| status == 200);
        turns.push(Said {
            key,
            text,
            answered,
        });
        if !answered {
            return turns;
        }
    }
}

/// Compares what the candidate knows with what is stored, sends the unanswered turn again, and
/// compares anew. Returns how many were answered, undone, and kept without an answer.
async fn account_for(candidate: &Candidate, turns: &[Said], at: &str) -> (usize, usize, usize) {
    let (unanswered, answered) = turns.split_last().unwrap();
    let (stored, count) = candidate.state().await;
    assert_eq!(
        stored.len(),
        count,
        "{at}: what is stored is counted, and nothing else"
    );
    assert_eq!(
        stored.iter().collect::<HashSet<_>>().len(),
        stored.len(),
        "{at}: nothing is doubled"
    );
    for turn in answered {
        assert!(
            turn.answered && stored.contains(&turn.text),
            "{at}: {} was answered and is lost",
            turn.text
        );
    }
    let known = stored.contains(&unanswered.text);
    candidate
        .say_with_retries(&unanswered.key, &unanswered.text)
        .await;
    let (after, count_after) = candidate.state().await;
    assert_eq!(
        (after.len(), after.last()),
        (stored.len() + usize::from(!known), Some(&unanswered.text)),
        "{at}"
    );
    assert_eq!(count_after, after.len(), "{at}");
    (answered.len(), usize::from(!known), usize::from(known))
}

#[tokio::test]
async fn a_day_begins_at_midnight_of_the_time_zone_in_the_settings() {
    let database = Database::new(Sqlite).await;
    let zone = jiff::tz::TimeZone::get("Pacific/Kiritimati").unwrap();
    let settings = [
        ("SERVE_TIME_ZONE", "Pacific/Kiritimati"),
        ("SERVE_DAILY_CHAT_LIMIT", "0"),
    ];
    let server = Process::start(&database.url, &settings);
    let ann = Candidate::sign_up(&http(), &server.url, "ann").await;
    let now = jiff::Timestamp::now().to_zoned(zone);
    let midnight = now.tomorrow().unwrap().start_of_day().unwrap();
    let wait = ann.refused_retry_after().await;
    let expected = midnight.duration_since(&now).as_secs() as u64 + 1;
    assert!(
        wait.abs_diff(expected) <= 10 || wait > 86_000,
        "{wait} s, expected {expected}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_signal_stops_the_server_without_waiting_for_the_model() {
    let database = Database::new(Sqlite).await;
    let model = model(Duration::from_mins(5)).await;
    let mut server = Process::asking(&model, &database.url);
    let candidate = Candidate::sign_up(&http(), &server.url, "ann").await;
    let answerer = candidate.clone();
    let turn =
        tokio::spawn(async move { answerer.say(&Uuid::new_v4().to_string(), "Hello.").await });
    let stopping = async {
        while model
            .received_requests()
            .await
            .unwrap_or_default()
            .is_empty()
        {
            tokio::task::yield_now().await;
        }
        server.ask_to_stop();
        // It has stopped listening and waits for the turn.
        while reqwest::get(format!("{}/healthz", server.url))
            .await
            .is_ok()
        {}
        server.ask_to_stop();
    };
    tokio::time::timeout(Duration::from_secs(20), stopping)
        .await
        .expect("it takes the turn, and then no other");
    assert_eq!(server.ended().await, Some(1));
    assert!(turn.await.unwrap().is_none());
}
