//! Tests that what goes wrong is said in Korean to who uses the program in Korean.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use assert_cmd::Command;
use rstest::rstest;

use crate::home::Home;

/// The number of English words in a row that makes a sentence.
const SENTENCE: usize = 4;

/// Returns the lines that have English in them, apart from what is quoted, and from paths, commands
/// and values.
fn english_lines(text: &str) -> Vec<&str> {
    let has_sentence = |line: &&str| longest_run(line) >= SENTENCE;
    text.lines().filter(has_sentence).collect()
}

/// Returns the number of English words in a row. A command begins with the name of the program and
/// ends with the line; a list of values has commas.
fn longest_run(line: &str) -> usize {
    let line = without_quotes(line);
    let said = line.split("mock-interviewer ").next().unwrap_or_default();
    let mut longest = 0;
    let mut run = 0;
    for word in said.split_whitespace() {
        let is_value = word.ends_with(',') || word.contains(['/', '=', '_', '[']);
        let letters = word.trim_matches(|c: char| c.is_ascii_punctuation());
        let is_english = !letters.is_empty() && letters.chars().all(|c| c.is_ascii_alphabetic());
        run = if is_english && !is_value && !word.starts_with('-') {
            run + 1
        } else {
            0
        };
        longest = longest.max(run);
    }
    longest
}

fn without_quotes(line: &str) -> String {
    let mut said = String::new();
    let mut end = None;
    for c in line.chars() {
        match (end, c) {
            (Some(quote), c) if c == quote => end = None,
            (Some(_), _) => {}
            (None, '“') => end = Some('”'),
            (None, '"' | '`') => end = Some(c),
            (None, c) => said.push(c),
        }
    }
    said
}

fn has_hangul(text: &str) -> bool {
    text.chars().any(|c| ('가'..='힣').contains(&c))
}

#[rstest]
#[case("cannot reach it at all", 5)]
#[case("연결할 수 없습니다: connection refused", 2)]
#[case("쓸 수 있는 값: auto, none, espeak, say, openai", 1)]
#[case("“the words of a server” 라고 합니다", 0)]
#[case("내려받기: mock-interviewer models download base now", 0)]
fn english_words_in_a_row_are_counted(#[case] line: &str, #[case] expected: usize) {
    assert_eq!(longest_run(line), expected);
}

