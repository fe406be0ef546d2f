//! The load that `serve` bears on this machine: `make load`.
//!
//! ```text
//! history  reading an interview of 50 messages, over and over
//! turns    a turn with the question bank and no speech; every tenth starts another interview
//! crowd    1,000 users at once, one turn each, with a model that takes 300 ms
//! ```
//!
//! SQLite is measured with one process, PostgreSQL with one, two and three. The load comes from the
//! same machine and takes its share of the processors: compare the figures of one run with each
//! other. Every response must be 200, and every answered turn must be counted afterwards.

#[path = "load/client.rs"]
mod client;
#[path = "load/crowd.rs"]
mod crowd;
#[path = "load/site.rs"]
mod site;

use std::time::{Duration, Instant};

use client::{ChatRequest, Client};
use futures_util::future::join_all;
use site::{DatabaseKind, ProcessorTime, Site, User};

/// The time for which each figure is measured.
const SPAN: Duration = Duration::from_secs(5);
/// The number of connections, each with a user of its own.
const CONNECTIONS: usize = 64;
/// The messages of the history that is read: the system prompt, 25 questions, 24 answers.
const MESSAGES: usize = 50;

fn main() {
    // `cargo test` only builds benchmarks.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    runtime.block_on(measure_all());
}

async fn measure_all() {
    println!(
        "{:34} {:>9} {:>9} {:>9}   processor time each, server + database",
        "", "a second", "p50 ms", "p99 ms"
    );
    measure(DatabaseKind::Sqlite, 1).await;
    match std::env::var("MOCK_INTERVIEWER_TEST_POSTGRES") {
        Ok(server) => {
            for processes in 1..=3 {
                measure(DatabaseKind::Postgres(server.clone()), processes).await;
            }
        }
        Err(_) => println!("PostgreSQL is left out: run this through `make load`"),
    }
}

async fn measure(kind: DatabaseKind, processes: usize) {
    let name = format!(
        "{}, {processes} process{}",
        kind.name(),
        if processes == 1 { "" } else { "es" }
    );
    let site = Site::start(&kind, processes, None).await;
    let users = site.users(CONNECTIONS).await;
    let turns = drive(&site, &users, |turn| {
        if turn % 10 == 0 {
            ChatRequest::Start
        } else {
            ChatRequest::Answer
        }
    })
    .await;
    for user in &users {
        site.fill_interview(user, MESSAGES).await;
    }
    let history = drive(&site, &users, |_| ChatRequest::History).await;
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

/// Lets all users send requests as fast as they are answered.
async fn drive(
    site: &Site,
    users: &[User],
    request: impl Fn(usize) -> ChatRequest + Copy,
) -> Figures {
    let before = site.processor_time();
    let until = Instant::now() + SPAN;
    let one = async |user: &User| {
        let mut client = Client::connect(site.address(user.number)).await;
        let mut times = Vec::new();
        while Instant::now() < until {
            let begun = Instant::now();
            client.send(&user.token, request(times.len())).await;
            times.push(begun.elapsed());
        }
        times
    };
    Figures::of(
        join_all(users.iter().map(one)).await.concat(),
        SPAN,
        (before, site.processor_time()),
    )
}

struct Figures {
    per_second: f64,
    p50: Duration,
    p99: Duration,
    /// The processor time of one response, in the servers and in the database.
    each: (Duration, Duration),
}

impl Figures {
    fn of(
        mut times: Vec<Duration>,
        span: Duration,
        (before, after): (ProcessorTime, ProcessorTime),
    ) -> Self {
        times.sort_unstable();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        let each =
            |before: Duration, after: Duration| after.saturating_sub(before) / times.len() as u32;
        Self {
            per_second: times.len() as f64 / span.as_secs_f64(),
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
        let server = ms(self.each.0);
        let database = ms(self.each.1);
        write!(
            f,
            "{:9.0} {:9.1} {:9.1}   {server:.2} + {database:.2} ms",
            self.per_second,
            ms(self.p50),
            ms(self.p99)
        )
    }
}
