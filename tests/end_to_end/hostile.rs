//! Tests that nothing acts on the terminal that a user, a model or a file brought in.

use std::io::Write;
use std::net::TcpListener;

use assert_cmd::Command;
use rstest::rstest;

use crate::home::Home;
#[cfg(feature = "voice")]
use crate::home::{recording, test_model};

const HOSTILE: &str =
    "a \u{1b}cB \u{1b}]52;c;cm0=\u{7}\u{9b}31m\u{202e}evil\u{202c}\u{200b}\u{feff}\u{e0041} end";

fn program(home: &Home, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-interviewer"));
    command
        .env_clear()
        .envs(home.environment())
        .current_dir(home.path())
        .args(arguments);
    command
}

/// Runs a command and returns all it prints, once that is checked.
fn printed(mut command: Command) -> String {
    let output = command.output().expect("the program runs");
    let bytes = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(bytes).expect("UTF-8");
    let acts = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    assert!(!text.contains(acts), "{text:?}");
    text
}

fn practise(home: &Home, more: &[&str]) -> Command {
    let common = [
        "practice",
        "--questions",
        "1",
        "--narrator",
        "none",
        "--language",
        "en",
    ];
    let mut command = program(home, &[&common[..], more].concat());
    command.write_stdin(format!("{HOSTILE}\n"));
    command
}

#[test]
fn a_stored_answer_acts_on_no_terminal() {
    let home = Home::new();
    let hostile_topic = format!("Rust {HOSTILE}");
    printed(practise(
        &home,
        &[
            "--interviewer",
            "offline",
            "--topic",
            &hostile_topic,
            "--report",
            "r.md",
        ],
    ));
    let list: serde_json::Value =
        serde_json::from_str(&printed(program(&home, &["history", "list", "--json"])))
            .expect("JSON");
    let id = list[0]["id"].as_str().expect("an interview").to_owned();
    let shown = printed(program(&home, &["history", "show", &id]));
    assert!(shown.contains("end"), "{shown}");
    printed(program(&home, &["history", "list"]));
    printed(program(&home, &["history", "show", &id, "--json"]));
    printed(program(&home, &["history", "export", &id, "r.html"]));
    for file in ["r.md", "r.html"] {
        let report = std::fs::read_to_string(home.path().join(file)).expect("a report");
        assert!(
            !report.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\u{feff}']),
            "{report:?}"
        );
    }
}

#[rstest]
#[case::an_interview(&["history", "show", HOSTILE])]
#[case::an_option(&["--hostile\u{1b}[31m"])]
#[case::a_file(&["practice", "--topic", "Rust", "--answer", HOSTILE])]
#[case::a_model(&["models", "verify", HOSTILE])]
#[case::settings(&["whoami", "--config", HOSTILE])]
#[case::settings_that_are_checked(&["doctor", "--config", HOSTILE])]
#[case::settings_that_are_checked_as_json(&["doctor", "--json", "--config", HOSTILE])]
#[case::a_file_to_write(&["say", "hello", "--narrator", "espeak", "-o", HOSTILE])]
#[case::a_folder_to_write_to(&["doctor", "--data-dir", HOSTILE])]
fn a_name_that_is_repeated_acts_on_no_terminal(#[case] arguments: &[&str]) {
    printed(program(&Home::new(), arguments));
}

#[test]
fn the_words_of_a_model_act_on_no_terminal() {
    let home = Home::new();
    let address = hostile_model();
    let settings = format!("[openai]\nbase_url = \"http://{address}/v1\"\nmodel = \"m\"\n");
    std::fs::write(home.path().join("c.toml"), settings).expect("settings");
    let arguments = [
        "--interviewer",
        "openai",
        "--topic",
        "Rust",
        "--config",
        "c.toml",
    ];
    let mut command = practise(&home, &arguments);
    command.env("OPENAI_API_KEY", "sk-test");
    let text = printed(command);
    assert!(text.contains("Why Rust?"), "{text}");
}

#[cfg(feature = "voice")]
#[rstest]
#[case::missing(None, &[])]
#[case::no_recording(Some("text".as_bytes()), &[])]
#[case::a_recording(None, &["--json"])]
fn the_name_of_a_recording_acts_on_no_terminal(
    #[case] content: Option<&[u8]>,
    #[case] more: &[&str],
) {
    let home = Home::new();
    let file = home.path().join(HOSTILE);
    if let Some(content) = content {
        std::fs::write(&file, content).expect("a file");
    }
    if !more.is_empty() {
        std::fs::copy(recording("short-en-1.wav"), &file).expect("a recording");
    }
    let model = test_model();
    let common = ["transcribe", "--model", &model, HOSTILE, HOSTILE];
    let text = printed(program(&home, &[&common[..], more].concat()));
    assert!(text.contains("end"), "{text}");
    if !more.is_empty() {
        let line = text.lines().next().expect("a line");
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(line["file"], HOSTILE);
    }
}

#[test]
fn the_complaint_of_a_speech_program_acts_on_no_terminal() {
    let home = Home::new();
    let script = format!("printf '%s' '{HOSTILE}' >&2; exit 1");
    let command = serde_json::json!(["sh", "-c", script]);
    let settings = format!("[narrator]\nengine = \"command\"\ncommand = {command}\n");
    std::fs::write(home.path().join("c.toml"), settings).expect("settings");
    let speak = [
        "say",
        "hello",
        "-o",
        "a.wav",
        "--config",
        "c.toml",
        "--language",
        "en",
    ];
    let text = printed(program(&home, &speak));
    assert!(text.contains("evil"), "{text}");
    printed(program(&home, &["doctor", "--config", "c.toml"]));
}

#[test]
fn a_plain_interview_with_hostile_words_acts_on_no_terminal() {
    let home = Home::new();
    let address = hostile_model();
    let settings = format!("[openai]\nbase_url = \"http://{address}/v1\"\nmodel = \"m\"\n");
    std::fs::write(home.path().join("c.toml"), settings).expect("settings");
    let arguments = [
        "--plain",
        "--interviewer",
        "openai",
        "--narrator",
        "none",
        "--language",
        "en",
        "--config",
        "c.toml",
    ];
    let mut command = program(&home, &arguments);
    command.write_stdin(format!("Rust {HOSTILE}\n{HOSTILE}\n/finish\n"));
    let text = printed(command);
    assert!(text.contains("Why Rust?"), "{text}");
}

/// Serves a reply in pieces that split an escape sequence.
fn hostile_model() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            drain_request(&mut stream);
            let pieces = [
                "Why \u{1b}",
                "[3",
                "1mRust?",
                "\u{1b}]0;pw",
                "ned\u{7}",
                HOSTILE,
            ];
            let mut body = String::new();
            for piece in pieces {
                let chunk =
                    serde_json::json!({"choices": [{"index": 0, "delta": {"content": piece}}]});
                body.extend(["data: ", &chunk.to_string(), "\n\n"]);
            }
            body += "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
            let head =
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    address
}

/// Reads a request to the end of its body.
fn drain_request(stream: &mut std::net::TcpStream) {
    use std::io::{BufRead, BufReader, Read};
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    let _ = reader.read_exact(&mut body);
}
