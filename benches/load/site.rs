//! Processes of the built program on one database, and users who are signed in.

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

use super::client::{Client, Request};

/// Of its users; a database makes whoever is too many wait, and not for ever.
const SIGNED_IN_AT_ONCE: usize = 500;

/// Which database.
#[derive(Clone, Debug)]
pub enum Kind {
    Sqlite,
    /// At this address.
    Postgres(String),
}

/// Stopped when dropped.
pub struct Site {
    servers: Vec<(Child, SocketAddr)>,
    store: Store,
    _folder: TempDir,
}

/// Signed in.
pub struct User {
    pub number: usize,
    pub token: String,
}

impl Kind {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// An empty one.
    async fn database(&self, folder: &TempDir) -> String {
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
    /// Whose interviewer is `model`, or the question bank.
    pub async fn start(kind: &Kind, processes: usize, model: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = kind.database(&folder).await;
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

    /// Users are spread evenly.
    pub fn address(&self, user: usize) -> SocketAddr {
        self.servers[user % self.servers.len()].1
    }

    /// Without the slow hash of a registration.
    pub async fn users(&self, many: usize) -> Vec<User> {
        let users = stream::iter((0..many).map(async |number| {
            let (name, token) = (format!("user{number}"), format!("{number:040x}"));
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
        users.buffered(SIGNED_IN_AT_ONCE).collect().await
    }

    /// A new interview of so many messages.
    pub async fn talk(&self, user: &User, messages: usize) {
        let mut client = Client::connect(self.address(user.number)).await;
        client.ask(&user.token, Request::Start).await;
        for _ in 0..(messages - 2) / 2 {
            client.ask(&user.token, Request::Answer).await;
        }
    }

    /// The most that any of the processes has taken, in MiB.
    pub fn memory(&self) -> u64 {
        self.status("VmHWM") / 1024
    }

    /// What the largest of the processes takes now, in kB.
    pub fn memory_now(&self) -> u64 {
        self.status("VmRSS")
    }

    /// A number of `proc_pid_status(5)`, the largest; 0 where there is none.
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

/// Processor time spent so far; zero where `/proc` does not tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spent {
    pub servers: Duration,
    /// By everything called postgres here. SQLite runs inside the servers.
    pub database: Duration,
}

impl Site {
    pub fn spent(&self) -> Spent {
        let of = |id: u32| {
            spent_by(&format!("/proc/{id}/stat")).map_or(Duration::ZERO, |(_, time)| time)
        };
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let all = processes.filter_map(|process| spent_by(process.path().join("stat").to_str()?));
        Spent {
            servers: self.servers.iter().map(|(server, _)| of(server.id())).sum(),
            database: all
                .filter(|(name, _)| name == "postgres")
                .map(|(_, time)| time)
                .sum(),
        }
    }
}

/// Name and processor time of a process, from `proc_pid_stat(5)`.
fn spent_by(stat: &str) -> Option<(String, Duration)> {
    let text = std::fs::read_to_string(stat).ok()?;
    let (name, rest) = text.split_once('(')?.1.rsplit_once(')')?;
    // In hundredths of a second: of itself, and of its children that have ended.
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
        .env("SSL_CERT_FILE", super::hosted::certificate())
        .env("HOME", folder.path())
        .arg("--data-dir")
        .arg(folder.path());
    match model {
        Some(model) => command
            .args(["--interviewer", "openai"])
            .env("MOCK_INTERVIEWER_OPENAI_BASE_URL", model),
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

/// What was just built, or another build to compare it with.
fn program() -> OsString {
    std::env::var_os("MOCK_INTERVIEWER_LOAD_PROGRAM")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_mock-interviewer").into())
}
