//! Accepts connections and serves HTTP/1 on them until shutdown.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tower::ServiceExt;

use super::{Service, purge, router};

/// The number of connections open at once; further ones wait in the listener's queue.
const MAX_CONNECTIONS: usize = 16_384;

/// Data that still arrives after the last response is discarded for this long and up to this many bytes. Closing a socket
/// with unread data resets the connection, and the client would lose the response.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: u64 = 1024 * 1024;

/// The pause after a failed accept, which mostly means that file descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// An error that ends [`serve`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// Connections took longer than [`super::Settings::shutdown_grace`] and were dropped. Their turns count if they were
    /// committed, whether or not the client received the response.
    #[error("{connections} connections were still busy after {} s and were dropped", grace.as_secs())]
    Unfinished { connections: usize, grace: Duration },
}

/// The addresses of the two ends of a connection. Every request carries them as an extension.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peers {
    pub remote: SocketAddr,
    pub local: SocketAddr,
}

/// Serves the API on `listener` until `shutdown`, then lets running requests finish.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let settings = service.settings.clone();
    let _purge = AbortOnDropHandle::new(tokio::spawn(purge::run(service.clone())));
    let acceptor = Acceptor {
        listener,
        router: router(service),
        client_timeout: settings.client_timeout,
        connections: TaskTracker::new(),
        stop: CancellationToken::new(),
        abort: CancellationToken::new(),
    };
    // No connection outlives this function, however it peers.
    let _abort = acceptor.abort.clone().drop_guard();
    tokio::select! {
        () = shutdown => {}
        never = acceptor.run() => match never {},
    }
    acceptor.finish(settings.shutdown_grace).await
}

/// Accepts connections and keeps track of those that are open.
struct Acceptor {
    listener: TcpListener,
    router: Router,
    client_timeout: Duration,
    connections: TaskTracker,
    /// Asks connections to close after their current request.
    stop: CancellationToken,
    /// Drops connections at once.
    abort: CancellationToken,
}

impl Acceptor {
    async fn run(&self) -> Infallible {
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        loop {
            let permit = room
                .clone()
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            match self.accept().await {
                Ok((stream, peers)) => {
                    let connection = self.serve_connection(stream, peers);
                    let connection = async move {
                        connection.await;
                        drop(permit);
                    };
                    self.connections
                        .spawn(self.abort.clone().run_until_cancelled_owned(connection));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    async fn accept(&self) -> io::Result<(TcpStream, Peers)> {
        let (stream, remote) = self.listener.accept().await?;
        // A connection works without it, too.
        let _ = stream.set_nodelay(true);
        let local = stream.local_addr()?;
        Ok((stream, Peers { remote, local }))
    }

    fn serve_connection(
        &self,
        stream: TcpStream,
        peers: Peers,
    ) -> impl Future<Output = ()> + Send + use<> {
        let router = self.router.clone();
        let stop = self.stop.clone();
        let client_timeout = self.client_timeout;
        let respond = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peers);
            router.clone().oneshot(request.map(Body::new))
        });
        async move {
            let mut stream = TimeoutStream::new(stream);
            // A client that does not read its response is given up.
            stream.set_write_timeout(Some(client_timeout));
            let mut connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(client_timeout)
                .serve_connection(TokioIo::new(Box::pin(stream)), respond);
            tokio::select! {
                _ = poll_fn(|cx| connection.poll_without_shutdown(cx)) => {}
                () = stop.cancelled() => {
                    Pin::new(&mut connection).graceful_shutdown();
                    // What goes wrong here concerns a client that is gone.
                    let _ = poll_fn(|cx| connection.poll_without_shutdown(cx)).await;
                }
            }
            linger(connection.into_parts().io.into_inner()).await;
        }
    }

    /// Stops accepting, and waits up to `grace` for running requests.
    async fn finish(self, grace: Duration) -> Result<(), ServerError> {
        drop(self.listener);
        self.stop.cancel();
        self.connections.close();
        tokio::time::timeout(grace, self.connections.wait())
            .await
            .map_err(|_| ServerError::Unfinished {
                connections: self.connections.len(),
                grace,
            })
    }
}

async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let _ = stream.shutdown().await;
    let mut rest = stream.take(LINGER_BYTES);
    let mut sink = tokio::io::sink();
    let _ = tokio::time::timeout(LINGER, pin!(tokio::io::copy(&mut rest, &mut sink))).await;
}
