//! Server processes of the built program on one database, with signed-in users.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use mock_interviewer::store::{NewUser, Store};
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, Connection as _, Executor as _};
use tempfile::TempDir;

use super::client::{ChatRequest, Client};

/// The number of users created at a time: a database lets too many connections wait, and in the
/// end refuses them.
const CREATED_AT_ONCE: usize = 500;

#[derive(Clone, Debug)]
pub enum DatabaseKind {
    Sqlite,
    /// A PostgreSQL server at this URL.
    Postgres(String),
}

/// The server processes, which are stopped when this is dropped.
pub struct Site {
    servers: Vec<(Child, SocketAddr)>,
    store: Store,
    _folder: TempDir,
}

/// A user who is signed in.
pub struct User {
    pub number: usize,
    pub token: String,
}

impl DatabaseKind {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Creates an empty database and returns its URL.
    async fn create(&self, folder: &TempDir) -> String {
        match self {
            Self::Sqlite => Store::sqlite_url(&folder.path().join("server.db")),
            Self::Postgres(server) => {
                sqlx::any::install_default_drivers();
                let name = format!("load_{}", uuid::Uuid::new_v4().simple());
                let mut connection = AnyConnection::connect(server)
                    .await
                    .expect("PostgreSQL runs");
                let sql = format!("CREATE SCHEMA {name}");
                connection
                    .execute(sqlx::AssertSqlSafe(sql))
                    .await
                    .expect("a new name");
                format!("{server}&options[search_path]={name}")
            }
        }
    }
}

impl Site {
    /// Starts the servers. The interviewer is the model at the address `model`, or the question bank.
    pub async fn start(kind: &DatabaseKind, processes: usize, model: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = kind.create(&folder).await;
        let servers = (0..processes)
            .map(|_| serve(&folder, &database, model))
            .collect();
        let store = Store::open(&database)
            .await
            .expect("the servers' own database");
        Self {
            servers,
            store,
            _folder: folder,
        }
    }

    /// Returns the address of the server that a user talks to; users are spread evenly.
    pub fn address(&self, user: usize) -> SocketAddr {
        self.servers[user % self.servers.len()].1
    }

    /// Creates signed-in users, without the slow password hash of a registration.
    pub async fn users(&self, count: usize) -> Vec<User> {
        let users = stream::iter((0..count).map(async |number| {
            let name = format!("user{number}");
            let token = format!("{number:040x}");
            let email = format!("{name}@example.com");
            let user = NewUser {
                username: &name,
                email: &email,
                password_hash: "-",
            };
            let now = jiff::Timestamp::now();
            self.store.create_user(user, now).await.expect("a new name");
            let user = self
                .store
                .user_by_name(&name)
                .await
                .expect("a database")
                .expect("just made");
            let hash = hex::encode(Sha256::digest(&token));
            self.store
                .add_token(&user, &hash, now)
                .await
                .expect("a new token");
            User { number, token }
        }));
        users.buffered(CREATED_AT_ONCE).collect().await
    }

    /// Starts an interview and answers until it has so many messages.
    pub async fn fill_interview(&self, user: &User, messages: usize) {
        let mut client = Client::connect(self.address(user.number)).await;
        client.send(&user.token, ChatRequest::Start).await;
        for _ in 0..(messages - 2) / 2 {
            client.send(&user.token, ChatRequest::Answer).await;
        }
    }

    /// Returns the peak memory of the largest process in MiB.
    pub fn memory(&self) -> u64 {
        self.status("VmHWM") / 1024
    }

    /// Returns the largest value of a field of `proc_pid_status(5)`, or 0 without `/proc`.
    fn status(&self, field: &str) -> u64 {
        let of = |id: u32| {
            let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
                .unwrap_or("0");
            line.trim()
                .trim_end_matches(" kB")
                .parse::<u64>()
                .unwrap_or(0)
        };
        self.servers
            .iter()
            .map(|(server, _)| of(server.id()))
            .max()
            .unwrap_or(0)
    }
}

/// The processor time spent so far; zero without `/proc`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessorTime {
    pub servers: Duration,
    /// The time of every process called postgres. SQLite runs inside the servers.
    pub database: Duration,
}

impl Site {
    pub fn processor_time(&self) -> ProcessorTime {
        let of = |id: u32| {
            name_and_time(&format!("/proc/{id}/stat")).map_or(Duration::ZERO, |(_, time)| time)
        };
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let all =
            processes.filter_map(|process| name_and_time(process.path().join("stat").to_str()?));
        ProcessorTime {
            servers: self.servers.iter().map(|(server, _)| of(server.id())).sum(),
            database: all
                .filter(|(name, _)| name == "postgres")
                .map(|(_, time)| time)
                .sum(),
        }
    }
}

/// Returns the name and the processor time of a process, from `proc_pid_stat(5)`.
fn name_and_time(stat: &str) -> Option<(String, Duration)> {
    let text = std::fs::read_to_string(stat).ok()?;
    let (name, rest) = text.split_once('(')?.1.rsplit_once(')')?;
    // Four fields in hundredths of a second: user and system time, its own and its children's.
    let ticks = rest
        .split_whitespace()
        .skip(11)
        .take(4)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum::<u64>();
    Some((name.to_owned(), Duration::from_millis(10 * ticks)))
}

impl Drop for Site {
    fn drop(&mut self) {
        for (server, _) in &mut self.servers {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

fn serve(folder: &TempDir, database: &str, model: Option<&str>) -> (Child, SocketAddr) {
    let mut command = Command::new(program());
    command
        .env_clear()
        .env("HOME", folder.path())
        .arg("--data-dir")
        .arg(folder.path());
    match model {
        Some(model) => command
            .args(["--interviewer", "openai"])
            .env("MOCK_INTERVIEWER_OPENAI_BASE_URL", model)
            .env("MOCK_INTERVIEWER_OPENAI_MODEL", "model-1"),
        None => command.args(["--interviewer", "offline"]),
    };
    command.args([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--daily-chat-limit",
        "1000000",
        "--database-url",
        database,
    ]);
    let mut server = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut url = String::new();
    BufReader::new(server.stdout.take().expect("piped"))
        .read_line(&mut url)
        .expect("a line");
    let address = url
        .trim()
        .trim_start_matches("http://")
        .parse()
        .expect("the program says where it listens");
    (server, address)
}

/// Returns the program that was just built, or another build to compare it with.
fn program() -> OsString {
    std::env::var_os("MOCK_INTERVIEWER_LOAD_PROGRAM")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_mock-interviewer").into())
}
