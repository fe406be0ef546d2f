//! Signals that stop a server: after the first it finishes what it is doing, after the second it
//! stops at once.

use anyhow::Context as _;
use tokio::sync::oneshot;

/// Listens for signals from now on, so that none is lost while the server starts. The first future
/// ends with the first signal, as long as the second future is polled; the second future ends with
/// the second signal.
pub fn listen() -> anyhow::Result<(
    impl Future<Output = ()> + Send + 'static,
    impl Future<Output = ()>,
)> {
    let mut signals = StopSignals::listen()?;
    let (sender, receiver) = oneshot::channel();
    let first = async {
        let _ = receiver.await;
    };
    let second = async move {
        signals.next().await;
        // A server that has ended has dropped the receiver.
        let _ = sender.send(());
        signals.next().await;
    };
    Ok((first, second))
}

/// The signals SIGTERM and Ctrl-C.
#[cfg(unix)]
struct StopSignals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
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

/// The only signal of other systems, Ctrl-C.
#[cfg(windows)]
struct StopSignals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl StopSignals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self(
            tokio::signal::windows::ctrl_c().context("cannot listen for Ctrl-C")?,
        ))
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