/// A home with files that cannot be used.
fn broken_home() -> Home {
    let home = Home::new();
    let file = |name: &str, bytes: &[u8]| fs::write(home.path().join(name), bytes).expect(name);
    file("value.toml", b"[interview]\nquestions = 0\n");
    file("type.toml", b"mode = 3\n");
    file("variant.toml", b"[narrator]\nengine = \"parrot\"\n");
    file("unknown.toml", b"[serve]\nlistens = \"x\"\n");
    file("table.toml", b"server = 3\n");
    file("syntax.toml", b"mode = = =\n");
    file("latin.toml", b"# caf\xe9\n");
    file("bank.toml", b"[interview]\nquestion_folders = [\"bank\"]\n");
    file(
        "folder.toml",
        b"[interview]\nquestion_folders = [\"nowhere\"]\n",
    );
    file("tilde.toml", b"[speech]\nmodel = \"~ada/model.bin\"\n");
    file("address.toml", b"[openai]\nbase_url = \"nothing at all\"\n");
    file(
        "proxies.toml",
        b"[serve]\ntrusted_proxies = [\"somewhere\"]\n",
    );
    file(
        "origins.toml",
        b"[serve]\nallow_origins = [\"somewhere\"]\n",
    );
    file("program.toml", b"[narrator]\nengine = \"command\"\n");
    file("empty.txt", b"");
    file("bytes.txt", b"\xff\xfe\xfd\xfc text \xff");
    file("notes.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    file("answer.txt", b"An answer.\n");
    file("long.txt", &b"word ".repeat(10_000));
    file(
        "database.db",
        b"this is no database, but a text of some length\n",
    );
    file("secret.txt", b"An answer.\n");
    let secret = home.path().join("secret.txt");
    fs::set_permissions(secret, fs::Permissions::from_mode(0o000)).expect("permissions");
    fs::create_dir_all(home.path().join("bank/en")).expect("a folder");
    file(
        "bank/en/rust.toml",
        b"id = \"rust\"\ntitle = \"\"\nquestion = []\n",
    );
    home
}

fn run(home: &Home, arguments: &[&str], input: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mock-interviewer"))
        .env_clear()
        .envs(home.environment())
        .env("LANG", "ko_KR.UTF-8")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
        .current_dir(home.path())
        .args(arguments)
        .write_stdin(input)
        .output()
        .expect("the program runs")
}

fn assert_korean(output: &Output, arguments: &[&str]) {
    assert_ne!(output.status.code(), Some(0), "{arguments:?} fails");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let none: Vec<&str> = vec![];
    assert_eq!(english_lines(&stderr), none, "{arguments:?}");
    assert_eq!(english_lines(&stdout), none, "{arguments:?}");
    assert!(
        has_hangul(&stderr) || has_hangul(&stdout),
        "{arguments:?}: {stderr}"
    );
}

#[rstest]
#[case::no_file(&["config", "check", "--config", "nowhere.toml"])]
#[case::file_is_a_folder(&["config", "check", "--config", "bank"])]
#[case::file_is_not_text(&["config", "check", "--config", "latin.toml"])]
#[case::value(&["config", "check", "--config", "value.toml"])]
#[case::type_of_value(&["config", "check", "--config", "type.toml"])]
#[case::variant(&["config", "check", "--config", "variant.toml"])]
#[case::unknown(&["config", "check", "--config", "unknown.toml"])]
#[case::table(&["config", "check", "--config", "table.toml"])]
#[case::syntax(&["config", "check", "--config", "syntax.toml"])]
#[case::bank(&["config", "check", "--config", "bank.toml"])]
#[case::bank_folder(&["config", "check", "--config", "folder.toml"])]
#[case::tilde(&["config", "check", "--config", "tilde.toml"])]
#[case::address(&["config", "check", "--config", "address.toml"])]
#[case::proxies(&["config", "check", "--config", "proxies.toml"])]
#[case::origins(&["config", "check", "--config", "origins.toml"])]
#[case::program(&["config", "check", "--config", "program.toml"])]
#[case::mode(&["whoami", "--mode", "cloud"])]
#[case::language(&["whoami", "--language", "fr"])]
#[case::narrator(&["say", "hello", "--narrator", "parrot"])]
#[case::interviewer(&["practice", "--topic", "Rust", "--interviewer", "nobody"])]
#[case::address_of_server(&["whoami", "--mode", "server", "--server-url", "nowhere"])]
#[case::offline(&["whoami", "--mode", "server", "--server-url", "http://a.example", "--offline"])]
fn a_wrong_setting_is_explained_in_korean(#[case] arguments: &[&str]) {
    let home = broken_home();
    assert_korean(&run(&home, arguments, ""), arguments);
}

#[rstest]
#[case::no_answer(&["--answer", "nowhere.txt"])]
#[case::folder(&["--answer", "bank"])]
#[case::empty(&["--answer", "empty.txt"])]
#[case::bytes(&["--answer", "bytes.txt"])]
#[case::document(&["--answer", "notes.pdf"])]
#[case::no_resume(&["--resume", "nowhere.txt"])]
#[case::empty_resume(&["--resume", "empty.txt"])]
#[case::bytes_as_resume(&["--resume", "bytes.txt"])]
#[case::long_resume(&["--resume", "long.txt"])]
#[case::level(&["--level", "expert"])]
#[case::report_format(&["--report", "report.pdf"])]
#[case::report_folder(&["--report", "answer.txt/report.md"])]
#[case::no_model(&["--model", "nothing"])]
fn an_interview_that_cannot_begin_is_explained_in_korean(#[case] options: &[&str]) {
    let home = broken_home();
    let start = [
        "practice",
        "--topic",
        "Rust",
        "--interviewer",
        "offline",
        "--narrator",
        "none",
    ];
    let arguments: Vec<&str> = start.iter().chain(options).copied().collect();
    assert_korean(&run(&home, &arguments, "An answer.\n"), &arguments);
}

#[rstest]
#[case::topic(&["practice", "--topic", " "])]
#[case::history(&["history", "show", "123"])]
#[case::history_of_all(&["history", "delete", "zzz"])]
#[case::export(&["history", "export", "123", "report.pdf"])]
#[case::local(&["whoami"])]
#[case::no_key(&["key", "set", "openai"])]
#[case::no_voice(&["say", "hello", "--narrator", "none"])]
#[case::no_loudspeaker(&["say", "hello", "--narrator", "espeak", "--speaker-file", "bank/x/y.wav"])]
#[case::output(&["say", "hello", "--narrator", "espeak", "-o", "hello.mp3"])]
#[case::no_recording(&["transcribe", "nowhere.wav"])]
#[case::no_user(&["user", "disable", "nobody"])]
#[case::no_database(&["user", "--database-url", "sqlite:database.db", "list"])]
#[case::scheme_of_database(&["user", "--database-url", "mysql://a/b", "list"])]
#[case::folder_as_database(&["user", "--database-url", "sqlite:bank", "list"])]
#[case::model(&["models", "remove", "nothing"])]
#[case::published_model(&["models", "download", "nothing"])]
#[case::import(&["models", "import", "nowhere.bin"])]
#[case::listen(&["serve", "--listen", "0.0.0.0:0"])]
fn a_failed_command_is_explained_in_korean(#[case] arguments: &[&str]) {
    let home = broken_home();
    assert_korean(&run(&home, arguments, ""), arguments);
}

#[rstest]
#[case::who(&["whoami"], "")]
#[case::register(&["register", "ada", "ada@example.com"], "password\n")]
#[case::login(&["login", "ada"], "password\n")]
#[case::history(&["history", "list"], "")]
#[case::practice(&["practice", "--topic", "Rust"], "")]
fn a_server_that_is_not_there_is_explained_in_korean(
    #[case] arguments: &[&str],
    #[case] input: &str,
) {
    let home = broken_home();
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", free.local_addr().expect("its address"));
    drop(free);
    let server = ["--mode", "server", "--server-url", url.as_str()];
    let arguments: Vec<&str> = arguments.iter().chain(&server).copied().collect();
    assert_korean(&run(&home, &arguments, input), &arguments);
}

#[rstest]
fn a_key_that_no_keyring_takes_is_explained_in_korean() {
    let home = broken_home();
    let arguments = ["key", "set", "openai"];
    let output = run(&home, &arguments, "sk-key\n");
    assert_korean(&output, &arguments);
}
