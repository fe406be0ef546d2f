//! Signing in and out, the storage of the token, and servers on this machine when there is a proxy.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use mock_interviewer::backend::{Account, Connected, Connector, Target};
use mock_interviewer::client::ClientError;
use mock_interviewer::interview::Language;
use mock_interviewer::interview::bank::Bank;
use mock_interviewer::interviewer::Interviewer;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::preferences::Preferences;
use mock_interviewer::secrets::{MemoryStore, SecretStore};
use mock_interviewer::upstream;
use rstest::rstest;
use serde_json::json;
use tempfile::TempDir;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn connector(server: &MockServer, folder: &TempDir, secrets: &Arc<MemoryStore>) -> Connector {
    let bank = Arc::new(Bank::built_in());
    Connector {
        target: Target::Server(server.uri().parse().unwrap()),
        interviewer: Interviewer::question_bank(bank.clone()),
        narrator: Narrator::None,
        bank,
        language: Language::English,
        secrets: secrets.clone(),
        preferences: Arc::new(Mutex::new(Preferences::load(
            &folder.path().join("choices.json"),
        ))),
        http: upstream::http_client().unwrap(),
    }
}

/// Starts a server that answers `logout` with this status, and everything else with success.
async fn server(logout: u16) -> MockServer {
    let server = MockServer::start().await;
    let answers = [
        ("/api/", 404, json!({})),
        ("/api/user/login/", 200, json!({"Token": "token-1"})),
        ("/api/user/logout/", logout, json!({"detail": "so it is"})),
        (
            "/api/chat/gpt/",
            200,
            json!({"conversations": [], "count": 0, "limit": 6}),
        ),
    ];
    for (at, status, body) in answers {
        let answer = ResponseTemplate::new(status).set_body_json(body);
        Mock::given(path(at))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    server
}

async fn account(connector: &Connector) -> Account {
    match connector.connect().await.unwrap() {
        Connected::SignedOut(link) => link.account,
        other => panic!("{other:?}"),
    }
}

async fn is_resumed(connector: &Connector) -> bool {
    matches!(connector.connect().await.unwrap(), Connected::SignedIn(..))
}

#[tokio::test]
async fn no_login_is_attempted_when_the_features_of_the_server_are_unknown() {
    let server = MockServer::start().await;
    Mock::given(path("/api/"))
        .respond_with(ResponseTemplate::new(502))
        .mount(&server)
        .await;
    let login = Mock::given(method("POST")).and(path("/api/user/login/"));
    login
        .respond_with(ResponseTemplate::new(200))
        .expect(0)
        .mount(&server)
        .await;
    let folder = tempfile::tempdir().unwrap();
    let secrets = Arc::default();
    let account = account(&connector(&server, &folder, &secrets)).await;
    let failed = account
        .sign_in("kim", &"hunter22".into())
        .await
        .unwrap_err();
    assert!(
        matches!(failed, ClientError::Server { status: 502, .. }),
        "{failed:?}"
    );
}

#[rstest]
#[case::revoked(200, true)]
#[case::over_already(401, true)]
#[case::not_told(502, false)]
#[tokio::test]
async fn a_token_is_deleted_once_the_server_no_longer_accepts_it(
    #[case] logout: u16,
    #[case] forgotten: bool,
) {
    let server = server(logout).await;
    let folder = tempfile::tempdir().unwrap();
    let secrets = Arc::default();
    let connector = connector(&server, &folder, &secrets);
    let account = account(&connector).await;
    let signed_in = account.sign_in("kim", &"hunter22".into()).await.unwrap();
    assert!(is_resumed(&connector).await);
    assert_eq!(account.sign_out(&signed_in.remote).await.is_ok(), forgotten);
    assert_eq!(is_resumed(&connector).await, !forgotten);
}

#[tokio::test]
async fn a_token_stored_elsewhere_is_read_and_deleted_there() {
    let server = server(200).await;
    let folder = tempfile::tempdir().unwrap();
    let secrets = Arc::default();
    let account = account(&connector(&server, &folder, &secrets)).await;
    let remote = account
        .sign_in("kim", &"hunter22".into())
        .await
        .unwrap()
        .remote;
    let entry = mock_interviewer::secrets::server_entry(&server.uri().parse().unwrap(), "kim");
    secrets.delete(&entry).unwrap();
    let elsewhere = Arc::new(MemoryStore::default());
    account.keep_in(&remote, elsewhere.clone()).await.unwrap();
    assert!(elsewhere.get(&entry).unwrap().is_some());
    account.sign_out(&remote).await.unwrap();
    assert!(elsewhere.get(&entry).unwrap().is_none());
}

/// Runs the program with an environment that names an unreachable proxy.
fn behind_a_proxy(
    home: &Path,
    variables: &[(&str, String)],
    arguments: &[&str],
    input: &str,
) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-interviewer"));
    let proxy = "http://127.0.0.1:1";
    command
        .env_clear()
        .env("HOME", home)
        .env("LANG", "C.UTF-8")
        .env("http_proxy", proxy)
        .env("HTTP_PROXY", proxy);
    command
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .current_dir(home)
        .args(arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_this_machine_is_reached_without_the_proxy() {
    let server = MockServer::start().await;
    let register = Mock::given(method("POST")).and(path("/api/user/register/"));
    register
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({})))
        .expect(1)
        .mount(&server)
        .await;
    let home = tempfile::tempdir().unwrap();
    let url = server.uri();
    let arguments = [
        "--mode",
        "server",
        "--server-url",
        &url,
        "register",
        "kim",
        "kim@example.com",
    ];
    let output = behind_a_proxy(home.path(), &[], &arguments, "correct horse\n");
    assert!(output.status.success(), "{output:?}");
}

