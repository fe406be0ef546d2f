//! Runs `models …` of the built program and checks its output and exit codes.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

use super::import::small_model;
use super::server::{End, ScriptedResponse, Server, response};

/// The smallest published model.
const NAME: &str = "tiny-q5_1";
const BYTES: usize = 32_152_673;

/// A home directory of the test's own.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn models(&self) -> PathBuf {
        self.0.path().join("models")
    }

    /// Returns the program with `variables` and otherwise no environment of this machine.
    fn command(&self, arguments: &[&str], variables: &[(&str, &str)]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_mock-interviewer"));
        command
            .env_clear()
            .env("HOME", self.0.path())
            .env("MOCK_INTERVIEWER_DATA_DIR", self.0.path());
        command
            .envs(variables.iter().copied())
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        self.command(arguments, variables).output().unwrap()
    }

    /// Runs the program, checks the exit code, and returns stdout and stderr.
    fn run_expecting(
        &self,
        code: i32,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> (String, String) {
        let output = self.run(arguments, variables);
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let out = text(output.stdout);
        let err = text(output.stderr);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}\n{out}\n{err}"
        );
        (out, err)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run_expecting(0, arguments, &[]).0).unwrap()
    }

    /// Writes a file into the folder of models.
    fn write_model(&self, name: &str, bytes: &[u8]) -> PathBuf {
        std::fs::create_dir_all(self.models()).unwrap();
        let path = self.models().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn left(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.models()).into_iter().flatten();
        let mut names: Vec<String> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn mirror(server: &Server) -> [(&'static str, &str); 1] {
    [("MOCK_INTERVIEWER_SPEECH_MIRROR", server.url.as_str())]
}

fn one<'a>(list: &'a Value, name: &str) -> &'a Value {
    list.as_array()
        .unwrap()
        .iter()
        .find(|model| model["name"] == name)
        .unwrap()
}

fn refuses() -> ScriptedResponse {
    response("404 Not Found", b"", End::Close)
}

/// Returns an answer that declares the whole length, sends ten bytes, and stalls.
fn stalls() -> ScriptedResponse {
    response(
        &format!("200 OK\ncontent-length: {BYTES}\netag: \"1\""),
        b"0123456789",
        End::Stall,
    )
}

#[test]
fn the_list_shows_installed_used_and_recommended_models() {
    let home = Home::new();
    let english = home.json(&["models", "list", "--json", "--language", "en"]);
    let recommended: Vec<&Value> = english
        .as_array()
        .unwrap()
        .iter()
        .filter(|model| model["recommended"] == true)
        .collect();
    assert_eq!(recommended.len(), 1);
    assert!(
        recommended[0]["reason"]
            .as_str()
            .unwrap()
            .contains("a good fit for English")
    );
    let korean = home.json(&["models", "list", "--json", "--language", "ko"]);
    let name = korean
        .as_array()
        .unwrap()
        .iter()
        .find(|model| model["recommended"] == true)
        .unwrap()["name"]
        .clone();
    assert!(name.as_str().unwrap().starts_with("small"), "{name}");

    let own = home.write_model("ggml-own.bin", &small_model());
    home.write_model("ggml-base.bin", b"cut off");
    let listed = home.json(&["models", "list", "--json", "--language", "en"]);
    let expected = serde_json::json!({
        "name": "own", "languages": ["en", "ko"], "bytes": small_model().len(), "sha256": null, "state": "installed",
        "installed": true, "found": small_model().len(), "file": own, "used": true, "recommended": false, "reason": null,
    });
    assert_eq!(*one(&listed, "own"), expected);
    let base = one(&listed, "base");
    assert_eq!(
        (&base["state"], &base["installed"], &base["found"]),
        (&"broken".into(), &false.into(), &7.into())
    );
    assert_eq!(
        one(&listed, "tiny.en")["languages"],
        serde_json::json!(["en"])
    );

    let (text, _) = home.run_expecting(0, &["models", "list", "--language", "en"], &[]);
    let row = |name: &str| {
        text.lines()
            .find(|line| line.split(' ').next() == Some(name))
            .unwrap()
    };
    assert!(
        row("own").ends_with("installed, in use, not in the catalogue"),
        "{text}"
    );
    assert!(
        row("base").ends_with("damaged (0.0 MB); download it again"),
        "{text}"
    );
    assert!(
        text.lines()
            .last()
            .unwrap()
            .contains("a good fit for English"),
        "{text}"
    );
}

