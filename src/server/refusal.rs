//! What is refused before it is a request. What hyper refuses by itself — a head it cannot read, or one too large — leaves this server as JSON too.
//!
//! hyper writes such an answer in one piece, without a body and without any of the headers that every answer of ours
//! carries: that is how it is known, and replaced on its way out.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream that words hyper's own refusals.
#[derive(Debug)]
pub(super) struct Worded<S> {
    stream: S,
    /// The refusal being written in place of hyper's.
    refusal: Vec<u8>,
    written: usize,
}

impl<S> Worded<S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            refusal: Vec::new(),
            written: 0,
        }
    }

    pub fn into_inner(self) -> S {
        self.stream
    }
}

/// The refusal in our words, if these bytes are one of hyper's.
fn worded(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = std::str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?;
    let detail = match status
        .strip_prefix("HTTP/1.1 ")
        .or_else(|| status.strip_prefix("HTTP/1.0 "))?
        .get(..3)?
    {
        "400" => "The head of the request cannot be read.",
        "414" => "The address in the request is too long.",
        "431" => "The head of the request is too large.",
        _ => return None,
    };
    if head.contains("x-content-type-options") {
        return None;
    }
    let date = lines
        .find(|line| line.starts_with("date:"))
        .map(|line| format!("{line}\r\n"))
        .unwrap_or_default();
    Some(refusal(status, detail, &date))
}

/// For a client that began a head and does not come to its end. hyper closes such a connection without a word.
pub(super) fn head_too_slow() -> Vec<u8> {
    let date = format!("date: {}\r\n", http_date());
    refusal(
        "HTTP/1.1 408 Request Timeout",
        "The head of the request did not arrive in time.",
        &date,
    )
}

/// Now, as HTTP writes it (RFC 9110, 5.6.7).
pub(super) fn http_date() -> String {
    let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
    printer
        .timestamp_to_rfc9110_string(&jiff::Timestamp::now())
        .expect("this is no year before 0")
}

/// An answer after which the connection is closed; `date` is a line of its head, or nothing.
fn refusal(status: &str, detail: &str, date: &str) -> Vec<u8> {
    let body = serde_json::json!({"detail": detail}).to_string();
    format!(
        "{status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\
         x-content-type-options: nosniff\r\nreferrer-policy: same-origin\r\ncache-control: no-store\r\n{date}\r\n{body}",
        body.len()
    )
    .into_bytes()
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Worded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.refusal.is_empty() {
            match worded(bytes) {
                Some(refusal) => (this.refusal, this.written) = (refusal, 0),
                None => return Pin::new(&mut this.stream).poll_write(cx, bytes),
            }
        }
        while this.written < this.refusal.len() {
            match ready!(Pin::new(&mut this.stream).poll_write(cx, &this.refusal[this.written..]))?
            {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => this.written += written,
            }
        }
        this.refusal.clear();
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let head = parts.iter().find(|part| !part.is_empty());
        match head {
            Some(head) if !self.refusal.is_empty() || worded(head).is_some() => {
                self.poll_write(cx, head)
            }
            _ => Pin::new(&mut self.stream).poll_write_vectored(cx, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Worded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_hyper_refused_is_worded() {
        let own = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\ndate: now\r\n\r\n";
        let worded_own = String::from_utf8(worded(own).unwrap()).unwrap();
        assert!(
            worded_own.starts_with("HTTP/1.1 431 ") && worded_own.contains("\r\ndate: now\r\n"),
            "{worded_own}"
        );
        assert!(
            worded_own.ends_with("\r\n\r\n{\"detail\":\"The head of the request is too large.\"}"),
            "{worded_own}"
        );
        let ours = b"HTTP/1.1 400 Bad Request\r\nx-content-type-options: nosniff\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(worded(ours), None);
        assert_eq!(
            worded(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
            None
        );
        assert_eq!(worded(b"HTTP/1.1 100 Continue\r\n\r\n"), None);
        assert_eq!(worded(b"\xff"), None);
    }
}
