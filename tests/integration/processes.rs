//! The `serve` command as a process of its own, which can be killed, and clients that keep
//! retrying.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::api_server::{CHAT, LOGIN, PASSWORD, REGISTER};

/// The time for which a client keeps retrying. Servers under test start within a fraction of it.
const RETRY_LIMIT: Duration = Duration::from_mins(1);
/// The pause of a client between two attempts.
const BACK_OFF: Duration = Duration::from_millis(20);

/// Starts a model that gives the same answer each time, after `delay`.
pub async fn model(delay: Duration) -> MockServer {
    let body = json!({"choices": [{"message": {"content": "What else?"}}]});
    let model = MockServer::start().await;
    let answer = ResponseTemplate::new(200)
        .set_body_json(body)
        .set_delay(delay);
    Mock::given(any()).respond_with(answer).mount(&model).await;
    model
}

/// A running `serve` process, which is killed when this is dropped.
pub struct Process {
    child: Child,
    pub url: String,
    _home: TempDir,
}

impl Process {
    /// Starts the process on a free port with `MOCK_INTERVIEWER_…` set to `settings`, and waits
    /// until it listens.
    pub fn start(database_url: &str, settings: &[(&str, &str)]) -> Self {
        Self::run(
            Command::new(env!("CARGO_BIN_EXE_mock-interviewer")).env_clear(),
            database_url,
            settings,
        )
    }

    /// Starts the process where the system trusts `certificate`.
    #[cfg(target_os = "linux")]
    pub fn trusting(certificate: &str, database_url: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mock-interviewer"));
        Self::run(
            command.env_clear().env("SSL_CERT_FILE", certificate),
            database_url,
            settings,
        )
    }

    fn run(command: &mut Command, database_url: &str, settings: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().unwrap();
        command
            .env("HOME", home.path())
            .arg("--data-dir")
            .arg(home.path());
        command.envs(
            settings
                .iter()
                .map(|(name, value)| (format!("MOCK_INTERVIEWER_{name}"), value)),
        );
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            database_url,
        ]);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut url)
            .unwrap();
        assert!(
            url.starts_with("http://"),
            "the server does not listen: {:?}",
            child.wait()
        );
        Self {
            child,
            url: url.trim().to_owned(),
            _home: home,
        }
    }

    /// Starts a process whose interviewer is `model`.
    pub fn asking(model: &MockServer, database_url: &str) -> Self {
        let model = model.uri();
        let settings = [
            ("INTERVIEWER_ENGINE", "openai"),
            ("OPENAI_BASE_URL", model.as_str()),
            ("OPENAI_MODEL", "model-1"),
            ("SERVE_DAILY_CHAT_LIMIT", "1000000"),
        ];
        Self::start(database_url, &settings)
    }

    /// Sends SIGTERM to the process.
    #[cfg(unix)]
    pub fn ask_to_stop(&self) {
        rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.child),
            rustix::process::Signal::TERM,
        )
        .unwrap();
    }

    /// Waits for the process to end, and returns its exit code.
    #[cfg(unix)]
    pub async fn ended(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            match self.child.try_wait().unwrap() {
                Some(status) => return status.code(),
                None => assert!(begun.elapsed() < RETRY_LIMIT, "the server does not end"),
            }
            tokio::time::sleep(BACK_OFF).await;
        }
    }

    /// Kills the process as `kill -9` does, and waits until it has ended.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A signed-in user of the server at `url`.
#[derive(Clone)]
pub struct Candidate {
    http: reqwest::Client,
    pub url: String,
    token: String,
}

impl Candidate {
    pub async fn sign_up(http: &reqwest::Client, url: &str, name: &str) -> Self {
        let post = async |path: &str, body: Value| {
            let answer = http
                .post(format!("{url}{path}"))
                .json(&body)
                .send()
                .await
                .unwrap();
            assert!(answer.status().is_success(), "{answer:?}");
            answer.json::<Value>().await.unwrap()
        };
        let email = format!("{name}@example.com");
        post(
            REGISTER,
            json!({"username": name, "email": email, "password": PASSWORD}),
        )
        .await;
        let login = post(LOGIN, json!({"username": name, "password": PASSWORD})).await;
        Self {
            http: http.clone(),
            url: url.to_owned(),
            token: login["Token"].as_str().unwrap().to_owned(),
        }
    }

    #[cfg(target_os = "linux")]
    pub fn signed_in(http: &reqwest::Client, url: &str, token: &str) -> Self {
        Self {
            http: http.clone(),
            url: url.to_owned(),
            token: token.to_owned(),
        }
    }

    pub fn at(&self, url: &str) -> Self {
        Self {
            url: url.to_owned(),
            ..self.clone()
        }
    }

    /// Starts an interview, without retries.
    #[cfg(target_os = "linux")]
    pub async fn begin(&self, topic: &str) -> StatusCode {
        let request = self
            .http
            .post(format!("{}{CHAT}", self.url))
            .json(&json!({"interview_topic": topic}));
        let answer = request
            .header("Authorization", format!("Token {}", self.token))
            .send()
            .await;
        answer.unwrap().status()
    }

    /// Answers once; returns `None` unless the response arrived whole.
    pub async fn say(&self, key: &str, text: &str) -> Option<(StatusCode, Value)> {
        let request = self
            .http
            .post(format!("{}{CHAT}", self.url))
            .header("Idempotency-Key", key);
        let request = request.header("Authorization", format!("Token {}", self.token));
        let answer = request
            .json(&json!({"user_input": text}))
            .send()
            .await
            .ok()?;
        let status = answer.status();
        Some((status, answer.json().await.ok()?))
    }

    /// Answers until there is a response. Returns it and the number of failed attempts.
    pub async fn say_with_retries(&self, key: &str, text: &str) -> (Value, usize) {
        let begun = Instant::now();
        let mut failures = 0;
        loop {
            match self.say(key, text).await {
                Some((StatusCode::OK, answer)) => return (answer, failures),
                failed => assert!(
                    begun.elapsed() < RETRY_LIMIT,
                    "{text} was never answered: {failed:?}"
                ),
            }
            failures += 1;
            tokio::time::sleep(BACK_OFF).await;
        }
    }

    /// Answers at the daily limit. Returns the seconds until the next day.
    pub async fn refused_retry_after(&self) -> u64 {
        let request = self
            .http
            .post(format!("{}{CHAT}", self.url))
            .json(&json!({"user_input": "One more?"}));
        let answer = request
            .header("Authorization", format!("Token {}", self.token))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 429);
        answer.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    /// Returns the answers in order, and how many turns were counted.
    pub async fn state(&self) -> (Vec<String>, usize) {
        let request = self.http.get(format!("{}{CHAT}", self.url));
        let answer = request
            .header("Authorization", format!("Token {}", self.token))
            .send()
            .await
            .unwrap();
        let body: Value = answer.json().await.unwrap();
        let messages = body["conversations"].as_array().unwrap();
        let said = messages.iter().filter(|message| message["role"] == "user");
        let said = said
            .map(|message| message["content"].as_str().unwrap().to_owned())
            .collect();
        (said, body["count"].as_u64().unwrap() as usize)
    }
}
