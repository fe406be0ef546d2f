//! The real server on a free port over a temporary database, and a client for it.

use std::net::SocketAddr;
use std::sync::Arc;

use mock_interviewer::interview::bank::Bank;
use mock_interviewer::interviewer::Interviewer;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::narrator::command::CommandNarrator;
use mock_interviewer::practice::Practice;
use mock_interviewer::server::{ServerError, Service, Settings, serve};
use mock_interviewer::store::Store;
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::databases::{Database, Engine};

pub const PASSWORD: &str = "correct horse";
pub const CHAT: &str = "/api/chat/gpt/";
pub const LOGIN: &str = "/api/user/login/";
pub const LOGOUT: &str = "/api/user/logout/";
pub const REGISTER: &str = "/api/user/register/";

pub struct Server {
    pub address: SocketAddr,
    pub store: Store,
    pub database: Arc<Database>,
    http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<Result<(), ServerError>>>,
}

/// An answer that was read completely.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Returns the status and the body, which tests compare at once.
    pub fn status_and_json(&self) -> (u16, Value) {
        (self.status.as_u16(), self.json())
    }
}

impl Server {
    /// Starts a server with the question bank and without speech.
    pub async fn start() -> Self {
        Self::start_with(Settings::default(), Narrator::None).await
    }

    pub async fn start_with(settings: Settings, narrator: Narrator) -> Self {
        let bank = Arc::new(Bank::built_in());
        Self::start_asking(settings, narrator, Interviewer::question_bank(bank)).await
    }

    pub async fn start_asking(
        settings: Settings,
        narrator: Narrator,
        interviewer: Interviewer,
    ) -> Self {
        let database = Arc::new(Database::new(Engine::Sqlite).await);
        Self::start_on(database, settings, narrator, interviewer).await
    }

    /// Starts a server on an existing database. Several of them behave like several processes,
    /// since they share nothing else.
    pub async fn start_on(
        database: Arc<Database>,
        settings: Settings,
        narrator: Narrator,
        interviewer: Interviewer,
    ) -> Self {
        let store = Store::open(&database.url).await.unwrap();
        let practice = Practice::new(store.clone(), interviewer, Arc::new(Bank::built_in()));
        let service = Service {
            practice,
            store: store.clone(),
            narrator,
            settings,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let running = tokio::spawn(serve(listener, service, shutdown));
        Self {
            address,
            store,
            database,
            http: http(),
            stop: Some(stop),
            running: Some(running),
        }
    }

    /// Tells the server to stop. The handle completes once it has stopped.
    pub fn stop(&mut self) -> JoinHandle<Result<(), ServerError>> {
        self.stop.take().unwrap().send(()).unwrap();
        self.running.take().unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        answer(self.request(Method::POST, path).json(body)).await
    }

    pub async fn register(&self, name: &str) -> Answer {
        let email = format!("{name}@example.com");
        self.post(
            REGISTER,
            &json!({"username": name, "email": email, "password": PASSWORD}),
        )
        .await
    }

    pub async fn login(&self, name: &str, password: &str) -> Answer {
        self.post(LOGIN, &json!({"username": name, "password": password}))
            .await
    }

    /// Registers a user and logs in.
    pub async fn sign_up(&self, name: &str) -> User<'_> {
        assert_eq!(self.register(name).await.status, 201);
        self.sign_in(name).await
    }

    pub async fn sign_in(&self, name: &str) -> User<'_> {
        let token = self.login(name, PASSWORD).await.json()["Token"]
            .as_str()
            .unwrap()
            .to_owned();
        self.with_token(&token)
    }

    pub fn with_token(&self, token: &str) -> User<'_> {
        User {
            server: self,
            token: token.to_owned(),
        }
    }

    /// Registers a user and returns their key in the database.
    pub async fn user_id(&self, name: &str) -> mock_interviewer::store::UserId {
        assert_eq!(self.register(name).await.status, 201);
        self.store.user_by_name(name).await.unwrap().unwrap().id
    }

    /// Sends these bytes and returns everything received until the connection ends.
    pub async fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut received = Vec::new();
        stream.read_to_end(&mut received).await.unwrap();
        String::from_utf8(received).unwrap()
    }
}

/// A user who is logged in.
pub struct User<'a> {
    server: &'a Server,
    pub token: String,
}

impl User<'_> {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.server
            .request(method, path)
            .header("Authorization", format!("Token {}", self.token))
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    pub async fn chat(&self, body: Value) -> Answer {
        answer(self.request(Method::POST, CHAT).json(&body)).await
    }

    pub async fn chat_under(&self, key: &str, body: Value) -> Answer {
        answer(
            self.request(Method::POST, CHAT)
                .header("Idempotency-Key", key)
                .json(&body),
        )
        .await
    }

    /// Returns the roles of the current interview's messages and today's count of turns.
    pub async fn state(&self) -> (Vec<String>, u64) {
        let body = self.get(CHAT).await.json();
        let messages = body["conversations"].as_array().unwrap();
        let roles = messages
            .iter()
            .map(|message| message["role"].as_str().unwrap().to_owned())
            .collect();
        (roles, body["count"].as_u64().unwrap())
    }
}

pub async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status();
    let headers = response.headers().clone();
    Answer {
        status,
        headers,
        bytes: response.bytes().await.unwrap().to_vec(),
    }
}

/// Returns an HTTP client that follows no redirects, since the API sends none.
pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .unwrap()
}

/// Returns a narrator that speaks every text as a tenth of a second of silence.
pub fn narrator(folder: &TempDir) -> Narrator {
    let sound = folder.path().join("silence.wav");
    let rate = 8_000_u32.to_le_bytes();
    let lengths = [
        1_636_u32.to_le_bytes(),
        16_u32.to_le_bytes(),
        1_600_u32.to_le_bytes(),
    ];
    let format = [
        &[1, 0, 1, 0],
        &rate[..],
        &16_000_u32.to_le_bytes(),
        &[2, 0, 16, 0],
    ]
    .concat();
    let silence = [0; 1_600];
    let parts = [
        b"RIFF",
        &lengths[0][..],
        b"WAVEfmt ",
        &lengths[1],
        &format,
        b"data",
        &lengths[2],
        &silence,
    ];
    std::fs::write(&sound, parts.concat()).unwrap();
    Narrator::Command(CommandNarrator::new(vec![
        "cat".to_owned(),
        sound.display().to_string(),
    ]))
}
