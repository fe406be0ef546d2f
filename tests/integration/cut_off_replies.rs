//! `practice` with a model whose replies are odd or not whole.

use std::path::Path;
use std::process::Command;

use rstest::rstest;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

/// What a command printed, and how it ended.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

async fn model(body: &str) -> MockServer {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_raw(body, "text/event-stream");
    Mock::given(path("/v1/chat/completions"))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

/// Runs the program in `home` without answers.
async fn run(home: &Path, base_url: String, arguments: &'static [&'static str]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-interviewer"));
    command
        .env_clear()
        .env("HOME", home)
        .env("LANG", "C.UTF-8")
        .env("MOCK_INTERVIEWER_OPENAI_BASE_URL", base_url)
        .env("MOCK_INTERVIEWER_OPENAI_MODEL", "model-1")
        .args(arguments)
        .current_dir(home)
        .stdin(std::process::Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .expect("the program runs");
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

const WORDS: &str = "data: {\"choices\":[{\"delta\":{\"content\":\"Why did you\"}}]}\n\n";

#[rstest]
#[case::byte_order_mark(format!("\u{feff}{WORDS}data: [DONE]\n\n"))]
#[case::carriage_returns(format!("{WORDS}data: [DONE]\n\n").replace('\n', "\r"))]
#[case::lone_surrogate(format!("{WORDS}data: {{\"choices\":[{{\"delta\":{{\"content\":\"\\ud83d\"}}}}]}}\n\ndata: [DONE]\n\n"))]
#[tokio::test(flavor = "multi_thread")]
async fn an_odd_stream_is_read(#[case] body: String) {
    let server = model(&body).await;
    let home = tempfile::tempdir().unwrap();
    let base_url = format!("{}/v1", server.uri());
    let outcome = run(
        home.path(),
        base_url,
        &["practice", "--interviewer", "openai", "--topic", "Rust"],
    )
    .await;
    assert!(outcome.stdout.starts_with("Why did you"), "{outcome:?}");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
}

#[rstest]
#[case::english(
    &["practice", "--interviewer", "openai", "--topic", "Rust", "--language", "en"],
    "data: {\"choices\":[{\"finish_reason\":\"length\"}]}\n\n",
    "was cut off: it reached the model's length limit."
)]
#[case::korean(
    &["practice", "--interviewer", "openai", "--topic", "Rust", "--language", "ko"],
    "data: {\"choices\":[{\"finish_reason\":\"content_filter\"}]}\n\n",
    "답이 도중에 끊겼습니다. 이유: 제공업체의 콘텐츠 필터가 답을 막았습니다."
)]
#[case::no_end(
    &["practice", "--interviewer", "openai", "--topic", "Rust"],
    "",
    "was cut off: the connection ended before the reply did."
)]
#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_cut_off_is_printed_and_not_stored(
    #[case] arguments: &'static [&'static str],
    #[case] end: &str,
    #[case] reason: &str,
) {
    let server = model(&format!("{WORDS}{end}")).await;
    let home = tempfile::tempdir().unwrap();
    let base_url = format!("{}/v1", server.uri());
    let outcome = run(home.path(), base_url.clone(), arguments).await;
    assert_eq!(outcome.stdout, "Why did you\n\n", "{outcome:?}");
    assert!(outcome.stderr.trim_end().ends_with(reason), "{outcome:?}");
    assert_eq!(outcome.code, Some(1));
    let stored = run(home.path(), base_url, &["history", "list", "--json"]).await;
    assert_eq!(stored.stdout.trim(), "[]", "{stored:?}");
}
