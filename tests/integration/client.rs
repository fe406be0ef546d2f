//! The API client, with answers as our server and the original give them.

use std::time::Duration;

use futures_util::StreamExt;
use mock_interviewer::api::{ChatRequest, ConversationResponse, ServiceInfo};
use mock_interviewer::client::{Client, ClientError, Timeouts};
use mock_interviewer::interview::{Language, Message, Role};
use mock_interviewer::practice::{CompletedTurn, TurnEvent};
use mock_interviewer::upstream::{self, ConnectionFailure};
use rstest::rstest;
use serde_json::json;
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Match, Mock, MockServer, Request, ResponseTemplate};

const TOKEN: &str = "token-very-secret";

fn client(base: &str) -> Client {
    let base = base.parse().unwrap();
    Client::new(upstream::http_client_for(&base).unwrap(), base)
}

fn signed_in(server: &MockServer) -> Client {
    client(&server.uri()).with_token(TOKEN.into())
}

async fn server(at: &str, answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path(at))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

fn page(status: u16) -> ResponseTemplate {
    let html = format!(
        "<!DOCTYPE html><html>{}</html>",
        "Traceback ".repeat(20_000)
    );
    ResponseTemplate::new(status).set_body_raw(html, "text/html")
}

fn answer(text: &str) -> ChatRequest {
    ChatRequest {
        user_input: Some(text.into()),
        ..ChatRequest::default()
    }
}

fn host(server: &MockServer) -> String {
    server.address().to_string()
}

struct Without(&'static str);

impl Match for Without {
    fn matches(&self, request: &Request) -> bool {
        !request.headers.contains_key(self.0)
    }
}

#[tokio::test]
async fn registering_repeats_the_password_and_sends_no_stale_token() {
    let server = MockServer::start().await;
    let body = json!({"username": "kim", "email": "k@example.com", "password": "hunter22", "password2": "hunter22"});
    let asked = Mock::given(method("POST"))
        .and(path("/api/user/register/"))
        .and(body_json(body))
        .and(Without("authorization"));
    asked
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"message": "ok"})))
        .expect(1)
        .mount(&server)
        .await;
    assert_eq!(
        signed_in(&server)
            .register("kim", "k@example.com", &"hunter22".into(), None)
            .await,
        Ok(())
    );
}

#[rstest]
#[case(json!({"error": "Username already exists."}))]
#[case(json!({"message": "Username already exists."}))]
#[case(json!({"detail": "Username already exists."}))]
#[tokio::test]
async fn the_message_of_a_refusal_is_read_from_any_of_its_keys(#[case] body: serde_json::Value) {
    let server = server(
        "/api/user/register/",
        ResponseTemplate::new(409).set_body_json(body),
    )
    .await;
    let refused = client(&server.uri())
        .register("kim", "k@example.com", &"hunter22".into(), None)
        .await;
    assert_eq!(
        refused,
        Err(ClientError::Refused {
            status: 409,
            message: "Username already exists.".into()
        })
    );
}

#[tokio::test]
async fn login_returns_the_token_and_logout_revokes_it_by_post() {
    use secrecy::ExposeSecret;
    let server = MockServer::start().await;
    let reply = ResponseTemplate::new(200).set_body_json(json!({"message": "ok", "Token": TOKEN}));
    Mock::given(method("POST"))
        .and(path("/api/user/login/"))
        .respond_with(reply)
        .expect(1)
        .mount(&server)
        .await;
    let out = Mock::given(method("POST"))
        .and(path("/api/user/logout/"))
        .and(header("authorization", "Token token-very-secret"));
    out.respond_with(ResponseTemplate::new(200).set_body_json(json!({})))
        .expect(1)
        .mount(&server)
        .await;
    let token = client(&server.uri())
        .login("kim", &"hunter22".into())
        .await
        .unwrap();
    assert_eq!(token.expose_secret(), TOKEN);
    assert_eq!(
        client(&server.uri()).with_token(token).logout().await,
        Ok(())
    );
}

