//! Tests of turns over HTTP: their meaning, their count and what they store.

use futures_util::future::join_all;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::server::Settings;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use crate::api_server::{Answer, CHAT, Server, answer};

const KEY: &str = "7f1d9d4e-60a1-4d3f-9a52-0c9d8f1e2b3c";

#[tokio::test]
async fn a_topic_starts_an_interview_that_answers_continue() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    assert_eq!(
        user.get(CHAT).await.status_and_json(),
        (200, json!({"conversations": [], "count": 0, "limit": 6}))
    );

    let first = user.chat(json!({"interview_topic": "rust"})).await;
    let body = first.json();
    assert_eq!(
        (
            first.status.as_u16(),
            &body["audio_url"],
            &body["count"],
            &body["limit"]
        ),
        (200, &Value::Null, &json!(1), &json!(6))
    );
    let question = body["response"].as_str().unwrap();
    assert!(!question.is_empty());

    assert_eq!(
        user.chat(json!({"user_input": "Ownership means one owner.", "interview_topic": "java"}))
            .await
            .status,
        200
    );
    let messages = user.get(CHAT).await.json()["conversations"].clone();
    assert_eq!(
        messages[1],
        json!({"role": "assistant", "content": question})
    );
    assert_eq!(
        messages[2],
        json!({"role": "user", "content": "Ownership means one owner."})
    );
    let roles = ["system", "assistant", "user", "assistant"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(user.state().await, (roles, 2));
}

#[tokio::test]
async fn an_answer_without_an_interview_opens_one() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    assert_eq!(user.chat(json!({"user_input": "Hello."})).await.status, 200);
    let (roles, count) = user.state().await;
    assert_eq!(
        (
            roles.first().map(String::as_str),
            roles.last().map(String::as_str),
            count
        ),
        (Some("system"), Some("assistant"), 1)
    );
    assert!(roles.contains(&"user".to_owned()));
}

#[tokio::test]
async fn another_topic_starts_another_interview() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let first = user.chat(json!({"interview_topic": "rust"})).await.json()["interview_id"].clone();
    let second =
        user.chat(json!({"interview_topic": "python"})).await.json()["interview_id"].clone();
    assert_ne!(first, second);
    assert_eq!(
        user.state().await,
        (vec!["system".to_owned(), "assistant".to_owned()], 2)
    );
}

#[rstest]
#[case(json!({}))]
#[case(json!({"user_input": "", "interview_topic": null}))]
#[case(json!({"user_input": "  \n"}))]
#[tokio::test]
async fn a_turn_without_input_and_topic_repeats_the_last_message_uncounted(#[case] nothing: Value) {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let none_yet = (
        400,
        json!({"error": "interview_topic or user_input is required."}),
    );
    assert_eq!(user.chat(nothing.clone()).await.status_and_json(), none_yet);

    let first = user.chat(json!({"interview_topic": "rust"})).await.json();
    let again = user.chat(nothing).await;
    assert_eq!(
        (again.status.as_u16(), &again.json()["response"]),
        (200, &first["response"])
    );
    assert_eq!(
        user.state().await,
        (vec!["system".to_owned(), "assistant".to_owned()], 1)
    );
}

#[rstest]
#[case(json!({"user_input": 1}), "user_input must be a string.")]
#[case(json!({"user_input": false}), "user_input must be a string.")]
#[case(json!({"interview_topic": ["rust"]}), "interview_topic must be a string.")]
#[case(json!({"user_input": {}, "interview_topic": "rust"}), "user_input must be a string.")]
#[case(json!({"user_input": "가".repeat(8_001)}), "user_input is longer than 8000 characters.")]
#[case(json!({"interview_topic": "가".repeat(8_001)}), "interview_topic is longer than 8000 characters.")]
#[case(json!({"user_input": "nul\0"}), "user_input must not contain the character U+0000.")]
#[tokio::test]
async fn an_invalid_answer_or_topic_is_refused_and_not_counted(
    #[case] body: Value,
    #[case] error: &str,
) {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    assert_eq!(
        user.chat(body).await.status_and_json(),
        (400, json!({"error": error}))
    );
    assert_eq!(user.state().await, (vec![], 0));
}

#[tokio::test]
async fn the_longest_answer_is_accepted_in_any_script() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    assert_eq!(
        user.chat(json!({"user_input": "가".repeat(8_000)}))
            .await
            .status,
        200
    );
}

