//! The embedded server, which runs inside this process on a loopback port.

use url::Url;

/// The reason why the embedded server did not start.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    #[error("cannot listen on the loopback address")]
    Listen(#[source] std::io::Error),
}

/// A running server. It finishes the turns in flight and stops when this is dropped, or when
/// [`Embedded::stop`] is awaited.
#[derive(Debug)]
pub struct Embedded {
    url: Url,
    stop: tokio_util::sync::DropGuard,
    task: tokio::task::JoinHandle<()>,
}

#[cfg(feature = "server")]
impl Embedded {
    /// Serves `service` on a free port of 127.0.0.1.
    pub async fn start(service: crate::server::Service) -> Result<Self, EmbeddedError> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(EmbeddedError::Listen)?;
        let address = listener.local_addr().map_err(EmbeddedError::Listen)?;
        let stop = tokio_util::sync::CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let task = tokio::spawn(async move {
            if let Err(error) = crate::server::serve(listener, service, stopped).await {
                tracing::error!(%error, "the embedded server stopped");
            }
        });
        let url =
            Url::parse(&format!("http://{address}")).expect("a socket address is a valid host");
        Ok(Self {
            url,
            stop: stop.drop_guard(),
            task,
        })
    }
}

impl Embedded {
    /// Returns the address of the server.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Stops the server, and waits for the turns in flight.
    pub async fn stop(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the embedded server panicked");
        }
    }
}
