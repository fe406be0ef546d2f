//! The program with model servers: which key goes where, addresses that need mending, and models
//! that are not there.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const QUESTION: &str = "What is a borrow?";

/// Returns a reply with one question.
fn reply() -> ResponseTemplate {
    let said = json!({"choices": [{"index": 0, "delta": {"content": QUESTION}}]});
    let stop = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let body = format!("data: {said}\n\ndata: {stop}\n\ndata: [DONE]\n\n");
    ResponseTemplate::new(200).set_body_raw(body, "text/event-stream")
}

/// Starts a server that replies under `/v1` and lists `models`.
async fn model_server(models: &[&str]) -> MockServer {
    let server = MockServer::start().await;
    let entries: Vec<Value> = models.iter().map(|id| json!({"id": id})).collect();
    let list = ResponseTemplate::new(200).set_body_json(json!({"data": entries}));
    Mock::given(method("GET"))
        .and(path("/v1/models"))
        .respond_with(list)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/v1/chat/completions"))
        .respond_with(reply())
        .mount(&server)
        .await;
    server
}

/// Runs the program in an environment of its own.
fn program(home: &Path, variables: &[(&str, &str)], arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mock-interviewer"))
        .env_clear()
        .env("HOME", home)
        .env("LANG", "C.UTF-8")
        .envs(variables.iter().copied())
        .current_dir(home)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // A command that reads nothing may have ended already.
    let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Holds an interview with the model at `base`.
fn practice(home: &Path, base: &str, variables: &[(&str, &str)]) -> Output {
    let base = [("OPENAI_BASE_URL", base)];
    let variables = [&base, variables].concat();
    let arguments = [
        "practice",
        "--topic",
        "Rust",
        "--questions",
        "1",
        "--interviewer",
        "openai",
        "--narrator",
        "none",
    ];
    program(home, &variables, &arguments, "")
}

const MODEL: (&str, &str) = ("MOCK_INTERVIEWER_OPENAI_MODEL", "model-1");

/// Returns the keys that the server received with its posts, each run of equal ones once.
async fn keys(server: &MockServer) -> Vec<Option<String>> {
    let key = |request: &Request| {
        let header = request.headers.get("authorization")?;
        Some(header.to_str().unwrap().to_owned())
    };
    let requests = server.received_requests().await.unwrap();
    let posts = requests.iter().filter(|request| request.method == "POST");
    let mut keys: Vec<_> = posts.map(key).collect();
    keys.dedup();
    keys
}

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[rstest]
#[case::not_named(&[], None)]
#[case::named(&["MOCK_INTERVIEWER_OPENAI_KEY_HOST"], Some("Bearer sk-test"))]
#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_openai_goes_to_another_host_only_if_the_settings_name_it(
    #[case] naming: &[&str],
    #[case] expected: Option<&str>,
) {
    let server = model_server(&["model-1"]).await;
    let host = server.address().to_string();
    let mut variables = vec![MODEL, ("OPENAI_API_KEY", "\"Bearer sk-test\"\r\n")];
    variables.extend(naming.iter().map(|name| (*name, host.as_str())));
    let output = practice(home().path(), &format!("{}/v1", server.uri()), &variables);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(keys(&server).await, [expected.map(str::to_owned)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_key_goes_to_the_host_it_was_stored_for() {
    let server = model_server(&["model-1"]).await;
    let home = home();
    let base = format!("{}/v1", server.uri());
    let other = ["key", "set", "openai", "--in-file"];
    assert!(
        program(home.path(), &[], &other, "sk-other\n")
            .status
            .success()
    );
    assert!(practice(home.path(), &base, &[MODEL]).status.success());
    let own = ["key", "set", &base];
    assert!(
        program(home.path(), &[], &own, "'sk-own'\n")
            .status
            .success()
    );
    assert!(practice(home.path(), &base, &[MODEL]).status.success());
    let expected = [None, Some("Bearer sk-own".to_owned())];
    assert_eq!(keys(&server).await, expected);
}

#[test]
fn no_key_leaves_this_machine_without_tls() {
    let variables = [
        MODEL,
        ("OPENAI_API_KEY", "sk-test"),
        ("MOCK_INTERVIEWER_OPENAI_KEY_HOST", "http://192.0.2.1:8000"),
    ];
    let output = practice(home().path(), "http://192.0.2.1:8000/v1", &variables);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("Use an https:// address"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_takes_no_key_to_another_host() {
    let elsewhere = model_server(&["model-1"]).await;
    let server = MockServer::start().await;
    let target = format!("{}/v1/chat/completions", elsewhere.uri());
    let redirect = ResponseTemplate::new(307).insert_header("location", target);
    Mock::given(method("POST"))
        .respond_with(redirect)
        .mount(&server)
        .await;
    let host = server.address().to_string();
    let variables = [
        MODEL,
        ("OPENAI_API_KEY", "sk-test"),
        ("MOCK_INTERVIEWER_OPENAI_KEY_HOST", host.as_str()),
    ];
    let output = practice(home().path(), &format!("{}/v1", server.uri()), &variables);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(keys(&elsewhere).await, []);
}
