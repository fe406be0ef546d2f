//! Tests of turns whose interviewer fails: the client gets the right answer, and nothing is stored
//! or counted.

use std::time::Duration;

use mock_interviewer::interviewer::Interviewer;
use mock_interviewer::interviewer::openai::OpenAiInterviewer;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::server::Settings;
use mock_interviewer::upstream::Limits;
use rstest::rstest;
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::api_server::Server;

async fn server_asking(engine: &MockServer) -> Server {
    let limits = Limits {
        first: Duration::from_millis(500),
        attempts: 1,
        ..Limits::default()
    };
    let openai = OpenAiInterviewer::new(engine.uri().parse().unwrap(), None, "model".to_owned())
        .unwrap()
        .with_limits(limits);
    Server::start_asking(
        Settings::default(),
        Narrator::None,
        Interviewer::OpenAi(openai),
    )
    .await
}

async fn engine(response: ResponseTemplate) -> MockServer {
    let engine = MockServer::start().await;
    Mock::given(any())
        .respond_with(response)
        .mount(&engine)
        .await;
    engine
}

fn completion(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"choices": [{"message": {"content": text}}]}))
}

#[rstest]
#[case::refuses(ResponseTemplate::new(400).set_body_string("secret reason"), 502, None)]
#[case::breaks(ResponseTemplate::new(500), 502, None)]
#[case::answers_nonsense(ResponseTemplate::new(200).set_body_json(json!({"choices": "?"})), 502, None)]
#[case::is_overloaded(ResponseTemplate::new(429).insert_header("Retry-After", "7"), 503, Some("7"))]
#[case::is_slow(completion("Late.").set_delay(Duration::from_secs(30)), 504, None)]
#[tokio::test]
async fn a_turn_without_an_interviewer_costs_nothing(
    #[case] response: ResponseTemplate,
    #[case] status: u16,
    #[case] retry_after: Option<&str>,
) {
    let engine = engine(response).await;
    let server = server_asking(&engine).await;
    let user = server.sign_up("ann").await;
    let failed = user.chat(json!({"interview_topic": "rust"})).await;
    assert_eq!(
        (failed.status.as_u16(), failed.header("retry-after")),
        (status, retry_after)
    );
    let body = failed.json();
    assert!(
        body["error"].is_string() && !body.to_string().contains("secret"),
        "{body}"
    );
    assert_eq!(user.state().await, (vec![], 0));
}

const WORDS: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Why\"}}]}\n\n";

fn event_stream(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body, "text/event-stream")
}

#[rstest]
#[case::length(
    &format!("{WORDS}data: {{\"choices\":[{{\"finish_reason\":\"length\"}}]}}\n\n"),
    "The interviewer's reply was cut off: it reached the length limit. Nothing was counted."
)]
#[case::error(
    &format!("{WORDS}data: {{\"error\":{{\"message\":\"secret\"}}}}\n\n"),
    "The interviewer's reply was cut off: the model failed. Nothing was counted."
)]
#[case::no_words(
    "data: {\"choices\":[{\"finish_reason\":\"content_filter\"}]}\n\n",
    "The interviewer's reply is empty: the content filter stopped it. Nothing was counted."
)]
#[tokio::test]
async fn a_reply_that_is_cut_off_costs_nothing_and_says_why(
    #[case] body: &str,
    #[case] expected: &str,
) {
    let engine = engine(event_stream(body)).await;
    let server = server_asking(&engine).await;
    let user = server.sign_up("ann").await;
    let failed = user.chat(json!({"interview_topic": "rust"})).await;
    assert_eq!(
        (failed.status.as_u16(), failed.json()),
        (502, json!({"error": expected}))
    );
    assert_eq!(user.state().await, (vec![], 0));
}

#[tokio::test]
async fn a_byte_order_mark_in_a_reply_is_skipped() {
    let engine = engine(event_stream(&format!("\u{feff}{WORDS}data: [DONE]\n\n"))).await;
    let server = server_asking(&engine).await;
    let user = server.sign_up("ann").await;
    let answered = user.chat(json!({"interview_topic": "rust"})).await;
    assert_eq!(answered.status.as_u16(), 200);
    assert_eq!(answered.json()["response"], "Why");
}

#[tokio::test]
async fn a_failed_request_can_be_repeated_with_its_key() {
    const KEY: &str = "7f1d9d4e-60a1-4d3f-9a52-0c9d8f1e2b3c";
    let engine = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(400))
        .up_to_n_times(1)
        .mount(&engine)
        .await;
    Mock::given(any())
        .respond_with(completion("What is ownership?"))
        .mount(&engine)
        .await;
    let server = server_asking(&engine).await;
    let user = server.sign_up("ann").await;
    assert_eq!(
        user.chat_under(KEY, json!({"interview_topic": "rust"}))
            .await
            .status,
        502
    );
    let taken = user
        .chat_under(KEY, json!({"interview_topic": "rust"}))
        .await;
    assert_eq!(
        (taken.status.as_u16(), &taken.json()["response"]),
        (200, &json!("What is ownership?"))
    );
    assert_eq!(user.state().await.1, 1);
}
