//! A thousand users at once.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::Figures;
use super::client::{Client, Request};
use super::site::{Kind, Site, User};

const USERS: usize = 1_000;
/// How long the model thinks.
const THINKS: Duration = Duration::from_millis(300);

/// Every turn is answered, and counted once.
pub async fn measure(kind: &Kind, processes: usize) -> Figures {
    let model = model().await;
    let site = Site::start(kind, processes, Some(&model)).await;
    let users = site.users(USERS).await;
    let (before, begun) = (site.spent(), Instant::now());
    let one = async |user: &User| {
        let mut client = Client::connect(site.address(user.number)).await;
        let begun = Instant::now();
        client.ask(&user.token, Request::Start).await;
        (client, begun.elapsed())
    };
    let (clients, times): (Vec<_>, Vec<_>) =
        join_all(users.iter().map(one)).await.into_iter().unzip();
    let (span, after) = (begun.elapsed(), site.spent());
    for (user, mut client) in users.iter().zip(clients) {
        let history = client.ask(&user.token, Request::History).await;
        assert!(
            history.contains(r#""count":1,"#) && history.matches(r#""role""#).count() == 2,
            "{history}"
        );
    }
    Figures::of(times, span, (before, after))
}

/// Answers every question alike, without streaming. Its address.
async fn model() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a socket");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(think(stream));
        }
    });
    format!("http://{address}")
}

async fn think(mut stream: TcpStream) {
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
        // The request is one JSON object, which nothing follows.
        if received.ends_with(b"}") {
            received.clear();
            tokio::time::sleep(THINKS).await;
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}
