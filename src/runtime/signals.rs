//! Translates signals into actions: the app leaves in order, stores the draft and gives the
//! terminal back.

use std::io;

use tokio::sync::mpsc;

use crate::app::action::{Action, RuntimeEvent};

/// The signals that ask the process to end. From [`Signals::listen`] on, none of them ends it by
/// itself; one that arrives before [`Signals::forward`] waits for it.
#[cfg(unix)]
pub struct Signals {
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Starts listening. Call it before the terminal is taken. Needs a tokio runtime.
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

/// The signal that asks the process to end; Windows has Ctrl-C alone.
#[cfg(windows)]
pub struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Signals {
    /// Starts listening. Call it before the terminal is taken. Needs a tokio runtime.
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
    /// Forwards signals until the app is gone.
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
    async fn a_signal_that_arrives_before_forwarding_begins_is_not_lost() {
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
