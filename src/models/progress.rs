//! The progress of a transfer: how much is done, how fast, and how long the rest will take.

use std::collections::VecDeque;
use std::time::Duration;

use rust_i18n::t;

use super::format::{clock, megabytes};
use crate::interview::Language;

/// The window over which the rate is measured, so that it soon shows a connection that became slow.
const WINDOW: Duration = Duration::from_secs(5);

/// The time before which a rate would mean nothing.
const RATE_DELAY: Duration = Duration::from_millis(500);

/// The progress of a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferProgress {
    /// The bytes transferred.
    pub done: u64,
    /// The bytes in total.
    pub all: u64,
    /// The bytes per second; `None` at the beginning.
    pub rate: Option<u64>,
}

impl TransferProgress {
    /// Creates the progress of a transfer that begins.
    pub const fn new(done: u64, all: u64) -> Self {
        Self {
            done,
            all,
            rate: None,
        }
    }

    /// Returns the remaining seconds, if they can be estimated.
    pub fn remaining_seconds(&self) -> Option<u64> {
        let rate = self.rate.filter(|&rate| rate > 0)?;
        Some(self.all.saturating_sub(self.done).div_ceil(rate))
    }

    /// Returns the percentage, 0 to 100.
    pub fn percent(&self) -> u64 {
        (self.done.saturating_mul(100))
            .checked_div(self.all)
            .unwrap_or(100)
            .min(100)
    }

    /// Returns `5.2 MB/s, 0:18 left`, or nothing at the beginning.
    pub fn pace(&self, language: Language) -> String {
        let Some(rate) = self.rate else {
            return String::new();
        };
        let rate = format!("{}/s", megabytes(rate));
        match self.remaining_seconds() {
            Some(remaining_seconds) => t!(
                "models.left",
                locale = language.code(),
                rate = rate,
                left = clock(remaining_seconds)
            )
            .into_owned(),
            None => rate,
        }
    }

    /// Returns `37 % of 148 MB, 5.2 MB/s, 0:18 left`.
    pub fn describe(&self, language: Language) -> String {
        let percent = self.percent();
        let all = megabytes(self.all);
        let part = t!(
            "models.part",
            locale = language.code(),
            percent = percent,
            all = all
        );
        let pace = self.pace(language);
        if pace.is_empty() {
            part.into_owned()
        } else {
            format!("{part}, {pace}")
        }
    }
}

/// Measures the rate of a transfer.
#[derive(Clone, Debug)]
pub struct ProgressMeter {
    all: u64,
    /// Times and the bytes transferred by then, oldest first.
    samples: VecDeque<(Duration, u64)>,
}

impl ProgressMeter {
    /// Creates a meter for `all` bytes, of which `done` are transferred at `now`, a time on any
    /// clock.
    pub fn new(done: u64, all: u64, now: Duration) -> Self {
        Self {
            all,
            samples: VecDeque::from([(now, done)]),
        }
    }

    /// Records that `done` bytes are transferred at `now`.
    pub fn at(&mut self, now: Duration, done: u64) -> TransferProgress {
        self.samples.push_back((now, done));
        // One sample from before the window is kept, so that the rate covers the whole window.
        while self
            .samples
            .get(1)
            .is_some_and(|(time, _)| now.saturating_sub(*time) >= WINDOW)
        {
            self.samples.pop_front();
        }
        let (from, before) = self.samples.front().copied().unwrap_or((now, done));
        let took = now.saturating_sub(from);
        let rate = (took >= RATE_DELAY)
            .then(|| (done.saturating_sub(before) as f64 / took.as_secs_f64()) as u64);
        TransferProgress {
            done,
            all: self.all,
            rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_rate_covers_the_last_seconds_and_gives_the_remaining_time() {
        let mut meter = ProgressMeter::new(10 * MB, 100 * MB, seconds(0));
        assert_eq!(
            meter.at(Duration::from_millis(100), 11 * MB),
            TransferProgress::new(11 * MB, 100 * MB)
        );
        let fast = meter.at(seconds(2), 30 * MB);
        assert_eq!(
            (fast.rate, fast.remaining_seconds(), fast.percent()),
            (Some(10 * MB), Some(7), 30)
        );
        for second in 3..=10 {
            meter.at(seconds(second), 30 * MB + (second - 2) * MB);
        }
        let slow = meter.at(seconds(11), 39 * MB);
        assert_eq!(
            (slow.rate, slow.remaining_seconds()),
            (Some(MB), Some(61)),
            "what came before resuming or long ago counts no more"
        );
    }

    #[test]
    fn a_stalled_transfer_has_no_remaining_time() {
        let mut meter = ProgressMeter::new(0, MB, seconds(0));
        let still = meter.at(seconds(3), 0);
        assert_eq!((still.rate, still.remaining_seconds()), (Some(0), None));
        assert_eq!(still.describe(Language::English), "0 % of 1.0 MB, 0.0 MB/s");
    }

    #[test]
    fn progress_is_described_in_both_languages() {
        let progress = TransferProgress {
            done: 55 * MB,
            all: 148 * MB,
            rate: Some(5_200_000),
        };
        assert_eq!(
            progress.describe(Language::English),
            "37 % of 148 MB, 5.2 MB/s, 0:18 left"
        );
        assert_eq!(
            progress.describe(Language::Korean),
            "148 MB 중 37%, 5.2 MB/s, 0:18 남음"
        );
        assert_eq!(
            TransferProgress::new(0, 148 * MB).describe(Language::English),
            "0 % of 148 MB"
        );
    }
}
