//! Signals as actions: the app leaves in order, with the draft kept and the terminal given back.

use std::io;

use tokio::sync::mpsc;

use crate::app::action::{Action, RuntimeEvent};

/// Requests to terminate. From [`Signals::listen`] on none ends the process by itself; one that comes before
/// [`Signals::forward`] is kept for it.
#[cfg(unix)]
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// To be called before the terminal is taken. Needs a tokio runtime.
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn recv(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Elsewhere there is Ctrl-C alone.
#[cfg(windows)]
pub struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Signals {
    /// To be called before the terminal is taken. Needs a tokio runtime.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: tokio::signal::windows::ctrl_c()?,
        })
    }

    async fn recv(&mut self) {
        self.interrupt.recv().await;
    }
}

impl Signals {
    /// Forwards requests to terminate until the app is gone.
    pub async fn forward(mut self, actions: mpsc::Sender<Action>) {
        loop {
            self.recv().await;
            if actions
                .send(Action::Runtime(RuntimeEvent::Terminate))
                .await
                .is_err()
            {
                return;
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_signal_that_comes_before_anybody_asks_is_kept() {
        let signals = Signals::listen().unwrap();
        let own = rustix::process::getpid();
        rustix::process::kill_process(own, rustix::process::Signal::HUP).unwrap();
        let (sender, mut actions) = mpsc::channel(1);
        tokio::spawn(signals.forward(sender));
        assert_eq!(
            actions.recv().await,
            Some(Action::Runtime(RuntimeEvent::Terminate))
        );
    }
}
