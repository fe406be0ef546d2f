//! HTTP by hand: a client that costs next to nothing, so that what is measured is the server.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub enum Request {
    /// Another interview.
    Start,
    /// An answer in it.
    Answer,
    /// The conversation so far.
    History,
}

/// One connection, kept open.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address)
            .await
            .expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// Panics unless the answer is 200; what it says.
    pub async fn ask(&mut self, token: &str, request: Request) -> String {
        self.send(token, request, "application/json").await;
        self.answer().await
    }

    /// Starts an interview whose reply is told as it comes.
    pub async fn ask_for_events(&mut self, token: &str) {
        self.send(token, Request::Start, "text/event-stream").await;
        self.buffer.clear();
    }

    /// Waits until events have begun, for `told` if there is anything in it.
    pub async fn events(&mut self, told: &str) {
        let has = |buffer: &[u8], text: &str| String::from_utf8_lossy(buffer).contains(text);
        while !(has(&self.buffer, "text/event-stream") && has(&self.buffer, told)) {
            let read = self
                .stream
                .read_buf(&mut self.buffer)
                .await
                .expect("the server answers");
            assert!(
                read > 0,
                "the stream ended: {}",
                String::from_utf8_lossy(&self.buffer)
            );
        }
    }

    async fn send(&mut self, token: &str, request: Request, accept: &str) {
        let (method, body) = match request {
            Request::Start => ("POST", r#"{"interview_topic":"rust"}"#),
            Request::Answer => (
                "POST",
                r#"{"user_input":"A value has one owner, and it is dropped with it."}"#,
            ),
            Request::History => ("GET", ""),
        };
        let head = format!(
            "{method} /api/chat/gpt/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {token}\r\n\
             Accept: {accept}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream
            .write_all(head.as_bytes())
            .await
            .expect("the server reads");
    }

    async fn answer(&mut self) -> String {
        self.buffer.clear();
        loop {
            let read = self
                .stream
                .read_buf(&mut self.buffer)
                .await
                .expect("the server answers");
            assert!(read > 0, "the connection was closed");
            let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let head = std::str::from_utf8(&self.buffer[..end])
                .expect("ASCII")
                .to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .expect("a length");
            let body = end + 4;
            if self.buffer.len() >= body + length.trim().parse::<usize>().expect("a number") {
                let text = String::from_utf8(self.buffer[body..].to_vec()).expect("UTF-8");
                assert!(head.starts_with("http/1.1 200"), "{head}\n{text}");
                return text;
            }
        }
    }
}
