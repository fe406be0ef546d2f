//! Serves the API on a listener until it is told to stop.

use std::io;
use std::pin::{Pin, pin};
use std::time::Duration;

use axum::middleware::AddExtension;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tower::Layer;

use super::connection::ConnectionInfo;
use super::purge;
use super::router::router;
use super::state::Service;

/// The connections that may be open at once. Further ones wait in the listener's queue.
const MAX_CONNECTIONS: usize = 16_384;

/// Bounds how long and how much the server reads after its last answer on a connection. Closing a
/// socket with unread data resets the connection, and the client would lose the answer.
const DRAIN_TIME: Duration = Duration::from_secs(1);
const DRAIN_BYTES: u64 = 1024 * 1024;

/// The pause after a failed accept, which mostly means that the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The reasons for which the server ends other than as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// Connections were still busy after [`super::Settings::shutdown_grace`] and were dropped. A
    /// turn of theirs that was committed counts, whether or not its answer was sent.
    #[error("{connections} connections were still busy after {} s and were dropped", grace.as_secs())]
    Unfinished { connections: usize, grace: Duration },
}

/// A TCP stream whose writes fail when the client does not read for too long.
type Stream = Pin<Box<TimeoutStream<TcpStream>>>;

/// The router, with the connection's information added to each request.
type RequestService = TowerToHyperService<AddExtension<Router, ConnectionInfo>>;

/// Serves the API on `listener` until `shutdown` completes, then waits for the requests in flight.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServerError> {
    let grace = service.settings.shutdown_grace;
    let _purge = AbortOnDropHandle::new(tokio::spawn(purge::run(service.clone())));
    // Dropping the set aborts what is left in it, so no connection outlives this function.
    let mut connections = JoinSet::new();
    let server = Server {
        client_timeout: service.settings.client_timeout,
        router: router(service),
        shutdown: CancellationToken::new(),
    };

    tokio::select! {
        () = server.accept(&listener, &mut connections) => {}
        () = shutdown => {}
    }
    drop(listener);
    server.shutdown.cancel();
    let finished = async { while connections.join_next().await.is_some() {} };
    if timeout(grace, finished).await.is_ok() {
        return Ok(());
    }
    let connections = connections.len();
    Err(ServerError::Unfinished { connections, grace })
}

/// The router and the limits with which every connection is served.
struct Server {
    router: Router,
    client_timeout: Duration,
    /// Cancelled when the connections are to end after their current request.
    shutdown: CancellationToken,
}

impl Server {
    /// Accepts connections and serves each in a task of its own. Does not end.
    async fn accept(&self, listener: &TcpListener, connections: &mut JoinSet<()>) {
        loop {
            tokio::select! {
                accepted = accept(listener), if connections.len() < MAX_CONNECTIONS => match accepted {
                    Ok((stream, info)) => {
                        connections.spawn(self.connection(stream, info));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection was not accepted");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    /// Serves one connection from its first request to its last.
    fn connection(
        &self,
        stream: TcpStream,
        info: ConnectionInfo,
    ) -> impl Future<Output = ()> + use<> {
        let service = TowerToHyperService::new(Extension(info).layer(self.router.clone()));
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(self.client_timeout);
        let shutdown = self.shutdown.clone();
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.client_timeout));
        async move {
            let mut stream: Stream = Box::pin(stream);
            serve_requests(&http, &mut stream, service, shutdown).await;
            drain(stream).await;
        }
    }
}

/// Serves requests until the connection ends. Once `shutdown` is cancelled, the current request is
/// the last.
async fn serve_requests(
    http: &http1::Builder,
    stream: &mut Stream,
    service: RequestService,
    shutdown: CancellationToken,
) {
    let connection = http.serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection broke off");
    }
}

async fn accept(listener: &TcpListener) -> io::Result<(TcpStream, ConnectionInfo)> {
    let (stream, client) = listener.accept().await?;
    // Without it the answers only take a little longer.
    let _ = stream.set_nodelay(true);
    let info = ConnectionInfo {
        client,
        local: stream.local_addr()?,
        https: false,
    };
    Ok((stream, info))
}

/// Discards what the client still sends, so that it can read the last answer.
async fn drain(mut stream: Stream) {
    let _ = stream.shutdown().await;
    let mut rest = stream.take(DRAIN_BYTES);
    let mut sink = tokio::io::sink();
    let _ = timeout(DRAIN_TIME, tokio::io::copy(&mut rest, &mut sink)).await;
}
