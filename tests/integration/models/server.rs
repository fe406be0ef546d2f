//! A server that answers each connection with the next of its scripted responses and records the
//! requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// The end of a connection, after the last byte of a response.
#[derive(Clone, Copy, Debug)]
pub enum End {
    Close,
    /// The connection stays open and silent forever.
    Stall,
}

/// One response, as its bytes are sent.
#[derive(Clone, Debug)]
pub struct ScriptedResponse {
    bytes: Vec<u8>,
    end: End,
}

/// Returns a response with this status line, headers and body. Nothing is added.
pub fn response(head: &str, body: &[u8], end: End) -> ScriptedResponse {
    let head = head.trim().replace('\n', "\r\n");
    ScriptedResponse {
        bytes: [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat(),
        end,
    }
}

/// A scripted server. It repeats its last response forever.
pub struct Server {
    pub url: Url,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn start(responses: Vec<ScriptedResponse>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/m", listener.local_addr().unwrap())).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let requests = asked.clone();
        tokio::spawn(async move {
            let mut responses = VecDeque::from(responses);
            while let Ok((connection, _)) = listener.accept().await {
                let response = if responses.len() > 1 {
                    responses.pop_front()
                } else {
                    responses.front().cloned()
                };
                tokio::spawn(answer(connection, response.unwrap(), requests.clone()));
            }
        });
        Self { url, asked }
    }

    /// Returns the heads of the requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Returns the lower-case value of the header `name` in each request.
    pub fn headers(&self, name: &str) -> Vec<Option<String>> {
        let value = |head: &String| {
            let mut headers = head.lines().filter_map(|line| line.split_once(": "));
            headers
                .find(|(header, _)| header.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.to_owned())
        };
        self.asked().iter().map(value).collect()
    }
}

async fn answer(
    mut connection: TcpStream,
    response: ScriptedResponse,
    requests: Arc<Mutex<Vec<String>>>,
) {
    let mut request = Vec::new();
    let mut block = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match connection.read(&mut block).await {
            Ok(0) | Err(_) => return,
            Ok(length) => request.extend(&block[..length]),
        }
    }
    requests
        .lock()
        .unwrap()
        .push(String::from_utf8_lossy(&request).into_owned());
    let _ = connection.write_all(&response.bytes).await;
    match response.end {
        End::Stall => std::future::pending().await,
        End::Close => drop(connection.shutdown().await),
    }
}
