//! Connections: accepted, served, and closed so that the last answer arrives.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tower::ServiceExt;

use super::late::{Answer, Late, Slot};
use super::patience::Patient;
use super::refusal::{self, Worded};
use super::{Service, purge, router};

/// Open at once; the next ones wait in the listener's queue.
const MOST_CONNECTIONS: usize = 16_384;
/// What still arrives after the last answer is read for this long, and this far: a socket closed over unread
/// data resets the connection, and the client loses the answer.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: u64 = 1024 * 1024;
/// After a failed accept (out of file descriptors, mostly).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why the server ended otherwise than asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// They took longer than [`super::Settings::shutdown_grace`] and were dropped. Of their turns those count that were
    /// committed, answered or not.
    #[error("{connections} connections were still busy after {} s and were dropped", grace.as_secs())]
    Unfinished {
        /// How many.
        connections: usize,
        /// How long they were waited for.
        grace: Duration,
    },
}

/// The two ends of a connection; every request carries them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub remote: SocketAddr,
    pub local: SocketAddr,
}

/// Serves the API on `listener` until `shutdown`, then lets the turns in flight finish.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let settings = service.settings.clone();
    let _purge = AbortOnDropHandle::new(tokio::spawn(purge::for_ever(service.clone())));
    let stop = CancellationToken::new();
    let connections = TaskTracker::new();
    // However this function ends, no connection outlives it.
    let over = CancellationToken::new();
    let _over = over.clone().drop_guard();
    let accept = accept(
        &listener,
        router(service),
        settings.client_timeout,
        &connections,
        (&stop, &over),
    );
    tokio::select! {
        () = shutdown => {}
        never = accept => match never {},
    }
    drop(listener);
    stop.cancel();
    connections.close();
    let grace = settings.shutdown_grace;
    tokio::time::timeout(grace, connections.wait())
        .await
        .map_err(|_| ServerError::Unfinished {
            connections: connections.len(),
            grace,
        })
}

async fn accept(
    listener: &TcpListener,
    router: Router,
    patience: Duration,
    connections: &TaskTracker,
    (stop, over): (&CancellationToken, &CancellationToken),
) -> Infallible {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let place = room
            .clone()
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        match accept_one(listener).await {
            Ok((stream, ends)) => {
                // In a box, so that those who wrap it do not each keep room for it twice.
                let connection =
                    Box::pin(attend(stream, ends, router.clone(), patience, stop.clone()));
                connections.spawn(over.clone().run_until_cancelled_owned(async move {
                    connection.await;
                    drop(place);
                }));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn accept_one(listener: &TcpListener) -> io::Result<(TcpStream, Ends)> {
    let (stream, remote) = listener.accept().await?;
    // Not worth a connection if it fails.
    let _ = stream.set_nodelay(true);
    let local = stream.local_addr()?;
    Ok((stream, Ends { remote, local }))
}

/// One connection from its first request to its last.
async fn attend(
    stream: TcpStream,
    ends: Ends,
    router: Router,
    patience: Duration,
    stop: CancellationToken,
) {
    let mut stream = Patient::new(stream, patience);
    loop {
        let then;
        // In a box, so that nothing of it is kept while somebody waits for events.
        (stream, then) = Box::pin(by_hyper(stream, ends, router.clone(), patience, &stop)).await;
        let goes_on = match then {
            Then::Late(late) => late.tell(&mut stream, &stop).await && !stop.is_cancelled(),
            Then::TooSlow => {
                // Who is that slow may be gone by now.
                let _ = stream.write_all(&refusal::head_too_slow()).await;
                false
            }
            Then::Over => false,
        };
        if !goes_on {
            break;
        }
    }
    linger(stream.into_inner()).await;
}

/// What comes after hyper.
enum Then {
    /// The connection is over.
    Over,
    /// The head of a request was begun, and did not come to its end.
    TooSlow,
    /// An answer has to be waited for.
    Late(Late),
}

async fn by_hyper(
    stream: Patient<TcpStream>,
    ends: Ends,
    router: Router,
    patience: Duration,
    stop: &CancellationToken,
) -> (Patient<TcpStream>, Then) {
    let slot = Slot::default();
    let late = slot.clone();
    let answer = service_fn(move |request| answer(router.clone(), ends, &slot, request));
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(Worded::new(stream)), answer);
    let mut stopped = pin!(stop.cancelled().fuse());
    let outcome = poll_fn(|cx| {
        if stopped.as_mut().poll(cx).is_ready() {
            Pin::new(&mut connection).graceful_shutdown();
        }
        match (connection.poll_without_shutdown(cx), late.take()) {
            (Poll::Ready(over), _) => Poll::Ready(Err(over)),
            (Poll::Pending, late) => late.map_or(Poll::Pending, |late| Poll::Ready(Ok(late))),
        }
    });
    let outcome = outcome.await;
    let parts = connection.into_parts();
    let then = match outcome {
        Ok(late) => Then::Late(late),
        Err(Err(error)) if error.is_timeout() && !parts.read_buf.is_empty() => Then::TooSlow,
        Err(_) => Then::Over,
    };
    let mut stream = parts.io.into_inner().into_inner();
    // A copy of what was sent ahead: the rest of the buffer goes.
    stream.put_back(Bytes::copy_from_slice(&parts.read_buf));
    (stream, then)
}

fn answer(router: Router, ends: Ends, slot: &Slot, mut request: Request<Incoming>) -> Answer {
    request.extensions_mut().insert(ends);
    slot.or_here(request.map(Body::new), |request| {
        Box::pin(router.oneshot(request))
    })
}

async fn linger(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    let mut rest = stream.take(LINGER_BYTES);
    let mut nowhere = tokio::io::sink();
    let _ = tokio::time::timeout(LINGER, pin!(tokio::io::copy(&mut rest, &mut nowhere))).await;
}
