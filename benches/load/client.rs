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
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, buffer: Vec::with_capacity(64 * 1024) }
    }

    /// Panics unless the answer is 200; what it says.
    pub async fn ask(&mut self, token: &str, request: Request) -> String {
        let (method, body) = match request {
            Request::Start => ("POST", r#"{"interview_topic":"rust"}"#),
            Request::Answer => ("POST", r#"{"user_input":"A value has one owner, and it is dropped with it."}"#),
            Request::History => ("GET", ""),
        };
        let head = format!(
            "{method} /api/chat/gpt/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(head.as_bytes()).await.expect("the server reads");
        self.answer().await
    }

    async fn answer(&mut self) -> String {
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await.expect("the server answers");
            assert!(read > 0, "the connection was closed");
            let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&self.buffer[..end]).expect("ASCII").to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")).expect("a length");
            let body = end + 4;
            if self.buffer.len() >= body + length.trim().parse::<usize>().expect("a number") {
                let text = String::from_utf8(self.buffer[body..].to_vec()).expect("UTF-8");
                assert!(head.starts_with("http/1.1 200"), "{head}\n{text}");
                return text;
            }
        }
    }
}
