//! Reports the progress of a download.

use std::time::{Duration, Instant};

use super::super::progress::{ProgressMeter, TransferProgress};

/// The interval between two reports.
const REPORT_INTERVAL: Duration = Duration::from_millis(200);

/// An event of a running download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownloadStep {
    /// Another process or task is downloading the same model, and this download waits for it.
    Waiting,
    /// The download resumes after this many bytes.
    Resuming(u64),
    /// The stored bytes were damaged or did not fit the server's file, so the download starts over.
    Restarting,
    /// Bytes are being transferred.
    Progress(TransferProgress),
}

/// A progress meter with a clock, which limits how often it reports.
pub(super) struct ProgressReporter {
    started: Instant,
    meter: ProgressMeter,
    last_report: Duration,
}

impl ProgressReporter {
    /// Creates a reporter for `all` bytes, of which `done` are already there.
    pub fn new(done: u64, all: u64) -> Self {
        Self {
            started: Instant::now(),
            meter: ProgressMeter::new(done, all, Duration::ZERO),
            last_report: Duration::ZERO,
        }
    }

    /// Returns the progress with `done` bytes.
    pub fn at(&mut self, done: u64) -> TransferProgress {
        self.meter.at(self.started.elapsed(), done)
    }

    /// Reports the progress with `done` bytes, if the interval has passed.
    pub fn report(&mut self, done: u64, report: &mut impl FnMut(DownloadStep)) {
        let now = self.started.elapsed();
        if now.saturating_sub(self.last_report) >= REPORT_INTERVAL {
            self.last_report = now;
            report(DownloadStep::Progress(self.meter.at(now, done)));
        }
    }
}
