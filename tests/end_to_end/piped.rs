//! Tests of the program without a screen: commands and line-by-line interviews.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use assert_cmd::Command;
use rstest::rstest;

use crate::home::Home;
#[cfg(feature = "voice")]
use crate::home::test_model;
use crate::terminal::without_spaces;

fn program(home: &Home) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-interviewer"));
    command
        .env_clear()
        .envs(home.environment())
        .current_dir(home.path());
    command
}

fn silent(home: &Home) -> Command {
    let mut command = program(home);
    command.args([
        "--interviewer",
        "offline",
        "--narrator",
        "none",
        "--language",
        "en",
    ]);
    command
}

#[rstest]
#[case(
    "en",
    "MOCK_INTERVIEWER_SERVE_LISTENS is set, but there is no such setting; it is ignored. Did you mean MOCK_INTERVIEWER_SERVE_LISTEN?\n"
)]
#[case(
    "ko",
    "환경 변수 MOCK_INTERVIEWER_SERVE_LISTENS에 해당하는 설정이 없어 무시합니다. 혹시 MOCK_INTERVIEWER_SERVE_LISTEN을(를) 쓰려고 하셨나요?\n"
)]
fn a_stray_variable_is_a_warning_and_a_wrong_value_of_a_setting_is_wrong_use(
    #[case] language: &str,
    #[case] warning: &str,
) {
    let home = Home::new();
    let output = program(&home)
        .args(["config", "check"])
        .env("MOCK_INTERVIEWER_LANGUAGE", language)
        .env("MOCK_INTERVIEWER_SERVE_LISTENS", "x")
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    assert_eq!(
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr)
        ),
        (Some(0), "ok\n".to_owned(), warning.to_owned())
    );
    let refused = program(&home)
        .args(["config", "check"])
        .env("MOCK_INTERVIEWER_SERVE_LISTEN", "x")
        .output()
        .expect("the program runs");
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn through_pipes_stdout_holds_the_interview_and_nothing_else() {
    let home = Home::new();
    let mut command = silent(&home);
    command.args([
        "practice",
        "--topic",
        "Rust",
        "--questions",
        "2",
        "--report",
        "interview.json",
    ]);
    let output = command
        .write_stdin("I do not know.\nI do not know that either.\n")
        .output()
        .expect("the program runs");
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let json = fs::read_to_string(home.path().join("interview.json")).expect("the report");
    let report: serde_json::Value = serde_json::from_str(&json).expect("valid JSON");
    let turns = report["turns"].as_array().expect("turns");
    let mut said: Vec<&str> = turns
        .iter()
        .filter_map(|turn| turn["question"].as_str())
        .collect();
    said.extend(report["feedback"].as_str());
    assert_eq!(said.len(), 3, "two questions and the feedback: {said:?}");

    let stdout = without_spaces(&String::from_utf8(output.stdout).expect("UTF-8"));
    let places: Vec<usize> = said
        .iter()
        .map(|words| stdout.find(&without_spaces(words)).expect("said aloud"))
        .collect();
    assert!(places.is_sorted(), "in their order: {places:?}");
    assert!(
        stdout.ends_with(&without_spaces(said[2])),
        "nothing follows the feedback"
    );
    assert!(
        !stdout.contains("interview.json"),
        "notices go to standard error"
    );
}

#[test]
fn without_a_terminal_the_interview_is_held_line_by_line_without_moving_the_cursor() {
    let output = silent(&Home::new())
        .write_stdin("Rust\nI own my values.\n")
        .output()
        .expect("the program runs");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(
        (
            output.status.code(),
            stdout.contains('\x1b'),
            stdout.contains('?')
        ),
        (Some(0), false, true),
        "{stdout}"
    );
}

#[cfg(feature = "server")]
#[test]
fn serve_uses_the_configured_interviewer_in_every_mode() {
    let home = Home::new();
    let mut command = program(&home);
    command.args([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--interviewer",
        "openai",
        "--offline",
    ]);
    command.env("MOCK_INTERVIEWER_MODE", "server");
    let output = command
        .timeout(std::time::Duration::from_secs(20))
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("interviewer \"openai\" needs the network"),
        "{told}"
    );
}

