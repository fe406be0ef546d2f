//! Notices a microphone that is open and dead while somebody talks: muted, switched off, or not the one talked into.
//! The quietest room makes noise; what makes none at all is no microphone at work.

use crate::voice::SAMPLE_RATE;

/// Samples of silence that are noticed: 2 s.
const DEAD: usize = 2 * SAMPLE_RATE as usize;
/// Samples that differ by less are the same (−120 dB, a thirtieth of the smallest step of 16 bits): a dead input need not
/// be at 0.
const STEP: f32 = 1e-6;

/// Counts since the talk key went down.
#[derive(Debug, Default)]
pub(super) struct Silence {
    level: f32,
    length: usize,
}

impl Silence {
    /// Takes what was heard; tells when it has been dead for 2 s (true), and when it is no longer (false).
    pub(super) fn hear(&mut self, samples: &[f32]) -> Option<bool> {
        let before = self.length >= DEAD;
        for &sample in samples {
            if (sample - self.level).abs() > STEP {
                (self.level, self.length) = (sample, 0);
            }
            self.length += 1;
        }
        let now = self.length >= DEAD;
        (now != before).then_some(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_seconds_of_nothing_are_noticed_once_and_so_is_their_end() {
        let mut silence = Silence::default();
        let told: Vec<_> = (0..50).map(|_| silence.hear(&[0.0; 800])).collect();
        let at = told.iter().position(Option::is_some);
        assert_eq!(
            (at, told[39], told.iter().flatten().count()),
            (Some(39), Some(true), 1)
        );
        assert_eq!(silence.hear(&[0.0, 0.001]), Some(false));
        assert_eq!(silence.hear(&[0.002]), None);
    }

    #[test]
    fn an_input_that_stands_still_anywhere_is_dead() {
        assert_eq!(Silence::default().hear(&vec![0.1; DEAD]), Some(true));
    }

    #[test]
    fn the_noise_of_a_quiet_room_is_none() {
        let mut silence = Silence::default();
        let smallest = |n: usize| {
            if n.is_multiple_of(2) {
                0.0
            } else {
                1.0 / 32_768.0
            }
        };
        assert_eq!(
            silence.hear(&(0..3 * DEAD).map(smallest).collect::<Vec<_>>()),
            None
        );
    }
}
