//! A server with bad manners: each connection is answered by the next of its scripted lines, and what was asked is kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What happens after the last byte of an answer.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// The connection is closed.
    Close,
    /// Nothing, for ever.
    Stall,
}

/// One answer: bytes as they go over the line.
#[derive(Clone, Debug)]
pub struct Line {
    bytes: Vec<u8>,
    end: End,
}

/// A status line and headers, then a body; nothing is added.
pub fn line(head: &str, body: &[u8], end: End) -> Line {
    let head = head.trim().replace('\n', "\r\n");
    Line {
        bytes: [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat(),
        end,
    }
}

/// The server. It answers with its last line for ever.
pub struct Server {
    pub url: Url,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start(lines: Vec<Line>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/m", listener.local_addr().unwrap())).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        tokio::spawn(async move {
            let mut lines = VecDeque::from(lines);
            while let Ok((connection, _)) = listener.accept().await {
                let line = if lines.len() > 1 {
                    lines.pop_front()
                } else {
                    lines.front().cloned()
                };
                tokio::spawn(answer(connection, line.unwrap(), heard.clone()));
            }
        });
        Self { url, asked }
    }

    /// The requests so far, whole heads.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// What the requests said in the header called `name`, in lower case.
    pub fn headers(&self, name: &str) -> Vec<Option<String>> {
        let value = |head: &String| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            lines
                .find(|(header, _)| header.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.to_owned())
        };
        self.asked().iter().map(value).collect()
    }
}

async fn answer(mut connection: TcpStream, line: Line, heard: Arc<Mutex<Vec<String>>>) {
    let (mut request, mut block) = (Vec::new(), [0; 1024]);
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match connection.read(&mut block).await {
            Ok(0) | Err(_) => return,
            Ok(length) => request.extend(&block[..length]),
        }
    }
    heard
        .lock()
        .unwrap()
        .push(String::from_utf8_lossy(&request).into_owned());
    let _ = connection.write_all(&line.bytes).await;
    match line.end {
        End::Stall => std::future::pending().await,
        End::Close => drop(connection.shutdown().await),
    }
}