#[test]
fn an_installed_model_is_selected_by_its_name_or_file() {
    let home = Home::new();
    let own = home.write_model("ggml-own.bin", &small_model());
    let other = home.0.path().join("other.bin");
    std::fs::write(&other, small_model()).unwrap();
    home.write_model("ggml-next.bin", &small_model());
    let listed = |model: &str| home.json(&["--model", model, "models", "list", "--json"]);
    assert_eq!(one(&listed("own"), "own")["used"], true);
    assert_eq!(one(&listed("own"), "next")["used"], false);
    assert_eq!(one(&listed(own.to_str().unwrap()), "own")["used"], true);
    assert_eq!(
        one(&listed(other.to_str().unwrap()), other.to_str().unwrap())["used"],
        true
    );
}

#[rstest]
#[case::unknown(&["models", "download", "huge"], 2)]
#[case::unknown_to_remove(&["models", "remove", "huge"], 2)]
#[case::outside(&["models", "remove", "../config"], 2)]
#[case::offline(&["models", "download", "tiny", "--offline"], 2)]
#[case::offline_recommended(&["models", "download", "--offline"], 2)]
#[case::absent_to_verify(&["models", "verify", "tiny"], 1)]
#[case::absent_to_remove(&["models", "remove", "tiny"], 1)]
#[case::no_file(&["models", "import", "nowhere.bin"], 1)]
#[case::bad_name(&["models", "import", "nowhere.bin", "--name", "a/b"], 2)]
#[case::nothing_to_verify(&["models", "verify"], 0)]
#[case::the_folder(&["models", "path"], 0)]
fn the_exit_code_reflects_the_outcome(#[case] arguments: &[&str], #[case] code: i32) {
    Home::new().run_expecting(code, arguments, &[]);
}

#[test]
fn verify_reports_expected_and_found_content_and_fails_if_a_model_is_wrong() {
    let home = Home::new();
    home.write_model("ggml-own.bin", &small_model());
    home.run_expecting(0, &["models", "verify"], &[]);
    home.write_model("ggml-tiny-q5_1.bin", &vec![0; BYTES]);
    let (out, _) = home.run_expecting(1, &["models", "verify", "--language", "en"], &[]);
    let wrong = out.lines().find(|line| line.starts_with(NAME)).unwrap();
    let published = "818710568da3ca15689e31a743197b520007872ff9576237bda97bd1b469c3d7";
    assert!(
        wrong.starts_with(&format!(
            "{NAME}: damaged: expected SHA-256 {published}, found SHA-256 "
        )),
        "{out}"
    );
    let (out, _) = home.run_expecting(1, &["models", "verify", NAME, "--json"], &[]);
    let checked: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&checked[0]["ok"], &checked[0]["expected"]),
        (&false.into(), &published.into())
    );
    home.run_expecting(0, &["models", "remove", NAME], &[]);
    assert_eq!(home.left(), ["ggml-own.bin"]);
}

