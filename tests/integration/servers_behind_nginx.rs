//! Three processes on one PostgreSQL behind a real nginx, as `docs/scaling.md` recommends them.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use uuid::Uuid;

use crate::api_server::http;
use crate::databases::{Database, Engine};
use crate::nginx::{Nginx, whole};
use crate::processes::{Candidate, Process, model};

const CANDIDATES: usize = 24;
const TURNS: usize = 8;

/// Returns a configuration that leaves out a server for a second after it refuses a connection. The
/// client has to repeat a turn that was running there.
fn configuration(folder: &Path, port: u16, servers: &[Process]) -> String {
    let mut upstream = String::new();
    for server in servers {
        let address = server.url.strip_prefix("http://").unwrap();
        writeln!(
            upstream,
            "    server {address} max_fails=1 fail_timeout=1s;"
        )
        .unwrap();
    }
    let site = format!(
        r#"
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
"#
    );
    whole(folder, &site)
}

#[tokio::test]
async fn one_of_three_servers_killed_under_load_loses_nothing() {
    let database = Database::new(Engine::Postgres).await;
    let model = model(Duration::from_millis(20)).await;
    let mut servers: Vec<_> = (0..3)
        .map(|_| Process::asking(&model, &database.url))
        .collect();
    let nginx = Nginx::start(|folder, port| configuration(folder, port, &servers)).await;
    let http = http();
    let names = (0..CANDIDATES).map(|i| format!("candidate{i}"));
    let candidates =
        join_all(names.map(async |name| Candidate::sign_up(&http, &nginx.url, &name).await)).await;

    let answered = Arc::new(AtomicUsize::new(0));
    let talks = candidates
        .iter()
        .map(|candidate| tokio::spawn(talk(candidate.clone(), answered.clone())));
    let talks: Vec<_> = talks.collect();
    let a_third = async {
        while answered.load(Ordering::Relaxed) < CANDIDATES * TURNS / 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), a_third)
        .await
        .expect("a third is answered within a minute");
    servers[1].kill();
    assert!(
        answered.load(Ordering::Relaxed) < CANDIDATES * TURNS,
        "it was killed in the middle"
    );
    let failures: usize = join_all(talks).await.into_iter().map(Result::unwrap).sum();

    let expected: Vec<_> = (0..TURNS).map(text).collect();
    for candidate in &candidates {
        assert_eq!(candidate.state().await, (expected.clone(), TURNS));
    }
    assert!(failures > 0, "nobody noticed");
    // The two remaining servers still answer.
    Candidate::sign_up(&http, &nginx.url, "latecomer")
        .await
        .say_with_retries(&Uuid::new_v4().to_string(), "Hello?")
        .await;
}

/// Sends every turn until it is answered, and returns how many attempts were not.
async fn talk(candidate: Candidate, answered: Arc<AtomicUsize>) -> usize {
    let mut failures = 0;
    for turn in 0..TURNS {
        let (_, failed) = candidate
            .say_with_retries(&Uuid::new_v4().to_string(), &text(turn))
            .await;
        answered.fetch_add(1, Ordering::Relaxed);
        failures += failed;
    }
    failures
}

fn text(turn: usize) -> String {
    format!("Answer {turn}.")
}
