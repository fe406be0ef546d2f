//! Reduces interleaved channels to one: the chosen channel, or the loudest.
//!
//! Averaging the channels would lose words: some laptops wire the second capsule upside down, and
//! the two then cancel each other. The loudest channel is free of that, and of the noise of idle
//! channels. The power of each channel is followed over `WINDOW`; another channel takes over once
//! it is clearly louder, so that two similar channels do not alternate.
//!
//! Each sample depends on the frames before it alone, so the result does not depend on how the
//! input is split into chunks.

use super::Format;
use crate::config::Channel;

/// The time over which the power of a channel is averaged, in seconds.
const WINDOW: f32 = 0.05;
/// Another channel takes over once it has this many times the power (6 dB).
const LOUDER: f32 = 4.0;
/// Powers below this count as silence (−150 dB). Smaller numbers are slow to calculate with long
/// before they become 0.
const SILENCE: f32 = 1e-15;

/// Reduces interleaved channels to one. Frames may be split anywhere between two calls.
#[derive(Debug)]
pub struct Mono {
    /// The samples of a frame that is not complete yet.
    frame: Vec<f32>,
    /// The mean power of each channel.
    powers: Vec<f32>,
    /// The part of the power that a new sample contributes.
    share: f32,
    channel: usize,
    is_fixed: bool,
}

impl Mono {
    /// Creates a reducer for sound in this format. A channel that does not exist counts as
    /// [`Channel::Mix`], which is the loudest one, and 0 channels count as one.
    pub fn new(format: Format, channel: Channel) -> Self {
        let channels = format.channels.max(1);
        let fixed = match channel {
            Channel::Only(number) if (1..=channels).contains(&number) => Some(number - 1),
            _ => (channels == 1).then_some(0),
        };
        Self {
            frame: Vec::with_capacity(usize::from(channels)),
            powers: vec![0.0; usize::from(channels)],
            share: 1.0 - (-1.0 / (WINDOW * (format.rate as f32).max(1.0))).exp(),
            channel: usize::from(fixed.unwrap_or(0)),
            is_fixed: fixed.is_some(),
        }
    }

    /// Appends one sample to `into` for every complete frame. Samples that are not numbers become
    /// silence, and those beyond full scale are limited.
    pub fn push(&mut self, interleaved: &[f32], into: &mut Vec<f32>) {
        into.reserve(interleaved.len() / self.powers.len() + 1);
        for &sample in interleaved {
            self.frame.push(limit(sample));
            if self.frame.len() == self.powers.len() {
                if !self.is_fixed {
                    self.follow_loudest();
                }
                into.push(self.frame[self.channel]);
                self.frame.clear();
            }
        }
    }

    fn follow_loudest(&mut self) {
        for (power, sample) in self.powers.iter_mut().zip(&self.frame) {
            *power += (sample * sample - *power) * self.share;
            if *power < SILENCE {
                *power = 0.0;
            }
        }
        let mut least = self.powers[self.channel] * LOUDER;
        for (channel, &power) in self.powers.iter().enumerate() {
            if power > least {
                least = power;
                self.channel = channel;
            }
        }
    }
}

