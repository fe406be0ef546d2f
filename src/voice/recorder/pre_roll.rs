//! The moment before a press, so that a word begun too early is in the recording.

use crate::voice::SAMPLE_RATE;

/// The number of samples kept: 300 ms.
const LENGTH: usize = SAMPLE_RATE as usize * 3 / 10;

/// The last samples captured while no key was down.
#[derive(Default)]
pub(super) struct PreRoll(Vec<f32>);

impl PreRoll {
    pub(super) fn push(&mut self, samples: &[f32]) {
        self.0.extend_from_slice(samples);
        let surplus = self.0.len().saturating_sub(LENGTH);
        self.0.drain(..surplus);
    }

    /// Returns the samples and leaves none behind.
    pub(super) fn drain(&mut self) -> Vec<f32> {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_samples_are_kept() {
        let mut pre_roll = PreRoll::default();
        pre_roll.push(&vec![0.1; LENGTH]);
        pre_roll.push(&[0.2, 0.3]);
        let samples = pre_roll.drain();
        assert_eq!(samples.len(), LENGTH);
        assert_eq!(samples[LENGTH - 3..], [0.1, 0.2, 0.3]);
        assert!(pre_roll.drain().is_empty());
    }
}
