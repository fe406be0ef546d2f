//! A model that is reached over TLS and HTTP/2, like hosted models.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Response;
use futures_util::future::join_all;
use mock_interviewer::store::{NewUser, Store};
use sha2::{Digest, Sha256};
use tokio::sync::Barrier;

use crate::api_server::http;
use crate::databases::{Database, Engine};
use crate::hosted::{self, MAX_CONCURRENT_STREAMS, certificate};
use crate::processes::{Candidate, Process};

const CANDIDATES: usize = MAX_CONCURRENT_STREAMS as usize + 20;

/// Starts a model that answers nobody until all have asked, and returns its address.
async fn model() -> String {
    let all = Arc::new(Barrier::new(CANDIDATES));
    let answer = move || {
        let all = all.clone();
        async move {
            all.wait().await;
            let body = r#"{"choices":[{"message":{"content":"What else?"}}]}"#;
            Response::builder()
                .header("content-type", "application/json")
                .body(body.into())
                .unwrap()
        }
    };
    hosted::start_server(answer).await
}

/// Creates a signed-in candidate without the slow password hash of a registration.
async fn candidate(store: &Store, url: &str, number: usize) -> Candidate {
    let name = format!("candidate{number}");
    let token = format!("{number:040x}");
    let now = jiff::Timestamp::now();
    let email = format!("{name}@example.com");
    store
        .create_user(
            NewUser {
                username: &name,
                email: &email,
                password_hash: "-",
            },
            now,
        )
        .await
        .unwrap();
    let user = store.user_by_name(&name).await.unwrap().unwrap();
    assert!(
        store
            .add_token(&user, &hex::encode(Sha256::digest(&token)), now)
            .await
            .unwrap()
    );
    Candidate::signed_in(&http(), url, &token)
}

#[tokio::test]
async fn a_system_without_certificates_is_named_as_the_cause() {
    let home = tempfile::tempdir().unwrap();
    let mirror = model().await;
    let nowhere = home.path().join("nowhere");
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_mock-interviewer"));
    command
        .env_clear()
        .env("HOME", home.path())
        .env("SSL_CERT_FILE", &nowhere)
        .env("SSL_CERT_DIR", &nowhere);
    command
        .env("MOCK_INTERVIEWER_SPEECH_MIRROR", mirror)
        .args(["models", "download", "tiny.en"]);
    let output = command.output().await.unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && message.contains("install ca-certificates"),
        "{message}"
    );
}

#[tokio::test]
async fn more_turns_than_one_connection_allows_run_at_once() {
    let database = Database::new(Engine::Sqlite).await;
    let model = model().await;
    let certificate = certificate().display().to_string();
    let settings = [
        ("INTERVIEWER_ENGINE", "openai"),
        ("OPENAI_BASE_URL", model.as_str()),
        ("OPENAI_MODEL", "model-1"),
    ];
    let server = Process::trusting(&certificate, &database.url, &settings);
    let store = Store::open(&database.url).await.unwrap();
    let candidates =
        join_all((0..CANDIDATES).map(|number| candidate(&store, &server.url, number))).await;
    let starts = candidates.iter().map(|candidate| candidate.begin("Rust"));
    let all = tokio::time::timeout(Duration::from_mins(1), join_all(starts)).await;
    let statuses = all.expect("those who waited for another connection got one");
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
}
