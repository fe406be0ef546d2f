//! How far something is, how fast it goes, and how long it will take.

use std::collections::VecDeque;
use std::time::Duration;

use rust_i18n::t;

use super::format::{clock, megabytes};
use crate::interview::Language;

/// The rate is that of the last seconds: a line that became slow shows it soon.
const WINDOW: Duration = Duration::from_secs(5);

/// Before this there is no rate worth telling.
const FIRST: Duration = Duration::from_millis(500);

/// Something on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferProgress {
    /// Bytes that are there.
    pub done: u64,
    /// Bytes in all.
    pub all: u64,
    /// Bytes a second; `None` while it is too early to say.
    pub rate: Option<u64>,
}

impl TransferProgress {
    /// At its beginning.
    pub const fn new(done: u64, all: u64) -> Self {
        Self {
            done,
            all,
            rate: None,
        }
    }

    /// Seconds until all is there; `None` where nobody can say.
    pub fn left(&self) -> Option<u64> {
        let rate = self.rate.filter(|&rate| rate > 0)?;
        Some(self.all.saturating_sub(self.done).div_ceil(rate))
    }

    /// 0 to 100.
    pub fn percent(&self) -> u64 {
        (self.done.saturating_mul(100))
            .checked_div(self.all)
            .unwrap_or(100)
            .min(100)
    }

    /// `5.2 MB/s, 0:18 left`; empty while it is too early to say.
    pub fn pace(&self, language: Language) -> String {
        let Some(rate) = self.rate else {
            return String::new();
        };
        let rate = format!("{}/s", megabytes(rate));
        match self.left() {
            Some(left) => t!(
                "models.left",
                locale = language.code(),
                rate = rate,
                left = clock(left)
            )
            .into_owned(),
            None => rate,
        }
    }

    /// `37 % of 148 MB, 5.2 MB/s, 0:18 left`.
    pub fn describe(&self, language: Language) -> String {
        let (percent, all) = (self.percent(), megabytes(self.all));
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

/// Watches bytes go by.
#[derive(Clone, Debug)]
pub struct ProgressMeter {
    all: u64,
    /// When, and how many were there; the oldest first.
    seen: VecDeque<(Duration, u64)>,
}

impl ProgressMeter {
    /// `done` bytes of `all` are there at `now`, a time on any clock.
    pub fn new(done: u64, all: u64, now: Duration) -> Self {
        Self {
            all,
            seen: VecDeque::from([(now, done)]),
        }
    }

    /// `done` bytes are there at `now`.
    pub fn at(&mut self, now: Duration, done: u64) -> TransferProgress {
        self.seen.push_back((now, done));
        // One sample from before the window stays: the rate is over the whole window.
        while self
            .seen
            .get(1)
            .is_some_and(|(time, _)| now.saturating_sub(*time) >= WINDOW)
        {
            self.seen.pop_front();
        }
        let (from, before) = self.seen.front().copied().unwrap_or((now, done));
        let took = now.saturating_sub(from);
        let rate = (took >= FIRST)
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
    fn the_rate_is_that_of_the_last_seconds_and_the_rest_follows_from_it() {
        let mut meter = ProgressMeter::new(10 * MB, 100 * MB, seconds(0));
        assert_eq!(
            meter.at(Duration::from_millis(100), 11 * MB),
            TransferProgress::new(11 * MB, 100 * MB)
        );
        let fast = meter.at(seconds(2), 30 * MB);
        assert_eq!(
            (fast.rate, fast.left(), fast.percent()),
            (Some(10 * MB), Some(7), 30)
        );
        for second in 3..=10 {
            meter.at(seconds(second), 30 * MB + (second - 2) * MB);
        }
        let slow = meter.at(seconds(11), 39 * MB);
        assert_eq!(
            (slow.rate, slow.left()),
            (Some(MB), Some(61)),
            "what came before resuming or long ago counts no more"
        );
    }

    #[test]
    fn a_line_that_stands_still_promises_nothing() {
        let mut meter = ProgressMeter::new(0, MB, seconds(0));
        let still = meter.at(seconds(3), 0);
        assert_eq!((still.rate, still.left()), (Some(0), None));
        assert_eq!(still.describe(Language::English), "0 % of 1.0 MB, 0.0 MB/s");
    }

    #[test]
    fn progress_is_told_in_both_languages() {
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