#[test]
fn without_a_voice_a_notice_is_printed_and_the_interview_goes_on_in_text() {
    let home = Home::new();
    let mut command = program(&home);
    command.env("PATH", home.path()).args([
        "practice",
        "--topic",
        "Rust",
        "--questions",
        "1",
        "--speak",
    ]);
    let output = command
        .write_stdin("I own my values.\n")
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        (output.status.code(), told.contains("install espeak-ng")),
        (Some(0), true),
        "{told}"
    );
}

#[test]
fn no_voice_is_suggested_to_somebody_who_turned_speech_off() {
    let home = Home::new();
    let mut command = program(&home);
    let output = command
        .args(["--narrator", "none", "say", "Hello."])
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("--narrator auto") && !told.contains("install"),
        "{told}"
    );
}

/// Small containers often lack certificates.
#[cfg(target_os = "linux")]
#[test]
fn without_certificates_an_interview_that_needs_no_network_goes_on() {
    let home = Home::new();
    let nowhere = home.path().join("nowhere");
    let mut command = program(&home);
    command
        .env("SSL_CERT_FILE", &nowhere)
        .env("SSL_CERT_DIR", &nowhere);
    let output = command
        .args(["practice", "--topic", "Rust", "--questions", "1"])
        .write_stdin("I own my values.\n")
        .output();
    let output = output.expect("the program runs");
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[rstest]
#[case::needs_no_server(&["config", "print"], 0)]
#[case::speaks_here(&["--offline", "--narrator", "none", "say", "Hello."], 1)]
#[case::needs_the_server(&["--offline", "whoami"], 2)]
fn without_the_network_only_what_needs_the_server_is_refused(
    #[case] arguments: &[&str],
    #[case] code: i32,
) {
    let home = Home::new();
    let mut command = program(&home);
    command
        .env("MOCK_INTERVIEWER_MODE", "server")
        .env("MOCK_INTERVIEWER_SERVER_URL", "http://practice.example")
        .args(arguments);
    let output = command.output().expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        (output.status.code(), told.contains("needs the network")),
        (Some(code), code == 2),
        "{told}"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_interview_still_gets_a_report() {
    let home = Home::new();
    let report = home.path().join("report.json");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mock-interviewer"));
    command.env_clear().envs(home.environment()).args([
        "--interviewer",
        "offline",
        "practice",
        "--topic",
        "Rust",
    ]);
    command
        .arg("--report")
        .arg(&report)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("the program runs");
    child
        .stdin
        .as_mut()
        .unwrap()
        .write_all(b"I own my values.\n")
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Two questions were asked, so the answer to the first was accepted.
    for _ in 0..4 {
        lines.find(|line| line.as_ref().expect("the program goes on").is_empty());
    }
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&child),
        rustix::process::Signal::INT,
    )
    .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let report: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(report).expect("a report")).unwrap();
    assert_eq!(report["turns"][0]["answer"]["text"], "I own my values.");
}

#[test]
fn a_log_that_cannot_be_written_is_reported_with_the_reason() {
    let home = Home::new();
    fs::write(home.path().join("taken"), "a file where a folder is wanted").unwrap();
    let output = program(&home)
        .args(["--data-dir", "taken", "models", "path"])
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.starts_with("nothing will be logged: cannot write the log: "),
        "{told}"
    );
}

#[cfg(feature = "server")]
#[test]
fn listening_beyond_this_machine_requires_behind_tls() {
    let home = Home::new();
    let mut command = program(&home);
    command.args(["serve", "--listen", "0.0.0.0:0"]);
    let output = command
        .timeout(std::time::Duration::from_secs(20))
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("--behind-tls"), "{told}");
    assert!(output.stdout.is_empty(), "no address is announced");
}

#[cfg(feature = "server")]
#[test]
fn an_administrator_lists_limits_and_deletes_accounts_from_a_script() {
    let home = Home::new();
    let user = |arguments: &[&str]| {
        let output = program(&home)
            .arg("user")
            .args(arguments)
            .output()
            .expect("the program runs");
        let out = String::from_utf8_lossy(&output.stdout);
        let told = String::from_utf8_lossy(&output.stderr);
        (output.status.code(), out.into_owned(), told.into_owned())
    };
    assert_eq!(user(&["list"]), (Some(0), String::new(), String::new()));
    let (code, _, told) = user(&["set-limit", "ada", "40"]);
    assert!(
        code == Some(1) && told.contains("no user called \"ada\""),
        "{told}"
    );
    assert_eq!(user(&["set-limit", "ada", "many"]).0, Some(2));
    let (code, _, told) = user(&["delete", "ada", "--yes"]);
    assert!(code == Some(1) && told.contains("no user called"), "{told}");
}

