//! Detects a microphone that is open but dead while somebody talks: muted, switched off, or not the
//! one being talked into. Even the quietest room makes noise, so constant samples mean that no
//! microphone is at work.

use crate::voice::SAMPLE_RATE;

/// The number of constant samples after which a microphone counts as dead: 2 s.
const DEAD: usize = 2 * SAMPLE_RATE as usize;
/// Samples that differ by less count as equal (−120 dB, a thirtieth of the smallest step of 16
/// bits). The constant need not be 0, because a dead input may have an offset.
const STEP: f32 = 1e-6;

/// Counts the constant samples since the talk key went down.
#[derive(Debug, Default)]
pub(super) struct SilenceDetector {
    level: f32,
    length: usize,
}

impl SilenceDetector {
    /// Examines the next samples. Returns `Some(true)` when the microphone has just been dead for
    /// 2 s, `Some(false)` when it has just come alive again, and `None` if nothing changed.
    pub(super) fn push(&mut self, samples: &[f32]) -> Option<bool> {
        let was_dead = self.length >= DEAD;
        for &sample in samples {
            if (sample - self.level).abs() > STEP {
                self.level = sample;
                self.length = 0;
            }
            self.length += 1;
        }
        let is_dead = self.length >= DEAD;
        (is_dead != was_dead).then_some(is_dead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_seconds_of_silence_are_reported_once_and_so_is_their_end() {
        let mut silence = SilenceDetector::default();
        let changes: Vec<_> = (0..50).map(|_| silence.push(&[0.0; 800])).collect();
        assert_eq!(changes.iter().position(Option::is_some), Some(39));
        assert_eq!(changes.iter().flatten().collect::<Vec<_>>(), [&true]);
        assert_eq!(silence.push(&[0.0, 0.001]), Some(false));
        assert_eq!(silence.push(&[0.002]), None);
    }

    #[test]
    fn an_input_that_is_constant_at_any_level_is_dead() {
        assert_eq!(
            SilenceDetector::default().push(&vec![0.1; DEAD]),
            Some(true)
        );
    }

    #[test]
    fn the_noise_of_a_quiet_room_is_not_silence() {
        let mut silence = SilenceDetector::default();
        let smallest_step = |n: usize| {
            if n.is_multiple_of(2) {
                0.0
            } else {
                1.0 / 32_768.0
            }
        };
        let noise: Vec<f32> = (0..3 * DEAD).map(smallest_step).collect();
        assert_eq!(silence.push(&noise), None);
    }
}
