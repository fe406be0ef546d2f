//! Tests of connections that send too much, are slow, break off or are busy when the server stops.

use std::time::Duration;

use mock_interviewer::narrator::Narrator;
use mock_interviewer::server::{ServerError, Settings};
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::api_server::{CHAT, Server};

/// A deadline that turns a hang into a failure. Nothing here takes nearly as long.
const LONG: Duration = Duration::from_secs(20);

fn hasty() -> Settings {
    Settings {
        client_timeout: Duration::from_millis(300),
        ..Settings::default()
    }
}

#[rstest]
#[case::declared(format!("Content-Length: {}\r\n\r\n", 1_000_000), String::new())]
#[case::chunked("Transfer-Encoding: chunked\r\n\r\nF4240\r\n".to_owned(), "\r\n0\r\n\r\n".to_owned())]
#[tokio::test]
async fn a_client_that_sends_too_much_can_still_read_the_refusal(
    #[case] framing: String,
    #[case] end: String,
) {
    let server = Server::start().await;
    let head = "POST /api/user/login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let request = [head, &framing, &" ".repeat(1_000_000), &end].concat();
    let received = server.raw(request.as_bytes()).await;
    assert!(received.starts_with("HTTP/1.1 413 "), "{received}");
    assert!(received.contains("connection: close\r\n"), "{received}");
    assert!(
        received.ends_with(r#"{"detail":"The request body is larger than 65536 bytes."}"#),
        "{received}"
    );
}

#[tokio::test]
async fn a_large_body_announced_with_expect_is_refused_before_it_is_sent() {
    let server = Server::start().await;
    let request = "POST /api/user/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n";
    let received = server.raw(request.as_bytes()).await;
    assert!(received.starts_with("HTTP/1.1 413 "), "{received}");
}

#[tokio::test]
async fn a_client_can_read_a_refusal_sent_before_its_body_was_read() {
    let server = Server::start().await;
    let head = "POST /api/chat/gpt/ HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n";
    let received = server
        .raw([head, &" ".repeat(900_000)].concat().as_bytes())
        .await;
    assert!(received.starts_with("HTTP/1.1 401 "), "{received}");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_refused() {
    let server = Server::start_with(hasty(), Narrator::None).await;
    let request = "POST /api/user/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{";
    let received = timeout(LONG, server.raw(request.as_bytes())).await.unwrap();
    assert!(received.starts_with("HTTP/1.1 408 "), "{received}");
    assert!(
        received.ends_with(r#"{"detail":"The request body did not arrive in time."}"#),
        "{received}"
    );
}

#[tokio::test]
async fn a_head_that_does_not_arrive_in_time_ends_the_connection() {
    let server = Server::start_with(hasty(), Narrator::None).await;
    let received = timeout(LONG, server.raw(b"GET /api/ HTTP/1.1\r\nHost:")).await;
    assert!(!received.unwrap().contains("HTTP/1.1 200"));
}

#[tokio::test]
async fn an_idle_connection_is_closed_without_an_answer() {
    let server = Server::start_with(hasty(), Narrator::None).await;
    let received = timeout(LONG, server.raw(b"GET /api/ HTTP/1.1\r\nHost: x\r\n\r\n"))
        .await
        .unwrap();
    assert!(
        received.starts_with("HTTP/1.1 200 ") && received.matches("HTTP/1.1 ").count() == 1,
        "{received}"
    );
}

#[rstest]
#[case::none("", 400)]
#[case::two("Host: a\r\nHost: b\r\n", 400)]
#[case::one("Host: a\r\n", 200)]
#[tokio::test]
async fn a_request_without_exactly_one_host_is_refused(#[case] hosts: &str, #[case] status: u16) {
    let server = Server::start().await;
    let received = server
        .raw(format!("GET /api/ HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n").as_bytes())
        .await;
    assert!(
        received.starts_with(&format!("HTTP/1.1 {status} ")),
        "{received}"
    );
    assert!(
        received.contains("x-content-type-options: nosniff\r\n"),
        "{received}"
    );
}

#[rstest]
#[case::no_http("nonsense\r\n\r\n".to_owned(), 400)]
#[case::bad_header("GET /api/ HTTP/1.1\r\nHost : x\r\n\r\n".to_owned(), 400)]
#[case::many_headers(format!("GET /api/ HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(200)), 431)]
#[case::long_address(format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(70_000)), 414)]
#[tokio::test]
async fn a_head_that_cannot_be_read_is_refused_and_ends_the_connection(
    #[case] head: String,
    #[case] status: u16,
) {
    let received = Server::start().await.raw(head.as_bytes()).await;
    assert!(
        received.starts_with(&format!("HTTP/1.1 {status} ")),
        "{received}"
    );
}

#[tokio::test]
async fn a_body_in_an_unknown_transfer_coding_is_refused() {
    let request = "POST /api/user/login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                   Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    let received = Server::start().await.raw(request.as_bytes()).await;
    assert!(
        received.starts_with("HTTP/1.1 501 ") && received.contains("connection: close\r\n"),
        "{received}"
    );
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_disconnected() {
    const NAME: &str = "0123456789abcdef0123456789abcdef.wav";
    let mut server = Server::start_with(hasty(), Narrator::None).await;
    // The buffers of a connection hold less.
    let sound = vec![0; 32 * 1024 * 1024];
    let speaker = server.user_id("speaker").await;
    server
        .store
        .save_speech(&speaker, NAME, "audio/wav", &sound, jiff::Timestamp::now())
        .await
        .unwrap();
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(format!("GET /media/{NAME} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes())
        .await
        .unwrap();
    // The answer has begun.
    stream.read_u8().await.unwrap();
    let ended = timeout(LONG, server.stop()).await.unwrap().unwrap();
    assert_eq!(ended, Ok(()));
}

#[tokio::test]
async fn stopping_lets_a_turn_in_flight_finish() {
    let mut server = Server::start().await;
    let token = server.sign_up("ann").await.token;
    let body = r#"{"interview_topic":"rust"}"#;
    let (first, rest) = body.split_at(10);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nHost: x\r\nAuthorization: Token {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body: the turn has begun.
    let mut go_on = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut go_on).await.unwrap();
    stream.write_all(first.as_bytes()).await.unwrap();

    let address = server.address;
    let running = server.stop();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!running.is_finished());
    stream.write_all(rest.as_bytes()).await.unwrap();
    let mut received = String::new();
    stream.read_to_string(&mut received).await.unwrap();
    assert!(received.starts_with("HTTP/1.1 200 OK"), "{received}");
    assert_eq!(timeout(LONG, running).await.unwrap().unwrap(), Ok(()));
}

#[tokio::test]
async fn idle_connections_do_not_delay_the_shutdown() {
    let mut server = Server::start().await;
    let _silent = TcpStream::connect(server.address).await.unwrap();
    server.get("/api/").await;
    let running = server.stop();
    assert_eq!(timeout(LONG, running).await.unwrap().unwrap(), Ok(()));
}

#[tokio::test]
async fn a_request_that_does_not_finish_is_dropped_and_reported() {
    let grace = Duration::from_millis(200);
    let mut server = Server::start_with(
        Settings {
            shutdown_grace: grace,
            ..Settings::default()
        },
        Narrator::None,
    )
    .await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = "POST /api/user/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.read_u8().await.unwrap();
    let ended = timeout(LONG, server.stop()).await.unwrap().unwrap();
    assert_eq!(
        ended,
        Err(ServerError::Unfinished {
            connections: 1,
            grace
        })
    );
}
