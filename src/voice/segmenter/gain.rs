//! Quiet speech made loud enough for the detector.

/// Peak to which quiet sound is raised. Louder sound stays as it is.
const TARGET: f32 = 0.25;
/// The most that is added, 26 dB. The detector hears speech with peaks of −30 dB as well as loud speech, a quarter of it
/// at −40 dB, and none at −50 dB.
const MOST: f32 = 20.0;
/// What is left of a remembered peak after one frame of 16 ms: 4 dB are forgotten each second.
const FORGET: f32 = 0.992_66;

/// An amplifier that follows the peaks: down at once, up slowly, so that a pause between words stays quiet beside them.
#[derive(Default)]
pub(super) struct Gain {
    peak: f32,
}

impl Gain {
    /// Amplifies `frame` where it stands, by 1 to [`MOST`].
    pub(super) fn apply(&mut self, frame: &mut [f32]) {
        let loudest = frame
            .iter()
            .fold(0.0f32, |loudest, sample| loudest.max(sample.abs()));
        self.peak = loudest.max(self.peak * FORGET);
        let gain = (TARGET / self.peak).clamp(1.0, MOST);
        for sample in frame {
            *sample *= gain;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of a frame with this peak; both in ten-thousandths of full scale.
    fn amplified(gain: &mut Gain, peak: i16) -> i32 {
        let peak = f32::from(peak) / 10_000.0;
        let mut frame = [0.0, peak, -peak / 2.0];
        gain.apply(&mut frame);
        (frame[1] * 10_000.0).round() as i32
    }

    #[test]
    fn loud_sound_stays_as_it_is() {
        assert_eq!(amplified(&mut Gain::default(), 9_000), 9_000);
    }

    #[test]
    fn quiet_sound_is_raised_to_the_target_but_by_no_more_than_the_most() {
        let raised = [250, 10, 0].map(|peak| amplified(&mut Gain::default(), peak));
        assert_eq!(raised, [2_500, 200, 0]);
    }

    #[test]
    fn a_loud_sound_lowers_the_gain_at_once_and_is_forgotten_slowly() {
        let mut gain = Gain::default();
        assert_eq!(
            [100, 5_000, 100].map(|peak| amplified(&mut gain, peak)),
            [2_000, 5_000, 100]
        );
        assert_eq!(
            (0..600).map(|_| amplified(&mut gain, 100)).last(),
            Some(2_000)
        );
    }
}