/// Limits a sample to −1…1. Files of floating-point samples may hold infinities and NaN, which would
/// spoil everything after them.
fn limit(sample: f32) -> f32 {
    if sample.is_nan() {
        0.0
    } else {
        sample.clamp(-1.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::voice::test_audio::noise;

    const RATE: u32 = 16_000;
    const SECOND: usize = RATE as usize;

    fn mono(channels: u16, channel: Channel, interleaved: &[f32]) -> Vec<f32> {
        let format = Format {
            rate: RATE,
            channels,
        };
        let mut into = Vec::new();
        Mono::new(format, channel).push(interleaved, &mut into);
        into
    }

    /// Returns sample `n` of a tone as loud as a voice (−12 dB).
    fn tone(n: usize) -> f32 {
        0.25 * (TAU * 220.0 * n as f32 / RATE as f32).sin()
    }

    /// Returns a second of interleaved frames with the sample of each channel given by `at`.
    fn second(channels: u16, at: impl Fn(usize, u16) -> f32) -> Vec<f32> {
        let at = &at;
        (0..SECOND)
            .flat_map(|n| (0..channels).map(move |channel| at(n, channel)))
            .collect()
    }

    fn power(samples: &[f32]) -> f32 {
        samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32
    }

    #[rstest]
    #[case::two_channels(2, 1)]
    #[case::the_first_of_eight(8, 0)]
    #[case::the_last_of_eight(8, 7)]
    fn speech_on_one_channel_of_several_is_as_loud_as_alone(
        #[case] channels: u16,
        #[case] speaking: u16,
    ) {
        let idle = |n: usize, channel: u16| 0.001 * noise(n * 8 + usize::from(channel));
        let sound = second(channels, |n, channel| {
            if channel == speaking {
                tone(n)
            } else {
                idle(n, channel)
            }
        });
        let alone: Vec<f32> = (0..SECOND).map(tone).collect();
        let ratio = power(&mono(channels, Channel::Mix, &sound)) / power(&alone);
        assert!((0.99..1.01).contains(&ratio), "{ratio} of its power");
    }

    #[test]
    fn speech_that_moves_to_another_channel_is_followed_within_100_ms() {
        let half = SECOND / 2;
        let sound = second(4, |n, channel| {
            let is_speaking = channel == if n < half { 0 } else { 2 };
            if is_speaking { tone(n) } else { 0.0 }
        });
        let mixed = mono(4, Channel::Mix, &sound);
        let followed = half + SECOND / 10;
        assert_eq!(mixed[..half], (0..half).map(tone).collect::<Vec<_>>());
        assert_eq!(
            mixed[followed..],
            (followed..SECOND).map(tone).collect::<Vec<_>>()
        );
    }

    #[test]
    fn a_channel_that_is_upside_down_does_not_cancel_the_other() {
        let sound = second(2, |n, channel| {
            if channel == 0 {
                tone(n)
            } else {
                -0.9 * tone(n)
            }
        });
        let expected: Vec<f32> = (0..SECOND).map(tone).collect();
        assert_eq!(mono(2, Channel::Mix, &sound), expected);
    }

    #[test]
    fn a_click_on_another_channel_does_not_interrupt_speech() {
        let click = |n: usize| f32::from((8_000..8_016).contains(&n));
        let sound = second(
            2,
            |n, channel| if channel == 0 { tone(n) } else { click(n) },
        );
        let expected: Vec<f32> = (0..SECOND).map(tone).collect();
        assert_eq!(mono(2, Channel::Mix, &sound), expected);
    }

    #[test]
    fn the_chosen_channel_is_delivered_alone() {
        let samples = [0.1, 0.2, f32::NAN, 0.4, f32::INFINITY, -7.0, 0.5];
        assert_eq!(mono(2, Channel::Only(1), &samples), [0.1, 0.0, 1.0]);
        assert_eq!(mono(2, Channel::Only(2), &samples), [0.2, 0.4, -1.0]);
    }

    #[test]
    fn a_channel_that_does_not_exist_counts_as_the_loudest() {
        let samples = second(2, |n, _| tone(n));
        assert_eq!(
            mono(2, Channel::Only(3), &samples),
            mono(2, Channel::Mix, &samples)
        );
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_samples(
            samples in prop::collection::vec(-1.0f32..1.0, 0..400),
            channels in 1u16..9,
            channel in prop::sample::select(
                vec![Channel::Mix, Channel::Only(1), Channel::Only(4)]
            ),
            chunk in 1usize..50,
        ) {
            let format = Format { rate: RATE, channels };
            let whole = mono(channels, channel, &samples);
            let mut pieces = Vec::new();
            let mut mono = Mono::new(format, channel);
            samples.chunks(chunk).for_each(|part| mono.push(part, &mut pieces));
            prop_assert_eq!(pieces.len(), samples.len() / usize::from(channels));
            prop_assert_eq!(&pieces, &whole);
        }
    }
}
