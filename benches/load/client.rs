//! A minimal HTTP client, which takes so little time that the server is what is measured.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[derive(Clone, Copy, Debug)]
pub enum ChatRequest {
    /// Starts another interview.
    Start,
    /// Sends an answer.
    Answer,
    /// Reads the conversation so far.
    History,
}

/// One keep-alive connection.
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

    /// Sends a request and returns the body of the response.
    ///
    /// # Panics
    ///
    /// Panics unless the status is 200.
    pub async fn send(&mut self, token: &str, request: ChatRequest) -> String {
        self.write(token, request).await;
        self.read().await
    }

    async fn write(&mut self, token: &str, request: ChatRequest) {
        let (method, body) = match request {
            ChatRequest::Start => ("POST", r#"{"interview_topic":"rust"}"#),
            ChatRequest::Answer => (
                "POST",
                r#"{"user_input":"A value has one owner, and it is dropped with it."}"#,
            ),
            ChatRequest::History => ("GET", ""),
        };
        let head = format!(
            "{method} /api/chat/gpt/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {token}\r\n\
             Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream
            .write_all(head.as_bytes())
            .await
            .expect("the server reads");
    }

    async fn read(&mut self) -> String {
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