#[test]
fn past_interviews_are_listed_shown_exported_and_deleted_from_a_script() {
    let home = Home::new();
    let run = |arguments: &[&str]| {
        let output = program(&home)
            .args(["--language", "en"])
            .args(arguments)
            .output()
            .expect("the program runs");
        (
            output.status.code(),
            String::from_utf8(output.stdout).expect("UTF-8"),
        )
    };
    assert_eq!(run(&["history", "list"]), (Some(0), String::new()));
    for topic in ["Rust", "databases"] {
        let practice = ["practice", "--topic", topic, "--questions", "1"];
        silent(&home)
            .args(practice)
            .write_stdin("I own my values.\n")
            .assert()
            .success();
    }
    let (code, listed) = run(&["history", "list"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!((code, lines.len()), (Some(0), 2), "{listed}");
    assert!(
        lines[0].ends_with("1 answered  Databases") && lines[1].ends_with("1 answered  Rust"),
        "{listed}"
    );
    let key = &lines[1][..8];
    let (code, shown) = run(&["history", "show", key]);
    assert!(
        code == Some(0) && shown.starts_with('#') && shown.contains("I own my values."),
        "{shown}"
    );
    let file = home.path().join("rust.json");
    assert_eq!(
        run(&["history", "export", key, file.to_str().expect("UTF-8")]).0,
        Some(0)
    );
    let exported: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(file).expect("written")).expect("JSON");
    assert_eq!(exported["topic"], "Rust");

    assert_eq!(
        run(&["history", "delete", key]).0,
        Some(1),
        "nobody was asked, so nothing is deleted"
    );
    assert_eq!(run(&["history", "delete", key, "--yes"]).0, Some(0));
    assert_eq!(run(&["history", "show", key]).0, Some(1));
    let (_, json) = run(&["history", "list", "--json"]);
    let left: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        left.as_array()
            .map(|all| (all.len(), all[0]["topic"] == "databases")),
        Some((1, true)),
        "{json}"
    );
}

#[rstest]
#[case::after_the_command(&["whoami", "--mic-file", "answer.wav"])]
#[case::before_the_command(&["--mic-file", "answer.wav", "whoami"])]
fn an_option_that_a_command_cannot_use_is_refused_by_name(#[case] arguments: &[&str]) {
    let output = program(&Home::new())
        .args(arguments)
        .output()
        .expect("the program runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("--mic-file"), "{stderr}");
}

#[cfg(feature = "voice")]
#[rstest]
#[case(&["practice", "--topic", "Rust"])]
#[case(&["transcribe", "answer.wav"])]
#[case(&["bench"])]
#[case(&["devices", "--check"])]
#[case(&["models", "list"])]
fn a_model_that_does_not_exist_is_refused_with_those_that_do(#[case] command: &[&str]) {
    let home = Home::new();
    let models = home.path().join("data/models");
    fs::create_dir_all(&models).expect("a writable folder");
    fs::copy(test_model(), models.join("ggml-own.bin")).expect("a writable folder");
    let data_dir = home.path().join("data").display().to_string();
    let output = program(&home)
        .args(command)
        .args(["--model", "nosuch", "--data-dir", &data_dir])
        .output()
        .expect("the program runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("nosuch") && stderr.contains("own"),
        "{stderr}"
    );
}

#[test]
fn a_closed_standard_error_breaks_nothing() {
    let home = Home::new();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = std::process::Command::new(silent(&home).get_program());
    command.env_clear().envs(home.environment()).args([
        "--interviewer",
        "offline",
        "--narrator",
        "none",
    ]);
    // This option makes the program print a notice, since the question bank does not read it.
    let resume = home.path().join("me.txt");
    fs::write(&resume, "Six years.").expect("a file");
    let practice = [
        "practice",
        "--topic",
        "Rust",
        "--resume",
        resume.to_str().expect("UTF-8"),
    ];
    command.args(practice).stdin(Stdio::null()).stderr(writer);
    let output = command.output().expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