/// Returns the variables for a model of this server.
fn model_at(server: &MockServer) -> [(&'static str, String); 2] {
    [
        (
            "MOCK_INTERVIEWER_OPENAI_BASE_URL",
            format!("{}/v1", server.uri()),
        ),
        ("MOCK_INTERVIEWER_OPENAI_MODEL", "model-1".to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_on_this_machine_is_reached_without_the_proxy() {
    let server = MockServer::start().await;
    let said = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"What is a borrow?\"}}]}\n\ndata: [DONE]\n\n";
    let answer = ResponseTemplate::new(200).set_body_raw(said, "text/event-stream");
    Mock::given(path("/v1/chat/completions"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let home = tempfile::tempdir().unwrap();
    let url = model_at(&server);
    let arguments = [
        "--interviewer",
        "openai",
        "--narrator",
        "none",
        "practice",
        "--topic",
        "Rust",
    ];
    let output = behind_a_proxy(home.path(), &url, &arguments, "");
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("What is a borrow?"),
        "{output:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_receives_the_resume_and_the_job_and_the_question_bank_says_that_it_reads_neither()
{
    let server = MockServer::start().await;
    let said = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Why Seoul?\"}}]}\n\ndata: [DONE]\n\n";
    let answer = ResponseTemplate::new(200).set_body_raw(said, "text/event-stream");
    Mock::given(path("/v1/chat/completions"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let resume = file("me.txt", "Six years of payments in 서울.\n");
    let job = file("job.txt", "A queue, by the sea.");
    let url = model_at(&server);
    let practice = [
        "practice", "--topic", "Rust", "--resume", &resume, "--job", &job,
    ];
    let with = |interviewer| {
        [
            &["--interviewer", interviewer, "--narrator", "none"],
            &practice[..],
        ]
        .concat()
    };
    let output = behind_a_proxy(home.path(), &url, &with("openai"), "");
    assert!(output.status.success(), "{output:?}");
    let requests = server.received_requests().await.unwrap();
    let mut asked = requests.iter().filter(|request| request.method == "POST");
    let body: serde_json::Value = asked.next().unwrap().body_json().unwrap();
    let system = body["messages"][0]["content"].as_str().unwrap();
    assert!(
        system.contains("Six years of payments in 서울.")
            && system.contains("A queue, by the sea."),
        "{system}"
    );

    let output = behind_a_proxy(home.path(), &[], &with("offline"), "");
    assert!(output.status.success(), "{output:?}");
    assert!(
        String::from_utf8_lossy(&output.stderr)
            .contains("--resume and --job are only read by a model"),
        "{output:?}"
    );
}
