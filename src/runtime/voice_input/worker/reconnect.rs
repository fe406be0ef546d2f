//! Opens the microphone again once one appears, while an interview has none.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use crate::sync::lock;
use crate::voice::devices::DeviceWatch;
use crate::voice::{Recorder, RecorderEvent};

/// The time between two attempts on systems that do not announce new devices.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);

/// Watches for a microphone. The worker and the recorder's event handler share it.
#[derive(Clone, Default)]
pub(super) struct Reconnect(Arc<ReconnectState>);

#[derive(Default)]
struct ReconnectState {
    /// An interview is on the screen.
    enabled: AtomicBool,
    /// The microphone has been open in this interview.
    was_open: AtomicBool,
    recorder: Mutex<Weak<Recorder>>,
    waiting: Mutex<Option<Waiting>>,
}

/// The way a microphone is waited for. Dropping the value ends the wait.
enum Waiting {
    Announced(#[expect(dead_code, reason = "held for its side effect")] DeviceWatch),
    Polled(AbortHandle),
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Self::Polled(task) = self {
            task.abort();
        }
    }
}

impl Reconnect {
    /// Sets the recorder that opens the microphone.
    pub(super) fn set_recorder(&self, recorder: &Arc<Recorder>) {
        *lock(&self.0.recorder) = Arc::downgrade(recorder);
    }

    /// Allows waiting while an interview is on the screen.
    pub(super) fn enable(&self, enabled: bool) {
        self.0.enabled.store(enabled, Ordering::Relaxed);
        self.0.was_open.store(false, Ordering::Relaxed);
        self.stop_waiting();
    }

    /// Begins or ends waiting as the microphone fails or opens.
    pub(super) fn observe(&self, event: &RecorderEvent, runtime: &Handle) {
        match event {
            RecorderEvent::Opened(_) => self.opened(),
            RecorderEvent::MicrophoneFailed(_) => self.failed(runtime),
            RecorderEvent::Recorded(..)
            | RecorderEvent::Partial(..)
            | RecorderEvent::Transcribed(..)
            | RecorderEvent::NoSpeech(_)
            | RecorderEvent::Failed(..)
            | RecorderEvent::MicrophoneDead(..)
            | RecorderEvent::MicrophoneAlive(_) => {}
        }
    }

    fn opened(&self) {
        self.0.was_open.store(true, Ordering::Relaxed);
        self.stop_waiting();
    }

    /// Waits for a microphone. One that was never open is waited for only where the system
    /// announces devices and waiting costs nothing: many machines have no microphone.
    fn failed(&self, runtime: &Handle) {
        let mut waiting = lock(&self.0.waiting);
        if waiting.is_some() || !self.0.enabled.load(Ordering::Relaxed) {
            return;
        }
        let state = Arc::downgrade(&self.0);
        *waiting = DeviceWatch::start(move || open(&state)).map(Waiting::Announced);
        if waiting.is_none() && self.0.was_open.load(Ordering::Relaxed) {
            let task = runtime.spawn(poll(Arc::downgrade(&self.0)));
            *waiting = Some(Waiting::Polled(task.abort_handle()));
        }
    }

    fn stop_waiting(&self) {
        // The lock is free again when the value is dropped, which may take a while.
        let waiting = lock(&self.0.waiting).take();
        drop(waiting);
    }
}

async fn poll(state: Weak<ReconnectState>) {
    loop {
        tokio::time::sleep(RETRY_INTERVAL).await;
        open(&state);
    }
}

fn open(state: &Weak<ReconnectState>) {
    let recorder = state
        .upgrade()
        .and_then(|state| lock(&state.recorder).upgrade());
    if let Some(recorder) = recorder {
        recorder.open();
    }
}
