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
pub async fn model_server(models: &[&str]) -> MockServer {
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
pub fn program(home: &Path, variables: &[(&str, &str)], arguments: &[&str], input: &str) -> Output {
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

pub fn home() -> TempDir {
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

/// Returns the names of the models that were asked.
async fn asked_models(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    let posts = requests.iter().filter(|request| request.method == "POST");
    let mut models: Vec<String> = posts
        .filter(|request| request.url.path() == "/v1/chat/completions")
        .map(|request| {
            request.body_json::<Value>().unwrap()["model"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    models.dedup();
    models
}

#[rstest]
#[case::as_it_is("/v1")]
#[case::without_its_version("")]
#[case::with_a_slash("/")]
#[case::with_the_endpoint("/v1/chat/completions")]
#[case::with_the_endpoint_and_no_version("/chat/completions")]
#[tokio::test(flavor = "multi_thread")]
async fn an_address_as_people_give_it_finds_the_api(#[case] end: &str) {
    let server = model_server(&["nomic-embed-text", "qwen3:4b"]).await;
    let output = practice(home().path(), &format!("{}{end}", server.uri()), &[]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains(QUESTION), "{output:?}");
    assert_eq!(asked_models(&server).await, ["qwen3:4b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_page_where_the_api_was_looked_for_leads_below_v1() {
    let server = model_server(&["qwen3:4b"]).await;
    let page = ResponseTemplate::new(200).set_body_raw("<html>web ui</html>", "text/html");
    Mock::given(path("/chat/completions"))
        .respond_with(page.clone())
        .mount(&server)
        .await;
    Mock::given(path("/models"))
        .respond_with(page)
        .mount(&server)
        .await;
    let output = practice(home().path(), &server.uri(), &[MODEL]);
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_without_an_api_is_said_to_lack_its_version() {
    let server = MockServer::start().await;
    let output = practice(home().path(), &server.uri(), &[MODEL]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("usually ends in /v1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_is_not_there_is_said_with_those_that_are() {
    let server = MockServer::start().await;
    let entries = ["a", "b", "c", "d", "e", "f", "tts-1"].map(|id| json!({"id": id}));
    let list = json!({"data": entries});
    Mock::given(path("/v1/models"))
        .respond_with(ResponseTemplate::new(200).set_body_json(list))
        .mount(&server)
        .await;
    let missing = json!({"error": {"message": "model 'model-1' not found"}});
    Mock::given(path("/v1/chat/completions"))
        .respond_with(ResponseTemplate::new(404).set_body_json(missing))
        .mount(&server)
        .await;
    let output = practice(home().path(), &format!("{}/v1", server.uri()), &[MODEL]);
    let said = String::from_utf8_lossy(&output.stderr);
    let expected = "model 'model-1' not found. It has: a, b, c, d, e (+1)";
    assert!(said.contains(expected), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lists_nothing_needs_a_model_in_the_settings() {
    let server = MockServer::start().await;
    let output = practice(home().path(), &format!("{}/v1", server.uri()), &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("set openai.model"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_ends_soon_is_warned_of() {
    let server = MockServer::start().await;
    let list = json!({"data": [{"id": "model-1", "shutdown_date": "2020-01-14"}]});
    Mock::given(path("/v1/models"))
        .respond_with(ResponseTemplate::new(200).set_body_json(list))
        .mount(&server)
        .await;
    Mock::given(path("/v1/chat/completions"))
        .respond_with(reply())
        .mount(&server)
        .await;
    let output = practice(home().path(), &format!("{}/v1", server.uri()), &[MODEL]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("ends model-1 on 2020-01-14"), "{said}");
}

#[test]
fn offline_forbids_what_is_not_on_this_machine() {
    let output = program(
        home().path(),
        &[("OPENAI_BASE_URL", "https://models.example/v1")],
        &[
            "practice",
            "--topic",
            "Rust",
            "--interviewer",
            "openai",
            "--offline",
        ],
        "",
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("--offline"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_allows_a_model_on_this_machine() {
    let server = model_server(&["qwen3:4b"]).await;
    let output = program(
        home().path(),
        &[("OPENAI_BASE_URL", &server.uri())],
        &[
            "practice",
            "--topic",
            "Rust",
            "--interviewer",
            "openai",
            "--offline",
        ],
        "",
    );
    assert!(output.status.success(), "{output:?}");
}

/// Returns what `config check --connect` prints, and its exit code.
fn check(variables: &[(&str, &str)]) -> (String, Option<i32>) {
    let silent = [("MOCK_INTERVIEWER_NARRATOR_ENGINE", "none")];
    let variables = [&silent, variables].concat();
    let output = program(
        home().path(),
        &variables,
        &["config", "check", "--connect"],
        "",
    );
    let said = String::from_utf8(output.stdout).unwrap();
    (said, output.status.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_works_is_checked_line_by_line() {
    let server = model_server(&["qwen3:4b"]).await;
    let host = server.address();
    let expected = format!(
        "ok\tkey: {host} gets none\n\
         ok\taddress: {host} answers and lists 1 models\n\
         ok\tmodel: qwen3:4b, chosen by the program\n\
         ok\tstreaming: works\n\
         ok\tsystem role: works\n\
         left out\tspeech: switched off\n"
    );
    let checked = check(&[("OPENAI_BASE_URL", &server.uri())]);
    assert_eq!(checked, (expected, Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_fails_is_checked_up_to_the_failure_with_its_remedy() {
    let server = model_server(&["qwen3:4b", "gemma3"]).await;
    let (said, code) = check(&[MODEL, ("OPENAI_BASE_URL", &server.uri())]);
    let expected = "Set openai.model to one of: qwen3:4b, gemma3\n";
    assert!(
        said.contains("failed\tmodel: ") && said.contains(expected),
        "{said}"
    );
    assert_eq!(code, Some(1));

    let nobody = [("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")];
    let (said, code) = check(&nobody);
    assert!(said.contains("failed\taddress: 127.0.0.1:1: "), "{said}");
    assert!(said.contains("Start the server"), "{said}");
    assert_eq!(code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_interview_does_without_is_no_failure() {
    let server = MockServer::start().await;
    let list = ResponseTemplate::new(200).set_body_json(json!({"data": [{"id": "qwen3:4b"}]}));
    Mock::given(path("/v1/models"))
        .respond_with(list)
        .mount(&server)
        .await;
    let answer = |request: &Request| {
        let body: Value = request.body_json().unwrap();
        let refusal = |words: &str| {
            ResponseTemplate::new(400).set_body_json(json!({"error": {"message": words}}))
        };
        if body["stream"] == true {
            refusal("streaming is not supported")
        } else if body["messages"][0]["role"] == "system" {
            refusal("System role not supported")
        } else {
            reply()
        }
    };
    Mock::given(path("/v1/chat/completions"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let (said, code) = check(&[("OPENAI_BASE_URL", &server.uri())]);
    assert!(said.contains("ok\tstreaming: refused, so"), "{said}");
    assert!(said.contains("ok\tsystem role: refused, so"), "{said}");
    assert_eq!(code, Some(0), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hosted_server_without_its_key_is_told_which_one_it_needs() {
    let (said, code) = check(&[("OPENAI_BASE_URL", "https://openrouter.ai:1/api/v1")]);
    assert!(said.contains("openrouter.ai:1"), "{said}");
    assert_eq!(code, Some(1), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_models_of_the_configured_server_are_listed() {
    let server = model_server(&["nomic-embed-text", "qwen3:4b", "gemma3"]).await;
    let variables = [("OPENAI_BASE_URL", server.uri())];
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let output = program(home().path(), &variables, &["models", "llm", "--json"], "");
    let servers: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = json!({
        "name": server.address().to_string(),
        "address": format!("{}/v1", server.uri()),
        "configured": true,
        "models": [
            {"id": "qwen3:4b", "used": true, "shutdown_date": null},
            {"id": "gemma3", "used": false, "shutdown_date": null},
        ],
        "problem": null,
    });
    assert_eq!(servers[0], expected);
}
