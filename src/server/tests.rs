//! Tests of the API while its database is out of order.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use axum::{Router, response::Response};
use rstest::rstest;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{Service, Settings, router};
use crate::interview::bank::Bank;
use crate::interviewer::Interviewer;
use crate::narrator::Narrator;
use crate::practice::Practice;
use crate::store::Store;
use crate::store::testing::{Database, Engine, fill_disk, free_disk, make_read_only};

const LOGIN: &str = "/api/user/login/";
const REGISTER: &str = "/api/user/register/";
const CHAT: &str = "/api/chat/gpt/";
const PASSWORD: &str = "correct horse";

/// The API over a database of its own, without a socket.
struct Api {
    router: Router,
    store: Store,
    token: String,
    _database: Database,
}

/// The status, the header `Retry-After` and the body of an answer.
type Answer = (u16, Option<String>, String);

impl Api {
    /// Returns the API with one user, who is signed in and holds an interview.
    async fn start(engine: Engine) -> Self {
        let database = Database::new(engine).await;
        let store = database.open().await;
        let bank = Arc::new(Bank::built_in());
        let interviewer = Interviewer::question_bank(bank.clone());
        let service = Service {
            practice: Practice::new(store.clone(), interviewer, bank),
            store: store.clone(),
            narrator: Narrator::None,
            settings: Settings::default(),
        };
        let mut api = Self {
            router: router(service),
            store,
            token: String::new(),
            _database: database,
        };
        let account = account("ann");
        assert_eq!(api.post(REGISTER, &account).await.0, 201);
        let (_, _, login) = api.post(LOGIN, &account).await;
        let login: Value = serde_json::from_str(&login).unwrap();
        api.token = login["Token"].as_str().unwrap().to_owned();
        let start = json!({"interview_topic": "rust"});
        assert_eq!(api.post(CHAT, &start).await.0, 200);
        api
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, "application/json", body)
            .await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "application/json", &json!({}))
            .await
    }

    async fn send(&self, method: Method, path: &str, accept: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost")
            .header(header::ACCEPT, accept)
            .header(header::AUTHORIZATION, format!("Token {}", self.token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        read(self.router.clone().oneshot(request).await.unwrap()).await
    }
}

async fn read(response: Response) -> Answer {
    let status = response.status().as_u16();
    let retry_after = response.headers().get(header::RETRY_AFTER);
    let retry_after = retry_after.map(|value| value.to_str().unwrap().to_owned());
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, retry_after, String::from_utf8(body.into()).unwrap())
}

fn account(name: &str) -> Value {
    let email = format!("{name}@example.com");
    json!({"username": name, "email": email, "password": PASSWORD})
}

fn unavailable(seconds: u64, error: &str) -> Answer {
    let body = json!({"error": error}).to_string();
    (503, Some(seconds.to_string()), body)
}

const FULL: &str = "The disk of the server is full. Nothing was saved.";
const UNWRITABLE: &str = "The server cannot save anything now. Nothing was saved.";
const AWAY: &str = "The database does not answer.";

#[tokio::test]
async fn on_a_full_disk_turns_wait_and_what_is_there_can_be_read() {
    let api = Api::start(Engine::Sqlite).await;
    let long = json!({"user_input": "가".repeat(8_000)});
    fill_disk(&api.store).await;
    assert_eq!(api.post(CHAT, &long).await, unavailable(60, FULL));
    assert_eq!(api.get("/healthz").await, unavailable(60, FULL));
    for path in [CHAT, "/api/interviews/", "/api/user/me/"] {
        assert_eq!(api.get(path).await.0, 200, "{path}");
    }
    free_disk(&api.store).await;
    assert_eq!(api.get("/healthz").await.0, 200);
    for count in [2, 3] {
        let (status, _, body) = api.post(CHAT, &long).await;
        assert_eq!(status, 200);
        let turn: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(turn["count"], json!(count));
    }
}

#[rstest]
#[case::registration(REGISTER, account("bob"))]
#[case::login(LOGIN, account("ann"))]
#[case::start(CHAT, json!({"interview_topic": "rust"}))]
#[case::answer(CHAT, json!({"user_input": "ownership"}))]
#[case::password("/api/user/password/", json!({"password": PASSWORD, "new_password": "battery staple"}))]
#[case::logout("/api/user/logout/", json!({}))]
#[tokio::test]
async fn on_a_read_only_disk_every_write_waits(#[case] path: &str, #[case] body: Value) {
    let api = Api::start(Engine::Sqlite).await;
    make_read_only(&api.store).await;
    assert_eq!(api.post(path, &body).await, unavailable(60, UNWRITABLE));
    assert_eq!(api.get("/healthz").await, unavailable(60, UNWRITABLE));
    assert_eq!(api.get(CHAT).await.0, 200);
}

#[tokio::test]
async fn a_stream_that_cannot_be_saved_ends_with_an_error_event() {
    let api = Api::start(Engine::Sqlite).await;
    make_read_only(&api.store).await;
    let body = json!({"user_input": "ownership"});
    let (_, _, stream) = api
        .send(Method::POST, CHAT, "text/event-stream", &body)
        .await;
    let expected = json!({"error": UNWRITABLE, "status": 503, "retry_after": 60});
    assert!(stream.contains("event: error"), "{stream}");
    let (_, data) = stream.rsplit_once("data: ").unwrap();
    assert_eq!(serde_json::from_str::<Value>(data).unwrap(), expected);
}

#[rstest]
#[case(Method::POST, REGISTER, account("bob"))]
#[case(Method::POST, LOGIN, account("ann"))]
#[case(Method::POST, CHAT, json!({"user_input": "ownership"}))]
#[case(Method::GET, CHAT, json!({}))]
#[case(Method::GET, "/api/interviews/", json!({}))]
#[case(Method::GET, "/api/interviews/7f0c8e0a-0000-4000-8000-000000000001/report/", json!({}))]
#[case(Method::GET, "/api/user/me/", json!({}))]
#[case(Method::GET, "/media/0123456789abcdef0123456789abcdef.wav", json!({}))]
#[case(Method::GET, "/healthz/", json!({}))]
#[tokio::test]
async fn without_its_database_every_route_waits(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[case] method: Method,
    #[case] path: &str,
    #[case] body: Value,
) {
    let api = Api::start(engine).await;
    api.store.clone().close().await;
    let answer = api.send(method, path, "application/json", &body).await;
    assert_eq!(answer, unavailable(5, AWAY));
}
