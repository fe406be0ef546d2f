//! A model that is reached over TLS and HTTP/2, as hosted ones are.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Request, Response};
use futures_util::future::join_all;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use mock_interviewer::store::{NewUser, Store};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;
use tokio_rustls::TlsAcceptor;

use crate::api_server::http;
use crate::databases::{Database, Engine};
use crate::processes::{Candidate, Process};

/// Requests that such a host takes on one connection.
const A_CONNECTION: u32 = 100;
const CANDIDATES: usize = A_CONNECTION as usize + 20;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// Answers nobody before all have asked. Its address.
async fn model() -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificate = CertificateDer::from_pem_file(fixture("localhost.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("localhost.key")).unwrap();
    let mut tls = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let (acceptor, all) = (TlsAcceptor::from(Arc::new(tls)), Arc::new(Barrier::new(CANDIDATES)));
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(attend(acceptor.clone(), stream, all.clone()));
        }
    });
    format!("https://localhost:{port}")
}

async fn attend(acceptor: TlsAcceptor, stream: TcpStream, all: Arc<Barrier>) {
    // Whoever does not trust the certificate goes away.
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let answer = service_fn(move |_: Request<Incoming>| {
        let all = all.clone();
        async move {
            all.wait().await;
            let body = r#"{"choices":[{"message":{"content":"What else?"}}]}"#.to_owned();
            Ok::<_, Infallible>(Response::builder().header("content-type", "application/json").body(body).unwrap())
        }
    });
    let mut server = http2::Builder::new(TokioExecutor::new());
    // The program ends it.
    let _ = server.max_concurrent_streams(A_CONNECTION).serve_connection(TokioIo::new(stream), answer).await;
}

/// Signed in, without the slow hash of a registration.
async fn candidate(store: &Store, url: &str, number: usize) -> Candidate {
    let (name, token, now) = (format!("candidate{number}"), format!("{number:040x}"), jiff::Timestamp::now());
    let email = format!("{name}@example.com");
    store.create_user(NewUser { username: &name, email: &email, password_hash: "-" }, now).await.unwrap();
    let user = store.user_by_name(&name).await.unwrap().unwrap();
    assert!(store.add_token(&user, &hex::encode(Sha256::digest(&token)), now).await.unwrap());
    Candidate::signed_in(&http(), url, &token)
}

#[tokio::test]
async fn a_system_without_certificates_is_told_what_it_lacks() {
    let (home, mirror) = (tempfile::tempdir().unwrap(), model().await);
    let nowhere = home.path().join("nowhere");
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_mock-interviewer"));
    command.env_clear().env("HOME", home.path()).env("SSL_CERT_FILE", &nowhere).env("SSL_CERT_DIR", &nowhere);
    command.env("MOCK_INTERVIEWER_SPEECH_MIRROR", mirror).args(["models", "download", "tiny.en"]);
    let output = command.output().await.unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("install ca-certificates"), "{told}");
}

#[tokio::test]
async fn more_turns_than_a_connection_bears_are_asked_at_once() {
    let (database, model) = (Database::new(Engine::Sqlite).await, model().await);
    let certificate = fixture("localhost.pem").display().to_string();
    let settings = [("INTERVIEWER_ENGINE", "openai"), ("OPENAI_BASE_URL", model.as_str())];
    let server = Process::trusting(&certificate, &database.url, &settings);
    let store = Store::open(&database.url).await.unwrap();
    let candidates = join_all((0..CANDIDATES).map(|number| candidate(&store, &server.url, number))).await;
    let starts = candidates.iter().map(|candidate| candidate.begin("Rust"));
    let all = tokio::time::timeout(Duration::from_mins(1), join_all(starts)).await;
    let statuses = all.expect("those who waited for another connection got one");
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
}
