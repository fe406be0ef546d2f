//! Tests that an unfinished turn leaves nothing behind.

use std::sync::Arc;
use std::time::Duration;

use mock_interviewer::interview::bank::Bank;
use mock_interviewer::interviewer::Interviewer;
use mock_interviewer::interviewer::openai::OpenAiInterviewer;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::server::Settings;
use mock_interviewer::upstream::Limits;
use rstest::rstest;
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::api_server::{CHAT, Server};
use crate::databases::Database;
use crate::databases::Engine::{self, Postgres, Sqlite};

async fn server_asking(engine: Engine, model: &MockServer) -> Server {
    let limits = Limits {
        first: Duration::from_millis(500),
        attempts: 1,
        ..Limits::default()
    };
    let openai = OpenAiInterviewer::new(model.uri().parse().unwrap(), None, "model".to_owned())
        .unwrap()
        .with_limits(limits);
    let database = Arc::new(Database::new(engine).await);
    Server::start_on(
        database,
        Settings::default(),
        Narrator::None,
        Interviewer::OpenAi(openai),
    )
    .await
}

fn completion() -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({"choices": [{"message": {"content": "What is ownership?"}}]}))
}

/// Starts a model that fails once and answers from then on.
async fn model(first: ResponseTemplate) -> MockServer {
    let model = MockServer::start().await;
    Mock::given(any())
        .respond_with(first)
        .up_to_n_times(1)
        .mount(&model)
        .await;
    Mock::given(any())
        .respond_with(completion())
        .mount(&model)
        .await;
    model
}

#[rstest]
#[case::breaks(ResponseTemplate::new(500), 502)]
#[case::is_slow(completion().set_delay(Duration::from_secs(30)), 504)]
#[tokio::test]
async fn a_turn_whose_model_fails_is_not_counted(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] first: ResponseTemplate,
    #[case] status: u16,
) {
    let model = model(first).await;
    let server = server_asking(engine, &model).await;
    let user = server.sign_up("ann").await;
    let turn = || user.chat(json!({"interview_topic": "rust"}));
    assert_eq!(turn().await.status.as_u16(), status);
    assert_eq!(user.state().await, (vec![], 0));
    assert_eq!(turn().await.status, 200);
    assert_eq!(user.state().await.1, 1);
}

#[rstest]
#[tokio::test]
async fn a_turn_whose_client_hangs_up_is_not_counted_and_does_not_block_the_next(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let model = model(completion().set_delay(Duration::from_millis(400))).await;
    let server = server_asking(engine, &model).await;
    let user = server.sign_up("ann").await;
    let turn = || {
        user.request(reqwest::Method::POST, CHAT)
            .json(&json!({"interview_topic": "rust"}))
    };
    turn()
        .timeout(Duration::from_millis(100))
        .send()
        .await
        .unwrap_err();
    // This would wait for the abandoned turn if it were still running.
    assert_eq!(turn().send().await.unwrap().status(), 200);
    let (roles, count) = user.state().await;
    assert_eq!((roles.len(), count), (2, 1));
}

#[cfg(unix)]
#[tokio::test]
async fn without_its_database_the_server_asks_to_retry_and_then_recovers() {
    let database = Arc::new(Database::unreliable().await);
    let offline = Interviewer::question_bank(Arc::new(Bank::built_in()));
    let server = Server::start_on(
        database.clone(),
        Settings::default(),
        Narrator::None,
        offline,
    )
    .await;
    let user = server.sign_up("ann").await;
    assert_eq!(
        user.chat(json!({"interview_topic": "rust"})).await.status,
        200
    );

    database.go_away().await;
    for _ in 0..20 {
        let told = user.chat(json!({"user_input": "One owner."})).await;
        assert_eq!(
            (told.status.as_u16(), told.header("retry-after")),
            (503, Some("1")),
            "{told:?}"
        );
        assert!(told.json()["error"].is_string());
    }

    database.come_back();
    let answered = user.chat(json!({"user_input": "One owner."})).await;
    assert_eq!((answered.status.as_u16(), user.state().await.1), (200, 2));
}
