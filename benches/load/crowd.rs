//! A thousand users who send one turn each at the same time.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Figures;
use super::client::{ChatRequest, Client};
use super::site::{DatabaseKind, Site, User};

const USERS: usize = 1_000;
/// The time the model takes for a reply.
const MODEL_TIME: Duration = Duration::from_millis(300);

/// Measures the turns, and checks that each is answered and counted once.
pub async fn measure(kind: &DatabaseKind, processes: usize) -> Figures {
    let model = start_model().await;
    let site = Site::start(kind, processes, Some(&model)).await;
    let users = site.users(USERS).await;
    let before = site.processor_time();
    let begun = Instant::now();
    let one = async |user: &User| {
        let mut client = Client::connect(site.address(user.number)).await;
        let begun = Instant::now();
        client.send(&user.token, ChatRequest::Start).await;
        (client, begun.elapsed())
    };
    let (clients, times): (Vec<_>, Vec<_>) =
        join_all(users.iter().map(one)).await.into_iter().unzip();
    let span = begun.elapsed();
    let after = site.processor_time();
    for (user, mut client) in users.iter().zip(clients) {
        let history = client.send(&user.token, ChatRequest::History).await;
        assert!(
            history.contains(r#""count":1,"#) && history.matches(r#""role""#).count() == 2,
            "{history}"
        );
    }
    Figures::of(times, span, (before, after))
}

/// Starts a model that gives every request the same reply, without streaming, and returns its
/// address.
async fn start_model() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a socket");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(reply(stream));
        }
    });
    format!("http://{address}")
}

async fn reply(mut stream: TcpStream) {
    const BODY: &str = r#"{"choices":[{"message":{"content":"What is ownership?"}}]}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let mut received = Vec::new();
    while stream
        .read_buf(&mut received)
        .await
        .is_ok_and(|read| read > 0)
    {
        // A request ends with its JSON object.
        if received.ends_with(b"}") {
            received.clear();
            tokio::time::sleep(MODEL_TIME).await;
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}
