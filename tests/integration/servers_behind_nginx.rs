//! Three processes on one PostgreSQL behind a real nginx, as `docs/scaling.md` recommends them.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tempfile::TempDir;
use uuid::Uuid;

use crate::api_server::http;
use crate::databases::{Database, Engine};
use crate::processes::{Candidate, Process, model};

const CANDIDATES: usize = 24;
const TURNS: usize = 8;

struct Nginx {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Nginx {
    /// On a free port in front of `servers`. Somebody may take the port meanwhile: then on another.
    async fn before(servers: &[Process]) -> Self {
        for _ in 0..10 {
            if let Some(nginx) = Self::on(free_port(), servers).await {
                return nginx;
            }
        }
        panic!("nginx does not start");
    }

    async fn on(port: u16, servers: &[Process]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("nginx.conf"), configuration(folder.path(), port, servers)).unwrap();
        let mut command = Command::new(program());
        command.arg("-e").arg(folder.path().join("error.log")).arg("-c").arg(folder.path().join("nginx.conf"));
        let child = command.arg("-p").arg(folder.path()).stderr(Stdio::null()).spawn().expect("nginx runs");
        let mut nginx = Self { child, url: format!("http://127.0.0.1:{port}"), _folder: folder };
        nginx.is_ready().await.then_some(nginx)
    }

    async fn is_ready(&mut self) -> bool {
        let (http, begun) = (http(), Instant::now());
        while begun.elapsed() < Duration::from_secs(10) && self.child.try_wait().unwrap().is_none() {
            if http.get(format!("{}/api/", self.url)).send().await.is_ok_and(|answer| answer.status() == 200) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> &'static str {
    let places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx"];
    places
        .into_iter()
        .find(|place| Path::new(place).is_file())
        .unwrap_or_else(|| panic!("this test needs nginx: run `make test`, or `scripts/bootstrap test` once"))
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// One process, everything it writes below `folder`. A server that refuses a connection is left out for a second; a
/// turn that was under way there is the client's to repeat.
fn configuration(folder: &Path, port: u16, servers: &[Process]) -> String {
    let folder = folder.display();
    let mut upstream = String::new();
    for server in servers {
        let address = server.url.strip_prefix("http://").unwrap();
        writeln!(upstream, "    server {address} max_fails=1 fail_timeout=1s;").unwrap();
    }
    format!(
        r#"daemon off;
master_process off;
pid {folder}/pid;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream servers {{
{upstream}    keepalive 16;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://servers;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
    }}
  }}
}}
"#
    )
}

#[tokio::test]
async fn one_of_three_servers_killed_under_load_loses_nothing() {
    let database = Database::new(Engine::Postgres).await;
    let model = model(Duration::from_millis(20)).await;
    let mut servers: Vec<_> = (0..3).map(|_| Process::asking(&model, &database.url)).collect();
    let nginx = Nginx::before(&servers).await;
    let http = http();
    let names = (0..CANDIDATES).map(|i| format!("candidate{i}"));
    let candidates = join_all(names.map(async |name| Candidate::sign_up(&http, &nginx.url, &name).await)).await;

    let answered = Arc::new(AtomicUsize::new(0));
    let talks = candidates.iter().map(|candidate| tokio::spawn(talk(candidate.clone(), answered.clone())));
    let talks: Vec<_> = talks.collect();
    while answered.load(Ordering::Relaxed) < CANDIDATES * TURNS / 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    servers[1].kill();
    assert!(answered.load(Ordering::Relaxed) < CANDIDATES * TURNS, "it was killed in the middle");
    let failures: usize = join_all(talks).await.into_iter().map(Result::unwrap).sum();

    let expected: Vec<_> = (0..TURNS).map(text).collect();
    for candidate in &candidates {
        assert_eq!(candidate.state().await, (expected.clone(), TURNS));
    }
    assert!(failures > 0, "nobody noticed");
    // And the two that are left still serve whoever comes.
    Candidate::sign_up(&http, &nginx.url, "latecomer").await.insist(&Uuid::new_v4().to_string(), "Hello?").await;
}

/// Every turn until it is answered; with how many tries were not.
async fn talk(candidate: Candidate, answered: Arc<AtomicUsize>) -> usize {
    let mut failures = 0;
    for turn in 0..TURNS {
        let (_, failed) = candidate.insist(&Uuid::new_v4().to_string(), &text(turn)).await;
        answered.fetch_add(1, Ordering::Relaxed);
        failures += failed;
    }
    failures
}

fn text(turn: usize) -> String {
    format!("Answer {turn}.")
}
