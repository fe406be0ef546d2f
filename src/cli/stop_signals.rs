//! Requests to stop a server: the first lets it finish what it is about, the second does not.

use anyhow::Context as _;
use tokio::sync::oneshot;

/// Listens from now on: a request that comes while the server still starts is not lost. The first future ends with the first
/// request, while the second is polled, and that one ends with the second.
pub fn listen() -> anyhow::Result<(
    impl Future<Output = ()> + Send + 'static,
    impl Future<Output = ()>,
)> {
    let mut requests = Requests::listen()?;
    let (tell, told) = oneshot::channel();
    let first = async {
        let _ = told.await;
    };
    let second = async move {
        requests.next().await;
        // A server that has ended does not listen any more.
        let _ = tell.send(());
        requests.next().await;
    };
    Ok((first, second))
}

/// SIGTERM and Ctrl-C.
#[cfg(unix)]
struct Requests {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Requests {
    fn listen() -> anyhow::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("cannot listen for Ctrl-C")?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Elsewhere there is Ctrl-C alone.
#[cfg(windows)]
struct Requests(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Requests {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self(
            tokio::signal::windows::ctrl_c().context("cannot listen for Ctrl-C")?,
        ))
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