#[test]
fn an_imported_model_is_reported_with_a_warning_and_only_its_file_on_stdout() {
    let home = Home::new();
    let source = home.0.path().join("interviews.bin");
    std::fs::write(&source, small_model()).unwrap();
    let (out, err) = home.run_expecting(
        0,
        &[
            "models",
            "import",
            source.to_str().unwrap(),
            "--language",
            "en",
        ],
        &[],
    );
    assert_eq!(
        Path::new(out.trim()),
        home.models().join("ggml-interviews.bin")
    );
    assert!(
        err.contains("not in the catalogue") && err.contains("--model interviews"),
        "{err}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_with_wrong_bytes_fails_with_both_checksums_and_leaves_nothing() {
    let home = Home::new();
    let zeros = response(
        &format!("200 OK\ncontent-length: {BYTES}"),
        &vec![0; BYTES],
        End::Close,
    );
    let server = Server::start(vec![zeros]).await;
    let (out, err) = home.run_expecting(
        1,
        &["models", "download", NAME, "--language", "en"],
        &mirror(&server),
    );
    assert!(
        err.contains("expected SHA-256 8187") && err.contains("found SHA-256"),
        "{err}"
    );
    assert!(
        !err.contains('\r') && !err.contains('\x1b'),
        "no terminal, no bar: {err:?}"
    );
    assert_eq!((out.as_str(), home.left().len()), ("", 0));
    assert!(server.asked()[0].starts_with("GET /m/ggml-tiny-q5_1.bin "));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_name_the_recommended_model_is_downloaded_and_the_reason_shown() {
    let home = Home::new();
    let server = Server::start(vec![refuses()]).await;
    let (_, err) = home.run_expecting(
        1,
        &["models", "download", "--language", "en"],
        &mirror(&server),
    );
    assert!(
        err.contains("a good fit for English") && err.contains("404"),
        "{err}"
    );
    let (_, err) = home.run_expecting(
        1,
        &["models", "download", "--language", "en", "--quiet"],
        &mirror(&server),
    );
    assert!(err.lines().count() == 1 && err.contains("404"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_keeps_the_received_bytes_and_the_same_command_resumes() {
    let home = Home::new();
    let server = Server::start(vec![stalls(), refuses()]).await;
    let mut child = downloading(&home, &server);
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(
        home.left(),
        ["ggml-tiny-q5_1.bin.part", "ggml-tiny-q5_1.bin.part.json"]
    );
    let partial = one(&home.json(&["models", "list", "--json"]), NAME).clone();
    assert_eq!(
        (&partial["state"], &partial["found"]),
        (&"partial".into(), &10.into())
    );

    home.run_expecting(1, &["models", "download", NAME], &mirror(&server));
    assert_eq!(
        server.headers("range").last().unwrap().as_deref(),
        Some("bytes=10-")
    );
    assert_eq!(
        server.headers("if-range").last().unwrap().as_deref(),
        Some("\"1\"")
    );
    home.run_expecting(0, &["models", "remove", NAME], &[]);
    assert!(home.left().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_waits_for_the_first_and_says_so() {
    let home = Home::new();
    let server = Server::start(vec![stalls(), refuses()]).await;
    let mut first = downloading(&home, &server);
    let (_, err) = home.run_expecting(1, &["models", "remove", NAME, "--language", "en"], &[]);
    assert!(err.contains("is already being downloaded"), "{err}");
    let mut second = home.command(
        &["models", "download", NAME, "--language", "en"],
        &mirror(&server),
    );
    let mut second = second.stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(second.stderr.take().unwrap())
        .lines()
        .map_while(Result::ok);
    assert!(
        lines
            .into_iter()
            .any(|line| line.contains("another run of this program"))
    );
    interrupt(&first);
    assert_eq!(first.wait().unwrap().code(), Some(130));
    // The second process resumes with the bytes of the first, and the server refuses it.
    assert_eq!(second.wait().unwrap().code(), Some(1));
    assert_eq!(
        server.headers("range"),
        [None, Some("bytes=10-".to_owned())]
    );
}

#[rstest]
#[case::open(
    "HTTP_PROXY",
    "http://models.invalid/m/",
    "GET http://models.invalid/m/ggml-tiny.bin "
)]
#[case::protected(
    "HTTPS_PROXY",
    "https://models.invalid/m/",
    "CONNECT models.invalid:443 "
)]
#[case::any(
    "ALL_PROXY",
    "https://models.invalid/m/",
    "CONNECT models.invalid:443 "
)]
#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_used(#[case] variable: &str, #[case] mirror: &str, #[case] asked: &str) {
    let home = Home::new();
    let proxy = Server::start(vec![refuses()]).await;
    let address = proxy.url.origin().ascii_serialization();
    let variables = [
        (variable, address.as_str()),
        ("MOCK_INTERVIEWER_SPEECH_MIRROR", mirror),
    ];
    home.run_expecting(1, &["models", "download", "tiny"], &variables);
    assert!(proxy.asked()[0].starts_with(asked), "{:?}", proxy.asked());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loopback_address_is_reached_without_a_proxy() {
    let home = Home::new();
    let proxy = Server::start(vec![refuses()]).await;
    let server = Server::start(vec![refuses()]).await;
    let address = proxy.url.origin().ascii_serialization();
    let variables = [
        ("ALL_PROXY", address.as_str()),
        ("MOCK_INTERVIEWER_SPEECH_MIRROR", server.url.as_str()),
    ];
    home.run_expecting(1, &["models", "download", "tiny"], &variables);
    assert_eq!((proxy.asked().len(), server.asked().len()), (0, 1));
}

/// Starts a download and waits until its first ten bytes are on the disk.
fn downloading(home: &Home, server: &Server) -> Child {
    let mut command = home.command(&["models", "download", NAME], &mirror(server));
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let part = home.models().join("ggml-tiny-q5_1.bin.part");
    let deadline = Instant::now() + Duration::from_mins(1);
    while std::fs::metadata(&part).map_or(0, |part| part.len()) < 10 {
        assert!(Instant::now() < deadline, "nothing arrives");
        std::thread::yield_now();
    }
    child
}

fn interrupt(child: &Child) {
    let process = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
}