#[rstest]
#[case(ResponseTemplate::new(401).set_body_json(json!({"error": "Invalid credentials."})), "not signed in: Invalid credentials.")]
#[case(ResponseTemplate::new(429).set_body_json(json!({"error": "Too many attempts."})), "Too many attempts.")]
#[case(
    page(500),
    "HOST refused the sign-in. It may allow one sign-in at a time: sign out where you are signed in first"
)]
#[case(ResponseTemplate::new(200).set_body_json(json!({"token": "wrong key"})), "HOST failed (200): its answer is not the interview API's")]
#[tokio::test]
async fn a_failed_login_is_explained(#[case] reply: ResponseTemplate, #[case] expected: &str) {
    let server = server("/api/user/login/", reply).await;
    let error = client(&server.uri())
        .login("kim", &"hunter22".into())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), expected.replace("HOST", &host(&server)));
    assert!(!format!("{error:?}").contains("hunter22"));
}

#[tokio::test]
async fn the_original_is_recognized_by_its_missing_page() {
    let original = server("/elsewhere", page(404)).await;
    assert_eq!(client(&original.uri()).service().await, Ok(None));
    let info = json!({"name": "mock-interviewer", "version": "0.1.0", "languages": ["en", "ko"], "features": ["idempotency"], "more": 1});
    let ours = server("/api/", ResponseTemplate::new(200).set_body_json(&info)).await;
    let expected: ServiceInfo = serde_json::from_value(info).unwrap();
    assert_eq!(client(&ours.uri()).service().await, Ok(Some(expected)));
}

#[rstest]
#[case(json!(2), json!(6))]
#[case(json!("2"), json!("6"))]
#[tokio::test]
async fn counts_are_numbers_or_strings(
    #[case] count: serde_json::Value,
    #[case] limit: serde_json::Value,
) {
    let body = json!({"conversations": [{"role": "system", "content": "S"}], "count": count, "limit": limit});
    let server = server(
        "/prefix/api/chat/gpt/",
        ResponseTemplate::new(200).set_body_json(body),
    )
    .await;
    let client = client(&format!("{}/prefix/", server.uri())).with_token(TOKEN.into());
    let expected = ConversationResponse {
        conversations: vec![Message::new(Role::System, "S")],
        count: Some(2),
        limit: Some(6),
    };
    assert_eq!(client.conversations().await, Ok(expected));
}

#[tokio::test]
async fn a_turn_is_one_delta_and_its_end() {
    let server = MockServer::start().await;
    let asked = Mock::given(method("POST"))
        .and(path("/api/chat/gpt/"))
        .and(body_json(json!({"user_input": "An answer"})));
    let asked = asked
        .and(header("authorization", "Token token-very-secret"))
        .and(header("accept-language", "ko"));
    let reply = json!({"response": "Next?", "audio_url": null, "count": "3"});
    let asked = asked
        .and(header("idempotency-key", "key-1"))
        .respond_with(ResponseTemplate::new(200).set_body_json(reply));
    asked.expect(1).mount(&server).await;
    let base = server.uri().replace("http://", "http://me:pw@");
    let client = client(&base)
        .with_token(TOKEN.into())
        .with_language(Language::Korean);
    let events: Vec<_> = client
        .turn(answer("An answer"), Some("key-1".into()))
        .collect()
        .await;
    let done = CompletedTurn {
        response: "Next?".into(),
        audio_url: None,
        interview_id: None,
        question: None,
        asked: None,
        open: None,
        topic_ignored: false,
        finished: false,
        count: Some(3),
        limit: None,
    };
    assert_eq!(
        events,
        [
            Ok(TurnEvent::Delta("Next?".into())),
            Ok(TurnEvent::Done(done))
        ]
    );
}

#[tokio::test]
async fn no_idempotency_key_is_sent_unless_given() {
    let server = MockServer::start().await;
    let asked = Mock::given(path("/api/chat/gpt/"))
        .and(Without("idempotency-key"))
        .and(Without("accept-language"));
    asked
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"response": "Q"})))
        .expect(1)
        .mount(&server)
        .await;
    assert_eq!(
        signed_in(&server)
            .chat(&answer("A"), None)
            .await
            .unwrap()
            .response,
        "Q"
    );
}

#[tokio::test]
async fn nothing_is_sent_without_a_token() {
    let server = server("/api/chat/gpt/", page(500)).await;
    let unsigned = client(&server.uri());
    assert!(matches!(
        unsigned.conversations().await,
        Err(ClientError::Unauthorized(_))
    ));
    assert!(matches!(
        unsigned.chat(&answer("A"), None).await,
        Err(ClientError::Unauthorized(_))
    ));
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
}

fn server_error(status: u16, message: &str) -> ClientError {
    ClientError::Server {
        host: "HOST".into(),
        status,
        message: message.into(),
    }
}

