//! Makes quiet speech loud enough for the detector.

/// The peak to which quiet audio is raised. Louder audio stays as it is.
const TARGET: f32 = 0.25;
/// The largest gain, 26 dB. The detector finds speech with peaks of −30 dB as well as loud speech,
/// a quarter of it at −40 dB and none at −50 dB.
const LARGEST: f32 = 20.0;
/// The factor by which the remembered peak falls in each frame of 16 ms: 4 dB a second.
const DECAY: f32 = 0.992_66;

/// An amplifier that follows the peaks. It goes down at once and up slowly, so that a pause between
/// words stays quiet.
#[derive(Default)]
pub(super) struct Gain {
    peak: f32,
}

impl Gain {
    /// Amplifies `frame` in place, by 1 to [`LARGEST`].
    pub(super) fn apply(&mut self, frame: &mut [f32]) {
        let loudest = frame
            .iter()
            .fold(0.0f32, |loudest, sample| loudest.max(sample.abs()));
        self.peak = loudest.max(self.peak * DECAY);
        let gain = (TARGET / self.peak).clamp(1.0, LARGEST);
        for sample in frame {
            *sample *= gain;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the peak of a frame after amplification; both peaks are in ten-thousandths of full
    /// scale.
    fn amplified(gain: &mut Gain, peak: i16) -> i32 {
        let peak = f32::from(peak) / 10_000.0;
        let mut frame = [0.0, peak, -peak / 2.0];
        gain.apply(&mut frame);
        (frame[1] * 10_000.0).round() as i32
    }

    #[test]
    fn loud_audio_stays_as_it_is() {
        assert_eq!(amplified(&mut Gain::default(), 9_000), 9_000);
    }

    #[test]
    fn quiet_audio_is_raised_to_the_target_by_at_most_the_largest_gain() {
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
