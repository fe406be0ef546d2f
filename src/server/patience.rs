//! A connection whose other end has to read: one that takes nothing for too long is given up.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// A stream that fails with [`io::ErrorKind::TimedOut`] when a write makes no headway for `patience`.
#[derive(Debug)]
pub(super) struct Patient<S> {
    stream: S,
    patience: Duration,
    /// Read already, and to be read again.
    ahead: Bytes,
    /// Runs while a write waits.
    running_out: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub fn new(stream: S, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            ahead: Bytes::new(),
            running_out: None,
        }
    }

    /// Lets `ahead` be read before anything else: whoever read it did not need it.
    pub fn put_back(&mut self, ahead: Bytes) {
        self.ahead = ahead;
    }

    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    pub fn into_inner(self) -> S {
        self.stream
    }

    fn within_patience<T>(
        &mut self,
        cx: &mut Context<'_>,
        wrote: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.running_out = None;
            return wrote;
        }
        let patience = self.patience;
        ready!(
            self.running_out
                .get_or_insert_with(|| Box::pin(sleep(patience)))
                .as_mut()
                .poll(cx)
        );
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, into);
        }
        let fits = self.ahead.len().min(into.remaining());
        into.put_slice(&self.ahead.split_to(fits));
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.within_patience(cx, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.within_patience(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.within_patience(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn a_reader_that_takes_nothing_is_given_up() {
        let (here, _there) = duplex(4);
        let mut patient = Patient::new(here, Duration::from_millis(20));
        let failed = patient.write_all(b"eight by").await.unwrap_err();
        assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn what_was_put_back_is_read_first() {
        let (here, mut there) = duplex(8);
        let mut patient = Patient::new(here, Duration::from_mins(1));
        patient.put_back(Bytes::from_static(b"before "));
        there.write_all(b"after").await.unwrap();
        drop(there);
        let mut read = String::new();
        patient.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "before after");
    }

    #[tokio::test]
    async fn patience_begins_anew_with_every_byte_taken() {
        let (here, mut there) = duplex(1);
        let mut patient = Patient::new(here, Duration::from_mins(1));
        patient.write_u8(1).await.unwrap();
        assert!(patient.write_u8(2).now_or_never().is_none());
        assert!(patient.running_out.is_some());
        there.read_u8().await.unwrap();
        patient.write_u8(2).await.unwrap();
        assert!(patient.running_out.is_none());
    }
}
