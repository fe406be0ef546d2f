//! What becomes of a connection on which events were asked for.

use std::time::Duration;

use mock_interviewer::interviewer::Interviewer;
use mock_interviewer::interviewer::openai::OpenAiInterviewer;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::server::Settings;
use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::api_server::{CHAT, Server};

/// Far longer than anything here takes; reached only by a hang.
const LONG: Duration = Duration::from_secs(20);
const ABOUT: &str = "GET /api/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
/// The last chunk of a body.
const END: &str = "\r\n0\r\n\r\n";

fn request(token: &str, body: &str, more: &str) -> String {
    format!(
        "POST {CHAT} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAuthorization: Token {token}\r\n{more}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

const START: &str = r#"{"interview_topic":"rust"}"#;

/// One that is asked, and says what the test says.
async fn silent_model() -> (TcpListener, Interviewer) {
    let model = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", model.local_addr().unwrap());
    let openai = OpenAiInterviewer::new(url.parse().unwrap(), None, "model".to_owned()).unwrap();
    (model, Interviewer::OpenAi(openai))
}

async fn answer(asked: &mut TcpStream) {
    let body = r#"{"choices":[{"message":{"content":"What is ownership?"}}]}"#;
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    asked
        .write_all([&head, body].concat().as_bytes())
        .await
        .unwrap();
}

/// What comes until `end`.
async fn until(stream: &mut TcpStream, end: &str) -> String {
    let mut received = Vec::new();
    let all = async {
        while !received.ends_with(end.as_bytes()) {
            received.push(stream.read_u8().await.unwrap());
        }
    };
    let came = tokio::time::timeout(LONG, all).await.is_ok();
    let received = String::from_utf8_lossy(&received).into_owned();
    assert!(came, "{end:?} does not come: {received}");
    received
}

/// Whatever comes until the connection is closed.
async fn rest(stream: &mut TcpStream) -> String {
    let mut received = Vec::new();
    tokio::time::timeout(LONG, stream.read_to_end(&mut received))
        .await
        .expect("it is closed")
        .unwrap();
    String::from_utf8(received).unwrap()
}

#[tokio::test]
async fn the_next_request_is_answered_where_the_events_were_told() {
    let server = Server::start().await;
    let token = server.sign_up("ann").await.token;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    for _ in 0..2 {
        stream
            .write_all(request(&token, START, "").as_bytes())
            .await
            .unwrap();
        let events = until(&mut stream, END).await;
        let head = events.split_once("\r\n\r\n").unwrap().0;
        for line in [
            "HTTP/1.1 200 OK",
            "transfer-encoding: chunked",
            "content-type: text/event-stream",
        ] {
            assert!(head.lines().any(|found| found == line), "{head}");
        }
        assert!(
            head.contains("\r\ndate: ") && head.contains("\r\nx-request-id: "),
            "{head}"
        );
        assert!(!head.contains("connection: close"), "{head}");
        assert!(events.contains("event: done\n"), "{events}");
    }
    stream.write_all(ABOUT.as_bytes()).await.unwrap();
    let about = rest(&mut stream).await;
    assert!(about.starts_with("HTTP/1.1 200 OK\r\n"), "{about}");
}

#[tokio::test]
async fn a_refusal_instead_of_events_has_a_length_and_leaves_the_connection_open() {
    let none = Settings {
        daily_chat_limit: 0,
        ..Settings::default()
    };
    let server = Server::start_with(none, Narrator::None).await;
    let token = server.sign_up("ann").await.token;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(request(&token, START, "").as_bytes())
        .await
        .unwrap();
    let refusal = until(&mut stream, "}").await;
    assert!(
        refusal.starts_with("HTTP/1.1 429 Too Many Requests\r\n"),
        "{refusal}"
    );
    let (head, body) = refusal.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains(&format!("\r\ncontent-length: {}\r\n", body.len())),
        "{head}"
    );
    stream.write_all(ABOUT.as_bytes()).await.unwrap();
    assert!(
        until(&mut stream, "}")
            .await
            .starts_with("HTTP/1.1 200 OK\r\n")
    );
}

#[rstest]
#[case::asked_for(1, "Connection: close\r\n")]
#[case::sent_ahead(3, "")]
#[tokio::test]
async fn requests_sent_ahead_are_answered_up_to_the_last(
    #[case] answers: usize,
    #[case] more: &str,
) {
    let server = Server::start().await;
    let token = server.sign_up("ann").await.token;
    let events = request(&token, START, more);
    let received = server
        .raw([&events, &events, ABOUT].concat().as_bytes())
        .await;
    assert!(
        received.starts_with("HTTP/1.1 200 OK\r\n") && received.contains(END),
        "{received}"
    );
    assert_eq!(
        received.matches("HTTP/1.1 200").count(),
        answers,
        "{received}"
    );
    assert_eq!(
        received.matches("\r\nconnection: close\r\n").count(),
        1,
        "{received}"
    );
}

#[tokio::test]
async fn a_body_of_two_lengths_is_the_last_on_its_connection() {
    let server = Server::start().await;
    let token = server.sign_up("ann").await.token;
    let two = format!("{:x}\r\n{START}\r\n0\r\n\r\n", START.len());
    let head = request(&token, "", "Transfer-Encoding: chunked\r\n");
    let received = server.raw([&head, &two[..]].concat().as_bytes()).await;
    assert!(
        received.starts_with("HTTP/1.1 200 OK\r\n") && received.contains("event: done\n"),
        "{received}"
    );
    assert!(received.contains("\r\nconnection: close\r\n"), "{received}");
}

#[tokio::test]
async fn a_client_that_asks_before_it_sends_is_told_its_events() {
    let server = Server::start().await;
    let token = server.sign_up("ann").await.token;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let asking = request(&token, START, "Expect: 100-continue\r\n");
    let (head, body) = asking.split_at(asking.len() - START.len());
    for _ in 0..2 {
        stream.write_all(head.as_bytes()).await.unwrap();
        assert_eq!(
            until(&mut stream, "\r\n\r\n").await,
            "HTTP/1.1 100 Continue\r\n\r\n"
        );
        stream.write_all(body.as_bytes()).await.unwrap();
        assert!(until(&mut stream, END).await.contains("event: done\n"));
    }
}

#[tokio::test]
async fn pages_of_a_named_origin_may_read_events() {
    let origin = "http://localhost:3000";
    let settings = Settings {
        allow_origins: vec![origin.parse().unwrap()],
        ..Settings::default()
    };
    let server = Server::start_with(settings, Narrator::None).await;
    let token = server.sign_up("ann").await.token;
    let asked = request(
        &token,
        START,
        &format!("Connection: close\r\nOrigin: {origin}\r\n"),
    );
    let received = server.raw(asked.as_bytes()).await;
    assert!(
        received.contains(&format!("\r\naccess-control-allow-origin: {origin}\r\n")),
        "{received}"
    );
}

#[tokio::test]
async fn a_refusal_that_comes_as_an_event_says_when_to_try_again() {
    let (model, interviewer) = silent_model().await;
    let settings = Settings {
        daily_chat_limit: 1,
        first_word_within: Duration::from_millis(20),
        ..Settings::default()
    };
    let server = Server::start_asking(settings, Narrator::None, interviewer).await;
    let token = server.sign_up("ann").await.token;
    let mut first = TcpStream::connect(server.address).await.unwrap();
    first
        .write_all(request(&token, START, "").as_bytes())
        .await
        .unwrap();
    let (mut asked, _) = model.accept().await.unwrap();
    // Waits for the first, which takes the day's only turn.
    let mut second = TcpStream::connect(server.address).await.unwrap();
    second
        .write_all(request(&token, START, "").as_bytes())
        .await
        .unwrap();
    assert!(
        until(&mut second, "\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 200 OK\r\n")
    );
    answer(&mut asked).await;
    let told = until(&mut second, END).await;
    let event = told
        .split_once("event: error\ndata: ")
        .unwrap()
        .1
        .lines()
        .next()
        .unwrap();
    let error: serde_json::Value = serde_json::from_str(event).unwrap();
    assert_eq!(error["status"], 429, "{told}");
    assert!(
        (1..=90_000).contains(&error["retry_after"].as_u64().unwrap()),
        "{told}"
    );
}

#[tokio::test]
async fn a_server_that_stops_tells_its_last_events_to_the_end() {
    let (model, interviewer) = silent_model().await;
    let mut server = Server::start_asking(Settings::default(), Narrator::None, interviewer).await;
    let token = server.sign_up("ann").await.token;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(request(&token, START, "").as_bytes())
        .await
        .unwrap();
    let (mut asked, _) = model.accept().await.unwrap();
    asked.read_u8().await.unwrap();
    let address = server.address;
    let running = server.stop();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    answer(&mut asked).await;
    let told = rest(&mut stream).await;
    assert!(
        told.contains("\r\nconnection: close\r\n") && told.contains("event: done\n"),
        "{told}"
    );
    assert_eq!(running.await.unwrap(), Ok(()));
}

#[tokio::test]
async fn events_reach_a_client_of_http_1_0_without_chunks() {
    let server = Server::start().await;
    let token = server.sign_up("ann").await.token;
    let received = server
        .raw(
            request(&token, START, "")
                .replace("HTTP/1.1", "HTTP/1.0")
                .as_bytes(),
        )
        .await;
    assert!(
        !received.contains("transfer-encoding") && received.contains("\r\n\r\nevent: delta\n"),
        "{received}"
    );
    assert!(received.ends_with("\n\n"), "{received}");
}

#[tokio::test]
async fn who_hangs_up_before_the_first_word_sets_the_model_free() {
    let (model, interviewer) = silent_model().await;
    let server = Server::start_asking(Settings::default(), Narrator::None, interviewer).await;
    let user = server.sign_up("ann").await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(request(&user.token, START, "").as_bytes())
        .await
        .unwrap();
    let (mut asked, _) = model.accept().await.unwrap();
    asked.read_u8().await.unwrap();
    drop(stream);
    rest(&mut asked).await;
    assert_eq!(user.state().await, (vec![], 0));
}
