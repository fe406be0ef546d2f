//! Whether the body of a request was read to its end. One that was not has to be the last on its connection, and the
//! client has to be told: it would send its next request into a connection about to be closed, and lose it.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use hyper::body::{Frame, SizeHint};

/// Tells about a body while it goes its way.
#[derive(Clone, Debug)]
pub(super) struct Unread(Arc<AtomicBool>);

impl Unread {
    /// Whether something of it is left, or never came.
    pub fn is_left(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The same request, its body watched.
pub(super) fn watch(request: Request) -> (Request, Unread) {
    let unread = Unread(Arc::new(AtomicBool::new(!request.body().is_end_stream())));
    let watched = |body: Body| {
        if body.is_end_stream() {
            body
        } else {
            Body::new(Watched {
                body,
                unread: unread.clone(),
            })
        }
    };
    (request.map(watched), unread)
}

struct Watched {
    body: Body,
    unread: Unread,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_none() {
            self.unread.0.store(false, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        // Asked for the end itself: only then it is known to have been read.
        false
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
