//! What comes of several channels.

use std::f32::consts::TAU;

use proptest::prelude::*;
use rstest::rstest;

use super::*;

const RATE: u32 = 16_000;

fn mono(channels: u16, channel: Channel, interleaved: &[f32]) -> Vec<f32> {
    let mut into = Vec::new();
    Mono::new(
        Format {
            rate: RATE,
            channels,
        },
        channel,
    )
    .push(interleaved, &mut into);
    into
}

/// A second of a tone like a voice at −12 dB.
fn tone(n: usize) -> f32 {
    0.25 * (TAU * 220.0 * n as f32 / RATE as f32).sin()
}

/// Repeatable noise, −1…1.
fn noise(n: usize) -> f32 {
    let scrambled = (n as u32).wrapping_add(1).wrapping_mul(2_654_435_761);
    (scrambled ^ (scrambled >> 15)).wrapping_mul(2_246_822_519) as f32 / u32::MAX as f32 * 2.0 - 1.0
}

/// Interleaved frames of a second; `at` gives the sample of a channel.
fn second(channels: u16, at: impl Fn(usize, u16) -> f32) -> Vec<f32> {
    (0..RATE as usize)
        .flat_map(|n| {
            (0..channels)
                .map(|channel| at(n, channel))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Mean power from 100 ms on.
fn power(samples: &[f32]) -> f32 {
    let settled = &samples[RATE as usize / 10..];
    settled.iter().map(|sample| sample * sample).sum::<f32>() / settled.len() as f32
}

#[rstest]
#[case(2, 1)]
#[case(8, 0)]
#[case(8, 3)]
#[case(8, 7)]
fn speech_on_one_channel_of_several_is_as_loud_as_alone(
    #[case] channels: u16,
    #[case] speaking: u16,
) {
    let idle = |n: usize, channel: u16| 0.001 * noise(n * 8 + usize::from(channel));
    let heard = mono(
        channels,
        Channel::Mix,
        &second(channels, |n, channel| {
            if channel == speaking {
                tone(n)
            } else {
                idle(n, channel)
            }
        }),
    );
    let alone: Vec<f32> = (0..RATE as usize).map(tone).collect();
    let ratio = power(&heard) / power(&alone);
    assert!((0.97..1.03).contains(&ratio), "{ratio} of its power");
    let first: f32 = heard[..160].iter().map(|sample| sample * sample).sum();
    let whole: f32 = alone[..160].iter().map(|sample| sample * sample).sum();
    assert!(
        first > whole / 4.0,
        "no more than 6 dB of its first 10 ms are lost"
    );
}

#[test]
fn speech_goes_on_on_another_channel_without_being_lost() {
    let half = RATE as usize / 2;
    let heard = mono(
        4,
        Channel::Mix,
        &second(4, |n, channel| {
            if (channel == 0) == (n < half) && matches!(channel, 0 | 2) {
                tone(n)
            } else {
                0.0
            }
        }),
    );
    let (before, after) = heard.split_at(half);
    let ratio = power(after) / power(before);
    // The first channel is forgotten slowly: until then both are averaged, 6 dB down at most.
    assert!((0.2..1.1).contains(&ratio), "{ratio}");
}

#[test]
fn the_same_on_all_channels_stays_what_it_is() {
    let heard = mono(6, Channel::Mix, &second(6, |n, _| tone(n)));
    let worst = heard
        .iter()
        .enumerate()
        .map(|(n, sample)| (sample - tone(n)).abs())
        .fold(0.0, f32::max);
    assert!(worst < 1e-6, "off by {worst}");
}

#[test]
fn a_channel_that_is_upside_down_does_not_cancel_the_other() {
    let heard = mono(
        2,
        Channel::Mix,
        &second(2, |n, channel| {
            if channel == 0 {
                tone(n)
            } else {
                -0.9 * tone(n)
            }
        }),
    );
    assert!(power(&heard) > 0.9 * power(&(0..RATE as usize).map(tone).collect::<Vec<_>>()));
}

#[test]
fn a_click_on_another_channel_does_not_silence_speech() {
    let click = |n: usize| {
        if (8_000..8_016).contains(&n) {
            1.0
        } else {
            0.0
        }
    };
    let heard = mono(
        2,
        Channel::Mix,
        &second(
            2,
            |n, channel| if channel == 0 { tone(n) } else { click(n) },
        ),
    );
    assert!(
        power(&heard[8_100..]) > power(&heard[..8_000]) / 4.1,
        "6 dB are lost at most"
    );
}

#[test]
fn the_chosen_channel_is_heard_alone() {
    let samples = [0.1, 0.2, f32::NAN, 0.4, f32::INFINITY, -7.0, 0.5];
    assert_eq!(mono(2, Channel::Only(1), &samples), [0.1, 0.0, 1.0]);
    assert_eq!(mono(2, Channel::Only(2), &samples), [0.2, 0.4, -1.0]);
}

#[test]
fn a_channel_that_there_is_not_is_a_mix() {
    let samples = second(2, |n, _| tone(n));
    assert_eq!(
        mono(2, Channel::Only(3), &samples),
        mono(2, Channel::Mix, &samples)
    );
}

#[test]
fn wild_values_are_limited() {
    let heard = mono(1, Channel::Mix, &[f32::NAN, 0.5, f32::INFINITY, -7.0]);
    assert_eq!(heard, [0.0, 0.5, 1.0, -1.0]);
    let heard = mono(
        2,
        Channel::Mix,
        &[f32::NAN, f32::INFINITY, 3.0, f32::NEG_INFINITY, 0.5, 0.5],
    );
    assert!(heard.iter().all(|sample| sample.abs() <= 1.0), "{heard:?}");
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_samples(
        samples in prop::collection::vec(-1.0f32..1.0, 0..400),
        channels in 1u16..9,
        channel in prop::sample::select(vec![Channel::Mix, Channel::Only(1), Channel::Only(4)]),
        chunk in 1usize..50,
    ) {
        let format = Format { rate: RATE, channels };
        let (mut whole, mut pieces) = (Vec::new(), Vec::new());
        Mono::new(format, channel).push(&samples, &mut whole);
        let mut mono = Mono::new(format, channel);
        samples.chunks(chunk).for_each(|part| mono.push(part, &mut pieces));
        prop_assert_eq!(pieces.len(), samples.len() / usize::from(channels));
        prop_assert_eq!(&pieces, &whole);
        prop_assert!(whole.iter().all(|sample| sample.abs() <= 1.0));
    }
}
