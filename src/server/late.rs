//! Events that take their time, told without hyper.
//!
//! hyper keeps two buffers of 8 kB for a connection as long as it serves one, moving or not, and a candidate who waits for
//! a model's words needs neither: thousands wait at a time. So once a request for events is read to its end, the connection
//! is taken out of hyper's hands, and put back into new ones when all is told.
//!
//! ```text
//! request ─► hyper ─► Slot ─► Late::tell ─► hyper, for the next request
//!                  (answer                └► closed, where it was the last
//!                   still to come)
//! ```

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::io::{self, Write as _};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::response::Parts;
use axum::http::{HeaderMap, Method, Version, header};
use axum::response::Response;
use tokio::io::{AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use super::accept;
use super::patience::Patient;
use super::refusal::http_date;
use super::unread::{self, Unread};
use crate::sync::lock;

/// An answer being made.
pub(super) type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

/// An answer that hyper was not let wait for.
pub(super) struct Late {
    answer: Answer,
    /// The connection ends with it.
    last: bool,
}

/// Where an answer is left for whoever holds the connection.
#[derive(Clone, Default)]
pub(super) struct Slot(Arc<Mutex<Option<Late>>>);

impl Slot {
    /// What was left, once.
    pub fn take(&self) -> Option<Late> {
        lock(&self.0).take()
    }

    /// `answer` to `request`; if it is of events and to come yet when the request is read to its end, it is left here, and
    /// hyper waits for nothing.
    pub fn or_here(&self, request: Request, answer: impl FnOnce(Request) -> Answer) -> Answer {
        if !wants_events(&request) {
            return answer(request);
        }
        let last = closes(request.headers());
        let (request, unread) = unread::watch(request);
        self.leave(answer(request), unread, last)
    }

    fn leave(&self, answer: Answer, unread: Unread, last: bool) -> Answer {
        let (slot, mut coming) = (self.0.clone(), Some(answer));
        Box::pin(poll_fn(move |cx| {
            let Some(answer) = &mut coming else {
                return Poll::Pending;
            };
            let polled = answer.as_mut().poll(cx);
            if polled.is_pending() && !unread.is_left() {
                let late = coming.take().map(|answer| Late { answer, last });
                *lock(&slot) = late;
            }
            polled
        }))
    }
}

/// Before HTTP/1.1 an answer of unknown length ends with its connection, which is left to hyper; so is a body in chunks,
/// after which hyper may know that the connection cannot be trusted any more (RFC 9112, 6.1).
fn wants_events(request: &Request) -> bool {
    request.method() == Method::POST
        && request.version() == Version::HTTP_11
        && !request.headers().contains_key(header::TRANSFER_ENCODING)
        && accept::preferred(request.headers(), &[accept::JSON, accept::EVENTS]) == accept::EVENTS
}

/// Whether the connection ends with this message (RFC 9112, 9.6).
fn closes(headers: &HeaderMap) -> bool {
    let lines = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|option| option.trim().eq_ignore_ascii_case("close"))
}

impl Late {
    /// Sends the answer when it comes. Whether the connection bears another request; a client that hung up is not waited
    /// for.
    pub async fn tell(self, stream: &mut Patient<TcpStream>, stop: &CancellationToken) -> bool {
        let Some(Ok(response)) = unless_gone(stream, self.answer).await else {
            return false;
        };
        let (head, body) = response.into_parts();
        let last = self.last || stop.is_cancelled() || closes(&head.headers);
        send(stream, head, body, last).await.is_ok() && !last
    }
}

/// What `work` comes to; `None` when the client hung up before.
async fn unless_gone<T>(stream: &Patient<TcpStream>, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = work => Some(done),
        () = gone(stream.get_ref()) => None,
    }
}

/// Returns when the client has hung up. One that sends its next request already is there; it is left unread until its turn.
async fn gone(stream: &TcpStream) {
    let mut byte = [0];
    let peeked = poll_fn(|cx| stream.poll_peek(cx, &mut ReadBuf::new(&mut byte))).await;
    if peeked.is_ok_and(|there| there > 0) {
        pending::<()>().await;
    }
}

async fn send(
    stream: &mut Patient<TcpStream>,
    head: Parts,
    body: Body,
    last: bool,
) -> io::Result<()> {
    let length = body.size_hint().exact();
    stream.write_all(&written(&head, length, last)).await?;
    drop(head);
    let mut body = pin!(body);
    loop {
        let frame = unless_gone(stream, poll_fn(|cx| body.as_mut().poll_frame(cx))).await;
        let Some(frame) = frame.ok_or(io::ErrorKind::BrokenPipe)? else {
            break;
        };
        // A body that breaks off is not ended: the client sees that something is missing.
        let Ok(data) = frame.map_err(io::Error::other)?.into_data() else {
            continue;
        };
        if length.is_some() {
            stream.write_all(&data).await?;
        } else if !data.is_empty() {
            stream.write_all(&chunk(&data)).await?;
        }
    }
    if length.is_none() {
        stream.write_all(b"0\r\n\r\n").await?;
    }
    Ok(())
}

/// The head of an answer (RFC 9112, 4), its body `length` bytes long, or in chunks.
fn written(head: &Parts, length: Option<u64>, last: bool) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    let own = [
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::DATE,
    ];
    for (name, value) in head.headers.iter().filter(|(name, _)| !own.contains(name)) {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let framing = length.map_or("transfer-encoding: chunked".to_owned(), |length| {
        format!("content-length: {length}")
    });
    let close = if last { "connection: close\r\n" } else { "" };
    let own = format!("{framing}\r\ndate: {}\r\n{close}\r\n", http_date());
    bytes.extend(own.into_bytes());
    bytes
}

/// A piece of a body of unknown length (RFC 9112, 7.1).
fn chunk(data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(data.len() + 16);
    // Writing to memory does not fail.
    let _ = write!(bytes, "{:x}\r\n", data.len());
    bytes.extend_from_slice(data);
    bytes.extend_from_slice(b"\r\n");
    bytes
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::Bytes;
    use futures_util::stream;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_client_that_does_not_read_its_events_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let mut stream = Patient::new(
            listener.accept().await.unwrap().0,
            Duration::from_millis(50),
        );
        let piece = Bytes::from(vec![b'x'; 64 * 1024]);
        let endless = stream::repeat_with(move || Ok::<_, Infallible>(piece.clone()));
        let (head, body) = Response::new(Body::from_stream(endless)).into_parts();
        let failed = send(&mut stream, head, body, false).await.unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
    }
}
