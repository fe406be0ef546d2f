//! What is told of a download while it goes on.

use std::time::{Duration, Instant};

use super::super::progress::{ProgressMeter, TransferProgress};

/// Progress is told this often.
const TELL: Duration = Duration::from_millis(200);

/// What happens during a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownloadStep {
    /// Another process or task is downloading the same model; this one waits for it.
    Waiting,
    /// So many bytes were there already and are kept.
    Resuming(u64),
    /// What was there did not fit what the server has, or was damaged: everything is fetched again.
    Restarting,
    /// It goes on.
    Progress(TransferProgress),
}

/// A meter with a clock, that speaks now and then.
pub(super) struct ProgressReporter {
    started: Instant,
    meter: ProgressMeter,
    told: Duration,
}

impl ProgressReporter {
    /// `done` bytes of `all` are there when it begins.
    pub fn new(done: u64, all: u64) -> Self {
        Self {
            started: Instant::now(),
            meter: ProgressMeter::new(done, all, Duration::ZERO),
            told: Duration::ZERO,
        }
    }

    /// `done` bytes are there now.
    pub fn at(&mut self, done: u64) -> TransferProgress {
        self.meter.at(self.started.elapsed(), done)
    }

    /// The same, told if it is time.
    pub fn tell(&mut self, done: u64, tell: &mut impl FnMut(DownloadStep)) {
        let now = self.started.elapsed();
        if now.saturating_sub(self.told) >= TELL {
            self.told = now;
            tell(DownloadStep::Progress(self.meter.at(now, done)));
        }
    }
}
