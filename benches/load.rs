//! What `serve` bears on this machine: `make load`.
//!
//! ```text
//! history  reading an interview of 50 messages, over and over
//! turns    a turn with the question bank and no speech, every tenth starts another interview
//! crowd    1,000 users at once, one turn each, of a model that takes 300 ms
//! idle     10,000 event streams at once, whose model thinks after its first words, or before them
//! ```
//!
//! On SQLite with one process, and on PostgreSQL with one, two and three; idle streams on SQLite alone, and by themselves with
//! `cargo bench --bench load idle`. The load comes from the same machine and takes its share of the processors: compare
//! figures of one run with each other. Nothing is waited for but answers; every answer has to be 200, and afterwards every
//! turn that was answered has to be counted.

#[path = "load/client.rs"]
mod client;
#[path = "load/crowd.rs"]
mod crowd;
#[path = "../tests/integration/hosted.rs"]
mod hosted;
#[path = "load/idle.rs"]
mod idle;
#[path = "load/site.rs"]
mod site;

use std::time::{Duration, Instant};

use client::{Client, Request};
use futures_util::future::join_all;
use site::{Kind, Site, Spent, User};

/// How long each figure is measured.
const SPAN: Duration = Duration::from_secs(5);
/// Connections, each with a user of its own.
const AT_ONCE: usize = 64;
/// In the history that is read: the system prompt, 25 questions, 24 answers.
const MESSAGES: usize = 50;

fn main() {
    // Under `cargo test` benchmarks are only built.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let idle_alone = std::env::args().any(|argument| argument == "idle");
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    runtime.block_on(async {
        if !idle_alone {
            measure_all().await;
        }
        for host in [idle::Host::Http2, idle::Host::Http1] {
            let name = format!("idle streams, model on {}", host.name());
            println!("{name:34} {}", idle::measure(host, idle::Words::Some).await);
            println!(
                "{:34} {}",
                "  before its first word",
                idle::measure(host, idle::Words::None).await
            );
        }
    });
}

async fn measure_all() {
    println!(
        "{:34} {:>9} {:>9} {:>9}   processor time each, server + database",
        "", "a second", "p50 ms", "p99 ms"
    );
    measure(Kind::Sqlite, 1).await;
    match std::env::var("MOCK_INTERVIEWER_TEST_POSTGRES") {
        Ok(server) => {
            for processes in 1..=3 {
                measure(Kind::Postgres(server.clone()), processes).await;
            }
        }
        Err(_) => println!("PostgreSQL is left out: run this through `make load`"),
    }
}

async fn measure(kind: Kind, processes: usize) {
    let name = format!(
        "{}, {processes} process{}",
        kind.name(),
        if processes == 1 { "" } else { "es" }
    );
    let site = Site::start(&kind, processes, None).await;
    let users = site.users(AT_ONCE).await;
    let turns = drive(&site, &users, |turn| {
        if turn % 10 == 0 {
            Request::Start
        } else {
            Request::Answer
        }
    })
    .await;
    for user in &users {
        site.talk(user, MESSAGES).await;
    }
    let history = drive(&site, &users, |_| Request::History).await;
    println!("{:34} {history}", format!("{name}: history"));
    println!("{:34} {turns}", format!("{name}: turns"));
    println!(
        "{:34} {:>9} MiB at most, each",
        format!("{name}: memory"),
        site.memory()
    );
    drop(site);
    println!(
        "{:34} {}",
        format!("{name}: crowd"),
        crowd::measure(&kind, processes).await
    );
}

/// What all users got who ask as fast as they are answered.
async fn drive(site: &Site, users: &[User], what: impl Fn(usize) -> Request + Copy) -> Figures {
    let (before, until) = (site.spent(), Instant::now() + SPAN);
    let one = async |user: &User| {
        let mut client = Client::connect(site.address(user.number)).await;
        let mut times = Vec::new();
        while Instant::now() < until {
            let begun = Instant::now();
            client.ask(&user.token, what(times.len())).await;
            times.push(begun.elapsed());
        }
        times
    };
    Figures::of(
        join_all(users.iter().map(one)).await.concat(),
        SPAN,
        (before, site.spent()),
    )
}

/// Answers, how fast.
struct Figures {
    a_second: f64,
    p50: Duration,
    p99: Duration,
    /// Processor time of one answer, in the servers and in the database.
    each: (Duration, Duration),
}

impl Figures {
    fn of(mut times: Vec<Duration>, span: Duration, (before, after): (Spent, Spent)) -> Self {
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        let each =
            |before: Duration, after: Duration| after.saturating_sub(before) / times.len() as u32;
        Self {
            a_second: times.len() as f64 / span.as_secs_f64(),
            p50: at(0.5),
            p99: at(0.99),
            each: (
                each(before.servers, after.servers),
                each(before.database, after.database),
            ),
        }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        let (server, database) = (ms(self.each.0), ms(self.each.1));
        write!(
            f,
            "{:9.0} {:9.1} {:9.1}   {server:.2} + {database:.2} ms",
            self.a_second,
            ms(self.p50),
            ms(self.p99)
        )
    }
}
