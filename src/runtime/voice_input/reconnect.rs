//! Waits for a microphone while an interview has none, and has it opened once one comes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::sync::lock;
use crate::voice::Listener;
use crate::voice::devices::Watch;

/// Between two tries where nobody tells that a device came.
const TRY: Duration = Duration::from_secs(5);

/// Shared by the voice_input and what they hear of their microphone.
#[derive(Clone, Default)]
pub struct Reconnect(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// An interview is on the screen.
    wanted: AtomicBool,
    /// The microphone has been open in this interview.
    was_open: AtomicBool,
    listener: Mutex<Weak<Listener>>,
    waiting: Mutex<Option<Waiting>>,
}

/// Ends with the value.
enum Waiting {
    Told(#[expect(dead_code, reason = "held for its side effect")] Watch),
    MicrophoneCheck(AbortHandle),
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Self::MicrophoneCheck(task) = self {
            task.abort();
        }
    }
}

impl Reconnect {
    /// Whose microphone it is.
    pub fn attend(&self, listener: &Arc<Listener>) {
        *lock(&self.0.listener) = Arc::downgrade(listener);
    }

    /// An interview is on the screen, or not any more.
    pub fn want(&self, wanted: bool) {
        self.0.wanted.store(wanted, Ordering::Relaxed);
        self.0.was_open.store(false, Ordering::Relaxed);
        self.rest();
    }

    /// The microphone is open.
    pub fn opened(&self) {
        self.0.was_open.store(true, Ordering::Relaxed);
        self.rest();
    }

    /// It is not, though wanted. One that never was is waited for only where waiting costs nothing: many machines have none.
    pub fn failed(&self, handle: &Handle) {
        let mut waiting = lock(&self.0.waiting);
        if waiting.is_some() || !self.0.wanted.load(Ordering::Relaxed) {
            return;
        }
        let shared = Arc::downgrade(&self.0);
        *waiting = Watch::start(move || open(&shared)).map(Waiting::Told);
        if waiting.is_none() && self.0.was_open.load(Ordering::Relaxed) {
            let shared = Arc::downgrade(&self.0);
            let trying = async move {
                loop {
                    tokio::time::sleep(TRY).await;
                    open(&shared);
                }
            };
            *waiting = Some(Waiting::MicrophoneCheck(
                handle.spawn(trying).abort_handle(),
            ));
        }
    }

    fn rest(&self) {
        let waiting = lock(&self.0.waiting).take();
        drop(waiting);
    }
}

fn open(shared: &Weak<Shared>) {
    if let Some(listener) = shared
        .upgrade()
        .and_then(|shared| lock(&shared.listener).upgrade())
    {
        listener.open();
    }
}
