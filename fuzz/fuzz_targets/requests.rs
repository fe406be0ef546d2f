//! Any request to the server: answered with JSON and no failure of its own.
#![no_main]

use std::sync::OnceLock;

use arbitrary::Arbitrary;
use axum::body::Body;
use http::{HeaderValue, Request, header};
use libfuzzer_sys::fuzz_target;
use mock_interviewer::interview::bank::Bank;
use mock_interviewer::interviewer::Interviewer;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::practice::Practice;
use mock_interviewer::server::{Service, Settings, router};
use mock_interviewer::store::Store;
use tokio::runtime::Runtime;
use tower::ServiceExt;

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"];
const PATHS: [&str; 12] = [
    "/api/",
    "/api/user/register/",
    "/api/user/login/",
    "/api/user/logout/",
    "/api/user/me/",
    "/api/user/password/",
    "/api/chat/gpt/",
    "/api/interviews/",
    "/api/interviews/0/",
    "/api/interviews/0/report/",
    "/media/0.wav",
    "/healthz",
];
const TYPES: [&str; 3] = ["application/json", "application/x-www-form-urlencoded", "text/plain"];
const HOST: &str = "localhost";
const ACCOUNT: &str = r#"{"username":"ada","email":"ada@example.com","password":"a long password"}"#;

#[derive(Debug, Arbitrary)]
struct Sent<'a> {
    method: u8,
    path: u8,
    tail: &'a str,
    signed_in: bool,
    content_type: u8,
    header: (u8, &'a [u8]),
    body: &'a [u8],
}

struct Server {
    runtime: Runtime,
    router: axum::Router,
    token: String,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder").keep();
        let store = runtime.block_on(Store::open(&Store::sqlite_url(&folder.join("fuzz.db")))).expect("a database");
        let bank = std::sync::Arc::new(Bank::built_in());
        let practice = Practice::new(store.clone(), Interviewer::question_bank(bank.clone()), bank);
        let settings = Settings { daily_chat_limit: u32::MAX, ..Settings::default() };
        let service = Service { practice, store, narrator: Narrator::None, settings };
        let router = router(service);
        let token = runtime.block_on(token(&router));
        Server { runtime, router, token }
    })
}

/// Of an account made for this.
async fn token(router: &axum::Router) -> String {
    posted(router, "/api/user/register/").await;
    let answer = posted(router, "/api/user/login/").await;
    let (_, token) = answer.split_once(r#""Token":""#).expect("signed in");
    token.split('"').next().unwrap_or_default().to_owned()
}

async fn posted(router: &axum::Router, path: &str) -> String {
    let request = Request::post(path).header(header::HOST, HOST).header(header::CONTENT_TYPE, TYPES[0]);
    let request = request.body(Body::from(ACCOUNT));
    let answer = router.clone().oneshot(request.expect("a plain request")).await.expect("the router answers");
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a short answer");
    String::from_utf8_lossy(&body).into_owned()
}

fuzz_target!(|sent: Sent<'_>| {
    let server = server();
    let Some(request) = request(&sent, &server.token) else { return };
    let answer = server.runtime.block_on(server.router.clone().oneshot(request)).expect("the router answers");
    assert_ne!(answer.status(), 500, "{sent:?}");
});

fn request(sent: &Sent<'_>, token: &str) -> Option<Request<Body>> {
    let method = METHODS[usize::from(sent.method) % METHODS.len()];
    let path = PATHS[usize::from(sent.path) % PATHS.len()];
    let mut request = Request::builder().method(method).uri(format!("{path}{}", sent.tail));
    let content_type = TYPES[usize::from(sent.content_type) % TYPES.len()];
    request = request.header(header::CONTENT_TYPE, content_type);
    // The token has to last.
    if sent.signed_in && !path.contains("logout") {
        request = request.header(header::AUTHORIZATION, format!("Token {token}"));
    }
    let name = ["range", "accept", "idempotency-key", "accept-language", "host", "origin"];
    let name = name[usize::from(sent.header.0) % name.len()];
    if name != "host" {
        request = request.header(header::HOST, HOST);
    }
    request = request.header(name, HeaderValue::from_bytes(sent.header.1).ok()?);
    request.body(Body::from(sent.body.to_vec())).ok()
}
