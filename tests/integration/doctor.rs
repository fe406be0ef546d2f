//! `doctor`: what it finds, and what it keeps to itself.

use std::path::Path;
use std::process::Output;

use rstest::rstest;
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::model_servers::{home, model_server, program};

const SILENT: (&str, &str) = ("MOCK_INTERVIEWER_NARRATOR_ENGINE", "none");
const WITH_MODEL: (&str, &str) = ("MOCK_INTERVIEWER_INTERVIEWER_ENGINE", "openai");

/// Runs `doctor --json` with further arguments.
fn doctor(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> (Vec<Value>, Output) {
    let variables = [&[SILENT], variables].concat();
    let arguments = [&["doctor", "--json"], arguments].concat();
    let output = program(home, &variables, &arguments, "");
    let findings = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (findings, output)
}

/// Returns the findings of the check of this name.
fn found<'f>(findings: &'f [Value], check: &str) -> Vec<&'f Value> {
    findings
        .iter()
        .filter(|finding| finding["check"] == check)
        .collect()
}

fn status<'f>(findings: &'f [Value], check: &str) -> &'f str {
    found(findings, check)[0]["status"].as_str().unwrap()
}

#[test]
fn an_empty_home_has_no_failure_and_a_remedy_for_each_warning() {
    let home = home();
    let (findings, output) = doctor(home.path(), &[], &[]);
    assert_eq!(output.status.code(), Some(0), "{findings:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    for finding in &findings {
        let keys: Vec<&str> = finding
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(keys, ["check", "remedy", "status", "summary"]);
        assert!(!finding["summary"].as_str().unwrap().is_empty());
        let is_ok = finding["status"] == "ok";
        assert!(is_ok || finding["status"] == "warning", "{finding}");
        assert_eq!(finding["remedy"].is_null(), is_ok, "{finding}");
    }
    let expected = [
        "settings",
        "data_folder",
        "state_folder",
        "cache_folder",
        "database",
        "interviewer",
        "speech_model",
        "microphone",
        "loudspeaker",
        "speech",
        "keyring",
        "terminal",
        "locale",
    ];
    for check in expected {
        assert!(!found(&findings, check).is_empty(), "{check}: {findings:?}");
    }
    assert_eq!(status(&findings, "speech_model"), "warning");
}

#[test]
fn the_text_is_in_the_language_of_the_interface() {
    let arguments = ["doctor", "--language", "ko"];
    let output = program(home().path(), &[SILENT], &arguments, "");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("정상\t데이터 폴더: ~/"), "{said}");
    assert!(
        said.contains("주의\t음성 인식 모델: ") && said.contains("\n\t모델을 받으세요: "),
        "{said}"
    );
    assert!(!said.contains("doctor."), "{said}");
}

#[test]
fn wrong_settings_are_named_and_the_other_checks_still_run() {
    let home = home();
    let file = home.path().join("c.toml");
    std::fs::write(&file, "language = \"ko\"\nmode = \"cloud\"\n").unwrap();
    let (findings, output) = doctor(home.path(), &[], &["--config", "c.toml"]);
    assert_eq!(output.status.code(), Some(1));
    let settings = found(&findings, "settings")[0];
    assert_eq!(settings["status"], "failed");
    let summary = settings["summary"].as_str().unwrap();
    assert!(summary.starts_with("c.toml 2번째 줄: mode: "), "{summary}");
    let remedy = settings["remedy"].as_str().unwrap();
    assert!(
        remedy.starts_with("고친 뒤"),
        "the file names the language: {remedy}"
    );
    assert_eq!(status(&findings, "data_folder"), "ok");
    assert!(found(&findings, "interviewer").is_empty());
}