#[rstest]
#[case("ko-KR,ko;q=0.9,en;q=0.8", true)]
#[case("en-US,en;q=0.9,ko;q=0.8", false)]
#[tokio::test]
async fn the_interview_is_in_the_language_the_client_asks_for(
    #[case] accepted: &str,
    #[case] korean: bool,
) {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let request = user
        .request(Method::POST, CHAT)
        .header("Accept-Language", accepted);
    let body = answer(request.json(&json!({"interview_topic": "rust"})))
        .await
        .json();
    let hangul = |c: char| ('가'..='힣').contains(&c);
    assert_eq!(
        body["response"].as_str().unwrap().contains(hangul),
        korean,
        "{body}"
    );
}

async fn server_with_limit(daily_chat_limit: u32) -> Server {
    Server::start_with(
        Settings {
            daily_chat_limit,
            ..Settings::default()
        },
        Narrator::None,
    )
    .await
}

fn assert_at_the_limit(answer: &Answer) {
    assert_eq!(
        answer.status_and_json(),
        (
            429,
            json!({"error": "You have exceeded the chat request limit for today."})
        )
    );
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=25 * 60 * 60 + 1).contains(&wait), "{wait}");
}

#[tokio::test]
async fn at_the_limit_only_the_last_message_can_be_repeated() {
    let server = server_with_limit(1).await;
    let user = server.sign_up("ann").await;
    user.chat(json!({"interview_topic": "rust"})).await;
    assert_at_the_limit(&user.chat(json!({"user_input": "More."})).await);
    assert_at_the_limit(&user.chat(json!({"interview_topic": "java"})).await);
    assert_eq!(user.chat(json!({})).await.status, 200);
    assert_eq!(
        user.state().await,
        (vec!["system".to_owned(), "assistant".to_owned()], 1)
    );
}

#[tokio::test]
async fn concurrent_turns_never_exceed_the_limit() {
    let server = server_with_limit(3).await;
    let user = server.sign_up("ann").await;
    user.chat(json!({"interview_topic": "rust"})).await;
    user.chat(json!({"user_input": "One."})).await;
    let answers =
        join_all((0..10).map(|n| user.chat(json!({"user_input": format!("Answer {n}.")})))).await;
    let (taken, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((taken.len(), refused.len()), (1, 9));
    refused.into_iter().for_each(assert_at_the_limit);
    let (roles, count) = user.state().await;
    assert_eq!((roles.len(), count), (6, 3));
}

#[tokio::test]
async fn every_user_has_a_limit_and_an_interview_of_their_own() {
    let server = server_with_limit(1).await;
    let ann = server.sign_up("ann").await;
    let bob = server.sign_up("bob").await;
    assert_eq!(
        ann.chat(json!({"interview_topic": "rust"})).await.status,
        200
    );
    assert_eq!(bob.state().await, (vec![], 0));
    assert_eq!(
        bob.chat(json!({"interview_topic": "rust"})).await.status,
        200
    );
}

#[tokio::test]
async fn a_repeat_with_the_same_key_returns_the_same_answer_and_counts_once() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let first = user
        .chat_under(KEY, json!({"interview_topic": "rust"}))
        .await;
    let again = user
        .chat_under(
            &KEY.to_uppercase(),
            json!({"interview_topic": "rust", "user_input": null}),
        )
        .await;
    assert_eq!(again.status_and_json(), first.status_and_json());
    assert_eq!(user.state().await.1, 1);
    let other = user
        .chat_under(KEY, json!({"interview_topic": "java"}))
        .await;
    assert_eq!(
        (other.status.as_u16(), other.json()["error"].is_string()),
        (422, true)
    );
    assert_eq!(
        server
            .sign_up("bob")
            .await
            .chat_under(KEY, json!({"interview_topic": "java"}))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn concurrent_repeats_wait_for_the_first() {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let answers =
        join_all((0..6).map(|_| user.chat_under(KEY, json!({"interview_topic": "rust"})))).await;
    assert!(
        answers
            .iter()
            .all(|answer| answer.status_and_json() == answers[0].status_and_json())
    );
    assert_eq!((answers[0].status.as_u16(), user.state().await.1), (200, 1));
}

#[rstest]
#[case("not-a-uuid")]
#[case("")]
#[tokio::test]
async fn a_key_that_is_not_a_uuid_is_refused(#[case] key: &str) {
    let server = Server::start().await;
    let user = server.sign_up("ann").await;
    let refused = user
        .chat_under(key, json!({"interview_topic": "rust"}))
        .await;
    assert_eq!(
        refused.status_and_json(),
        (400, json!({"error": "Idempotency-Key must be a UUID."}))
    );
}
