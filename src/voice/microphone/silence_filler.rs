//! Silence for the time in which no device delivers samples, so that the time of a recording goes on.

use std::time::{Duration, Instant};

use crate::voice::SAMPLE_RATE;

/// Remembers the time up to which samples have been delivered.
pub struct SilenceFiller {
    delivered_until: Instant,
}

impl SilenceFiller {
    pub fn new(now: Instant) -> Self {
        Self {
            delivered_until: now,
        }
    }

    /// Notes that samples have been delivered up to `now`.
    pub fn mark_delivered(&mut self, now: Instant) {
        self.delivered_until = now;
    }

    /// Appends silence up to `now`. A fraction of a sample is delivered by a later call.
    pub fn fill(&mut self, now: Instant, into: &mut Vec<f32>) {
        let rate = f64::from(SAMPLE_RATE);
        let elapsed = now.saturating_duration_since(self.delivered_until);
        let missing = (elapsed.as_secs_f64() * rate) as usize;
        into.resize(into.len() + missing, 0.0);
        self.delivered_until += Duration::from_secs_f64(missing as f64 / rate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_lasts_as_long_as_nothing_was_delivered() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut filler = SilenceFiller::new(start);
        filler.mark_delivered(at(500));
        let mut samples = vec![0.5];
        filler.fill(at(600), &mut samples);
        filler.fill(at(750), &mut samples);
        assert_eq!(samples.len(), 1 + 4_000);
        assert!(samples[1..].iter().all(|sample| *sample == 0.0));
    }
}