#[test]
fn a_variable_that_is_no_setting_is_warned_of_once() {
    let variable = ("MOCK_INTERVIEWER_LANGUAG", "ko");
    let (findings, output) = doctor(home().path(), &[variable], &[]);
    let settings = found(&findings, "settings")[0];
    assert_eq!(settings["status"], "warning");
    let remedy = settings["remedy"].as_str().unwrap();
    assert!(remedy.contains("MOCK_INTERVIEWER_LANGUAGE"), "{remedy}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_wrong_option_is_wrong_use() {
    let output = program(home().path(), &[], &["doctor", "--mode", "cloud"], "");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn failures_are_in_the_language_of_the_interface() {
    let variables = [("OPENAI_BASE_URL", "http://127.0.0.1:1/v1"), WITH_MODEL];
    let (findings, _) = doctor(home().path(), &variables, &["--language", "ko"]);
    let summary = found(&findings, "address")[0]["summary"].as_str().unwrap();
    assert!(!summary.contains("cannot"), "{summary}");
}

#[cfg(target_os = "linux")]
#[rstest]
// Not even root can write there.
#[case::below_a_folder_that_is_read_only("/proc/mock-interviewer")]
#[case::in_place_of_a_file("/etc/hostname")]
fn a_folder_that_cannot_be_written_to_is_a_failure(#[case] folder: &str) {
    let (findings, output) = doctor(home().path(), &[], &["--data-dir", folder]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    for check in ["data_folder", "state_folder", "cache_folder"] {
        let finding = found(&findings, check)[0];
        assert_eq!(finding["status"], "failed", "{finding}");
        assert!(
            finding["summary"].as_str().unwrap().contains(folder),
            "{finding}"
        );
    }
}

#[rstest]
#[case::not_a_database("this is no database, and long enough to be read as a header of one")]
#[case::cut_off("SQLite format 3\0")]
fn a_database_that_cannot_be_opened_is_a_failure_and_stays_as_it_is(#[case] content: &str) {
    let home = home();
    let file = home.path().join("interviews.db");
    std::fs::write(&file, content).unwrap();
    let (findings, output) = doctor(home.path(), &[], &["--data-dir", "."]);
    assert_eq!(status(&findings, "database"), "failed", "{findings:?}");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
}

#[test]
fn a_broken_speech_model_is_a_failure_with_the_command_that_mends_it() {
    let home = home();
    std::fs::create_dir(home.path().join("models")).unwrap();
    std::fs::write(home.path().join("models/ggml-base.en.bin"), "cut off").unwrap();
    let (findings, _) = doctor(home.path(), &[], &["--data-dir", "."]);
    let model = found(&findings, "speech_model")[0];
    assert_eq!(model["status"], "failed");
    let remedy = model["remedy"].as_str().unwrap();
    assert!(remedy.ends_with("models download base.en"), "{remedy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_server_of_the_settings_is_tried() {
    let server = model_server(&["qwen3:4b"]).await;
    let uri = server.uri();
    let variables = [("OPENAI_BASE_URL", uri.as_str()), WITH_MODEL];
    let (findings, output) = doctor(home().path(), &variables, &["--offline"]);
    assert_eq!(output.status.code(), Some(0), "{findings:?}");
    for check in ["key", "address", "model", "stream", "system"] {
        assert_eq!(status(&findings, check), "ok", "{check}: {findings:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_server_is_left_alone_until_the_user_agrees() {
    let server = model_server(&["qwen3:4b"]).await;
    let uri = server.uri();
    let (findings, output) = doctor(home().path(), &[("OPENAI_BASE_URL", &uri)], &[]);
    assert_eq!(output.status.code(), Some(0), "{findings:?}");
    let summary = found(&findings, "interviewer")[0]["summary"]
        .as_str()
        .unwrap();
    assert!(summary.contains(&server.address().to_string()), "{summary}");
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
}

#[test]
fn a_model_server_that_does_not_run_is_a_failure_with_its_remedy() {
    let variables = [("OPENAI_BASE_URL", "http://127.0.0.1:1/v1"), WITH_MODEL];
    let (findings, output) = doctor(home().path(), &variables, &[]);
    assert_eq!(output.status.code(), Some(1), "{findings:?}");
    let address = found(&findings, "address")[0];
    assert_eq!(
        (&address["status"], &address["remedy"]),
        (
            &json!("failed"),
            &json!("Start the server, or change openai.base_url")
        )
    );
}

#[test]
fn offline_no_server_beyond_this_computer_is_asked() {
    let variables = [("OPENAI_BASE_URL", "https://models.example/v1"), WITH_MODEL];
    let (findings, output) = doctor(home().path(), &variables, &["--offline"]);
    assert_eq!(output.status.code(), Some(1), "{findings:?}");
    let interviewer = found(&findings, "interviewer")[0];
    let summary = interviewer["summary"].as_str().unwrap();
    assert!(summary.starts_with("--offline"), "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_not_printed() {
    let server = MockServer::start().await;
    let echo = json!({"error": {"message": "Incorrect API key provided: sk-hunter22, password1"}});
    Mock::given(method("GET"))
        .and(path("/v1/models"))
        .respond_with(ResponseTemplate::new(401).set_body_json(echo))
        .mount(&server)
        .await;
    let host = server.address().to_string();
    let base = format!("http://me:password1@{host}/v1");
    let variables = [
        WITH_MODEL,
        ("OPENAI_BASE_URL", base.as_str()),
        ("OPENAI_API_KEY", "sk-hunter22"),
        ("MOCK_INTERVIEWER_OPENAI_KEY_HOST", host.as_str()),
        (
            "MOCK_INTERVIEWER_SERVE_DATABASE_URL",
            "postgres://u:password1@db/i",
        ),
    ];
    let (findings, output) = doctor(home().path(), &variables, &[]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.contains("hunter22"), "{said}");
    assert!(!said.contains("password1"), "{said}");
    assert_eq!(status(&findings, "key"), "failed", "{said}");
}

#[test]
fn a_secret_in_a_wrong_setting_is_not_printed() {
    let home = home();
    let settings = "[openai]\nbase_url = \"ftp://me:password1@host\"\n";
    std::fs::write(home.path().join("c.toml"), settings).unwrap();
    let (findings, output) = doctor(home.path(), &[], &["--config", "c.toml"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(status(&findings, "settings"), "failed", "{said}");
    assert!(!said.contains("password1"), "{said}");
}

#[test]
fn a_server_that_does_not_run_is_a_failure_in_server_mode() {
    let url = "http://me:password1@127.0.0.1:1";
    let arguments = ["--mode", "server", "--server-url", url];
    let (findings, output) = doctor(home().path(), &[], &arguments);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(status(&findings, "server"), "failed", "{said}");
    assert!(found(&findings, "database").is_empty(), "{said}");
    assert!(!said.contains("password1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_answers_is_named_in_server_mode() {
    let server = MockServer::start().await;
    let about = json!({"name": "mock-interviewer", "version": "0.1.0", "languages": ["en"]});
    Mock::given(path("/api/"))
        .respond_with(ResponseTemplate::new(200).set_body_json(about))
        .mount(&server)
        .await;
    let uri = server.uri();
    let arguments = ["--mode", "server", "--server-url", uri.as_str()];
    let (findings, _) = doctor(home().path(), &[], &arguments);
    let expected = format!("{} answers (mock-interviewer 0.1.0)", server.address());
    assert_eq!(found(&findings, "server")[0]["summary"], expected);
}