#[rstest]
#[case(ResponseTemplate::new(401).set_body_json(json!({"detail": "Invalid token."})), ClientError::Unauthorized("Invalid token.".into()))]
#[case(ResponseTemplate::new(429).insert_header("retry-after", "3600").set_body_json(json!({"error": "You have exceeded the chat request limit for today."})),
    ClientError::LimitReached { message: "You have exceeded the chat request limit for today.".into(), retry_after: Some(3600) })]
#[case(ResponseTemplate::new(429), ClientError::LimitReached { message: "Too Many Requests".into(), retry_after: None })]
#[case(ResponseTemplate::new(400).set_body_json(json!({"error": "interview_topic or user_input is required."})),
    ClientError::Refused { status: 400, message: "interview_topic or user_input is required.".into() })]
#[case(page(500), server_error(500, "it answered with an error page"))]
#[case(ResponseTemplate::new(502).set_body_json(json!({"error": "the model failed"})), server_error(502, "the model failed"))]
#[case(ResponseTemplate::new(400).set_body_json(json!({"detail": "token-very-secret is odd"})),
    ClientError::Refused { status: 400, message: "[key] is odd".into() })]
#[case(page(200), server_error(200, "its answer is not the interview API's"))]
#[case(ResponseTemplate::new(200).set_body_json(json!({"response": " "})), server_error(200, "its reply is empty"))]
#[case(ResponseTemplate::new(302).insert_header("location", "https://other.example/login"), server_error(302, "it redirects to https://other.example"))]
#[tokio::test]
async fn a_failed_turn_is_explained(
    #[case] reply: ResponseTemplate,
    #[case] expected: ClientError,
) {
    let server = server("/api/chat/gpt/", reply).await;
    let named = match expected {
        ClientError::Server {
            status, message, ..
        } => ClientError::Server {
            host: host(&server),
            status,
            message,
        },
        other => other,
    };
    assert_eq!(
        signed_in(&server).chat(&answer("A"), None).await,
        Err(named)
    );
}

#[tokio::test]
async fn a_slow_or_absent_server_is_unreachable() {
    let slow = ResponseTemplate::new(200)
        .set_body_json(json!({"response": "Q"}))
        .set_delay(Duration::from_mins(1));
    let server = server("/api/chat/gpt/", slow).await;
    let brief = Timeouts {
        turn: Duration::from_millis(50),
        call: Duration::from_millis(50),
    };
    let timed_out = signed_in(&server)
        .with_timeouts(brief)
        .chat(&answer("A"), None)
        .await;
    assert_eq!(
        timed_out,
        Err(ClientError::Unreachable {
            host: host(&server),
            reason: ConnectionFailure::NoAnswer
        })
    );
    let absent = client("http://127.0.0.1:1").service().await.unwrap_err();
    assert!(
        absent
            .to_string()
            .starts_with("cannot reach 127.0.0.1:1: Connection refused"),
        "{absent}"
    );
}

#[tokio::test]
async fn speech_is_fetched_from_the_server_itself_without_the_token() {
    let server = MockServer::start().await;
    let sound = Mock::given(path("/media/kim%20lee.mp3")).and(Without("authorization"));
    sound
        .respond_with(ResponseTemplate::new(200).set_body_bytes(b"ID3 sound"))
        .expect(2)
        .mount(&server)
        .await;
    let client = signed_in(&server);
    let url = format!("{}/media/kim lee.mp3", server.uri());
    assert_eq!(client.audio(&url).await.unwrap(), "ID3 sound");
    assert_eq!(
        client.audio("/media/kim lee.mp3").await.unwrap(),
        "ID3 sound"
    );
    let elsewhere = MockServer::start().await;
    let foreign = client
        .audio(&format!("{}/media/a.mp3", elsewhere.uri()))
        .await
        .unwrap_err();
    assert!(
        foreign
            .to_string()
            .ends_with("its speech is on another server, which is not contacted"),
        "{foreign}"
    );
    assert_eq!(elsewhere.received_requests().await.unwrap().len(), 0);
}

#[test]
fn debug_shows_no_token() {
    let shown = format!(
        "{:?}",
        client("http://me:pw@127.0.0.1:8000").with_token(TOKEN.into())
    );
    assert_eq!(
        shown,
        r#"Client { host: "127.0.0.1:8000", signed_in: true, .. }"#
    );
}
