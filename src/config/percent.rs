//! The volume and the rate of speech in per cent.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The change of one key press.
const STEP: u16 = 10;

/// The loudness of speech: 100 is as loud as the engine made it, 0 is silent.
pub type Volume = Percent<0, 100>;

/// The speed of speech: 100 is the engine's usual one, 200 twice as fast.
pub type Rate = Percent<50, 200>;

/// A share in per cent, from `LEAST` to `MOST`; 100 unless set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Percent<const LEAST: u16, const MOST: u16>(u16);

/// A value outside the range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{percent} cannot be used; allowed: a whole number from {least} to {most}")]
pub struct OutOfRange {
    percent: u16,
    least: u16,
    most: u16,
}

impl<const LEAST: u16, const MOST: u16> Percent<LEAST, MOST> {
    /// Returns the next step up, at most `MOST`.
    #[must_use]
    pub fn more(self) -> Self {
        Self((self.0 / STEP + 1).saturating_mul(STEP).min(MOST))
    }

    /// Returns the next step down, at least `LEAST`.
    #[must_use]
    pub fn less(self) -> Self {
        Self((self.0.div_ceil(STEP).saturating_sub(1) * STEP).max(LEAST))
    }

    /// Returns the value as a factor: 1 for 100 per cent.
    pub fn factor(self) -> f32 {
        f32::from(self.0) / 100.0
    }

    /// Returns this value, or what was `chosen` before if it is the default.
    #[must_use]
    pub fn or(self, chosen: Option<Self>) -> Self {
        if self == Self::default() {
            chosen.unwrap_or(self)
        } else {
            self
        }
    }
}

impl<const LEAST: u16, const MOST: u16> Default for Percent<LEAST, MOST> {
    fn default() -> Self {
        Self(100)
    }
}

impl<const LEAST: u16, const MOST: u16> fmt::Display for Percent<LEAST, MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const LEAST: u16, const MOST: u16> TryFrom<u16> for Percent<LEAST, MOST> {
    type Error = OutOfRange;

    fn try_from(percent: u16) -> Result<Self, OutOfRange> {
        let allowed = (LEAST..=MOST).contains(&percent);
        if allowed {
            Ok(Self(percent))
        } else {
            Err(OutOfRange {
                percent,
                least: LEAST,
                most: MOST,
            })
        }
    }
}

impl<const LEAST: u16, const MOST: u16> From<Percent<LEAST, MOST>> for u16 {
    fn from(percent: Percent<LEAST, MOST>) -> Self {
        percent.0
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::down(70, 60, 80)]
    #[case::to_the_next_step(75, 70, 80)]
    #[case::not_below_silence(0, 0, 10)]
    #[case::not_above_the_engines_own(100, 90, 100)]
    fn volume_goes_in_steps_of_ten(#[case] now: u16, #[case] less: u16, #[case] more: u16) {
        let now = Volume::try_from(now).unwrap();
        assert_eq!((u16::from(now.less()), u16::from(now.more())), (less, more));
    }

    #[test]
    fn a_value_out_of_range_is_refused_with_the_range() {
        let error = Rate::try_from(49).unwrap_err().to_string();
        assert_eq!(
            error,
            "49 cannot be used; allowed: a whole number from 50 to 200"
        );
    }

    #[test]
    fn a_setting_wins_over_what_was_chosen_and_that_over_the_default() {
        let set = Volume::try_from(40).unwrap();
        let chosen = Volume::try_from(70).unwrap();
        assert_eq!(
            (set.or(Some(chosen)), Volume::default().or(Some(chosen))),
            (set, chosen)
        );
        assert_eq!(Volume::default().or(None), Volume::default());
    }
}
