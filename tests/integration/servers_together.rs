//! Two servers that share a database: what is done at one of them holds at the other.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use mock_interviewer::interview::bank::Bank;
use mock_interviewer::interviewer::Interviewer;
use mock_interviewer::interviewer::openai::OpenAiInterviewer;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::server::Settings;
use rstest::rstest;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::api_server::{CHAT, LOGOUT, PASSWORD, Server, User, narrator};
use crate::databases::Database;
use crate::databases::Engine::{self, Postgres, Sqlite};

const KEY: &str = "7f1d9d4e-60a1-4d3f-9a52-0c9d8f1e2b3c";

async fn two_with(
    engine: Engine,
    settings: Settings,
    narrator: Narrator,
    interviewer: Interviewer,
) -> [Server; 2] {
    let database = Arc::new(Database::new(engine).await);
    let start = async || {
        Server::start_on(
            database.clone(),
            settings.clone(),
            narrator.clone(),
            interviewer.clone(),
        )
        .await
    };
    [start().await, start().await]
}

async fn two(engine: Engine) -> [Server; 2] {
    two_with(
        engine,
        Settings::default(),
        Narrator::None,
        Interviewer::question_bank(Arc::new(Bank::built_in())),
    )
    .await
}

/// Starts two servers that use the same slow model.
async fn two_asking(engine: Engine, daily_chat_limit: u32) -> (MockServer, [Server; 2]) {
    let model = MockServer::start().await;
    let body = json!({"choices": [{"message": {"content": "What is ownership?"}}]});
    let answer = ResponseTemplate::new(200)
        .set_body_json(body)
        .set_delay(Duration::from_millis(50));
    Mock::given(any()).respond_with(answer).mount(&model).await;
    let openai =
        OpenAiInterviewer::new(model.uri().parse().unwrap(), None, "model".to_owned()).unwrap();
    let settings = Settings {
        daily_chat_limit,
        ..Settings::default()
    };
    let servers = two_with(
        engine,
        settings,
        Narrator::None,
        Interviewer::OpenAi(openai),
    )
    .await;
    (model, servers)
}

/// Returns the same user at the other server.
fn there<'a>(other: &'a Server, user: &User<'_>) -> User<'a> {
    other.with_token(&user.token)
}

fn topic() -> Value {
    json!({"interview_topic": "rust"})
}

#[rstest]
#[tokio::test]
async fn a_login_and_a_logout_at_one_server_hold_at_both(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let [one, two] = two(engine).await;
    let here = one.sign_up("ann").await;
    let there = there(&two, &here);
    assert_eq!(here.chat(topic()).await.status, 200);
    assert_eq!(
        there.chat(json!({"user_input": "One owner."})).await.status,
        200
    );
    assert_eq!(here.state().await, there.state().await);
    assert_eq!(here.state().await.1, 2);
    assert_eq!(there.get(LOGOUT).await.status, 200);
    assert_eq!(
        here.get(CHAT).await.status_and_json(),
        (401, json!({"detail": "Invalid token."}))
    );
}

#[rstest]
#[tokio::test]
async fn failed_logins_at_both_are_counted_together(#[values(Sqlite, Postgres)] engine: Engine) {
    let [one, two] = two(engine).await;
    assert_eq!(one.register("ann").await.status, 201);
    let tries = (0..14).map(|i| [&one, &two][i % 2].login("ann", "wrong horse"));
    let refused = join_all(tries)
        .await
        .into_iter()
        .filter(|answer| answer.status == 429)
        .count();
    assert_eq!(refused, 4);
    let right = two.login("ann", PASSWORD).await;
    assert_eq!(right.status, 429);
    let wait: u64 = right.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=301).contains(&wait), "{wait}");
    assert_eq!(
        two.login("ann\0", PASSWORD).await.status_and_json(),
        (401, json!({"error": "Invalid credentials."}))
    );
}

#[rstest]
#[tokio::test]
async fn speech_of_one_server_is_served_by_the_other(#[values(Sqlite, Postgres)] engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let offline = Interviewer::question_bank(Arc::new(Bank::built_in()));
    let [one, two] = two_with(engine, Settings::default(), narrator(&folder), offline).await;
    let reply = one.sign_up("ann").await.chat(topic()).await.json();
    let path = reply["audio_url"]
        .as_str()
        .unwrap()
        .strip_prefix(&one.url(""))
        .unwrap();
    let here = one.get(path).await;
    let there = two.get(path).await;
    assert_eq!((here.status.as_u16(), here.bytes.len()), (200, 1_644));
    assert_eq!(here.bytes, there.bytes);
}

#[rstest]
#[tokio::test]
async fn a_repeat_at_the_other_server_waits_for_the_request_in_flight(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (model, [one, two]) = two_asking(engine, 6).await;
    let here = one.sign_up("ann").await;
    let there = there(&two, &here);
    let both = (0..6).map(|i| [&here, &there][i % 2].chat_under(KEY, topic()));
    let answers = join_all(both).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.status_and_json() == answers[0].status_and_json()),
        "{answers:?}"
    );
    assert_eq!((answers[0].status.as_u16(), here.state().await.1), (200, 1));
    let asked = model.received_requests().await.unwrap().len();
    // A SQLite file has no lock between processes: each server may ask the model, and one answer
    // holds.
    assert!(asked == 1 || engine == Sqlite && asked <= 2, "{asked}");
}

#[tokio::test]
async fn answers_of_one_user_at_both_are_taken_one_after_the_other() {
    let (model, [one, two]) = two_asking(Postgres, 100).await;
    let here = one.sign_up("ann").await;
    let there = there(&two, &here);
    here.chat(topic()).await;
    let answers =
        (0..12).map(|i| [&here, &there][i % 2].chat(json!({"user_input": format!("Answer {i}.")})));
    assert!(
        join_all(answers)
            .await
            .iter()
            .all(|answer| answer.status == 200)
    );
    let (roles, count) = there.state().await;
    assert_eq!(
        (
            roles.len(),
            count,
            model.received_requests().await.unwrap().len()
        ),
        (26, 13, 13)
    );
    assert!(
        roles[1..]
            .chunks(2)
            .all(|pair| pair.first().unwrap() == "assistant"),
        "{roles:?}"
    );
}

#[rstest]
#[tokio::test]
async fn one_of_many_simultaneous_turns_is_taken_at_one_below_the_limit(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_model, [one, two]) = two_asking(engine, 2).await;
    let here = one.sign_up("ann").await;
    let there = there(&two, &here);
    here.chat(topic()).await;
    let turns =
        (0..20).map(|i| [&here, &there][i % 2].chat(json!({"user_input": format!("Answer {i}.")})));
    let statuses: Vec<_> = join_all(turns)
        .await
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| [200, 429].contains(status)),
        "{statuses:?}"
    );
    let (roles, count) = here.state().await;
    assert_eq!((roles.len(), count), (4, 2));
}

#[rstest]
#[tokio::test]
async fn only_as_many_simultaneous_first_turns_of_a_day_as_allowed_are_taken(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_model, [one, two]) = two_asking(engine, 3).await;
    let here = one.sign_up("ann").await;
    let there = there(&two, &here);
    let turns = (0..12).map(|i| [&here, &there][i % 2].chat(topic()));
    let taken = join_all(turns)
        .await
        .iter()
        .filter(|answer| answer.status == 200)
        .count();
    let (_, count) = there.state().await;
    // A turn on a SQLite file may be refused with a request to try again.
    assert!(
        taken == 3 || engine == Sqlite && (1..=3).contains(&taken),
        "{taken}"
    );
    assert_eq!(count, taken as u64);
}
