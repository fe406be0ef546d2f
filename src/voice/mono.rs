//! Interleaved channels to one: the one that was chosen, or a mix of those that carry the signal.
//!
//! The rule of the mix, frame by frame:
//! 1. The power of each channel is followed, up within `RISE` and down within `FALL`: through the pauses of a sentence
//!    it stays what it was, and a click is no speech.
//! 2. A channel takes part while its power is within `QUIET` of the loudest's: speech on one channel of eight is as loud
//!    as if there were no others, and their noise is left out.
//! 3. A channel that goes down where the loudest goes up takes no part: the second capsule of some laptops is wired so,
//!    and the two would cancel each other.
//! 4. Those that take part are averaged. A channel fades in and out within `FADE`, so that nothing clicks.
//!
//! Each frame depends on those before it alone, so any chunking gives the same samples.

use super::Format;
use crate::config::Channel;

/// Seconds.
const RISE: f32 = 0.05;
/// Seconds.
const FALL: f32 = 1.0;
/// Seconds.
const FADE: f32 = 0.002;
/// Of powers: 20 dB. Two capsules of one microphone differ by a few, an idle input from speech by 30 and more.
const QUIET: f32 = 0.01;
/// Of powers: another channel becomes the loudest once it is 3 dB louder, or two alike would change places for ever.
const LOUDER: f32 = 2.0;
/// Correlation from which on a channel is the loudest upside down.
const UPSIDE_DOWN: f32 = -0.5;
/// Powers below this are silence (−150 dB), and slow to calculate with long before they are 0.
const SILENCE: f32 = 1e-15;

/// Makes one channel of interleaved ones; frames may be cut anywhere between two calls.
#[derive(Debug)]
pub struct Mono(Rule);

#[derive(Debug)]
enum Rule {
    /// One of `channels`, counted from 0.
    Only(Only),
    Mix(Mix),
}

impl Mono {
    /// Of sound in this format. A channel that there is not is taken for [`Channel::Mix`], 0 channels for one.
    pub fn new(format: Format, channel: Channel) -> Self {
        let channels = format.channels.max(1);
        Self(match channel {
            Channel::Only(number) if (1..=channels).contains(&number) => Rule::Only(Only {
                channel: number - 1,
                channels,
                next: 0,
                sample: 0.0,
            }),
            _ if channels == 1 => Rule::Only(Only {
                channel: 0,
                channels,
                next: 0,
                sample: 0.0,
            }),
            _ => Rule::Mix(Mix::new(usize::from(channels), format.rate as f32)),
        })
    }

    /// Appends one sample to `into` for every whole frame; what is no number, or louder than full scale, is limited.
    pub fn push(&mut self, interleaved: &[f32], into: &mut Vec<f32>) {
        match &mut self.0 {
            Rule::Mix(mix) => mix.push(interleaved, into),
            Rule::Only(only) => only.push(interleaved, into),
        }
    }
}

/// One of `channels`, counted from 0.
#[derive(Debug)]
struct Only {
    channel: u16,
    channels: u16,
    /// Whose sample comes next.
    next: u16,
    /// Of a frame that is not whole yet.
    sample: f32,
}

impl Only {
    fn push(&mut self, interleaved: &[f32], into: &mut Vec<f32>) {
        into.reserve(interleaved.len() / usize::from(self.channels) + 1);
        for &sample in interleaved {
            if self.next == self.channel {
                self.sample = limited(sample);
            }
            self.next = (self.next + 1) % self.channels;
            if self.next == 0 {
                into.push(self.sample);
            }
        }
    }
}

/// See the top of this file.
#[derive(Debug)]
struct Mix {
    frame: Vec<f32>,
    channels: Vec<Followed>,
    loudest: usize,
    rise: f32,
    fall: f32,
    fade: f32,
}

/// What is known of a channel.
#[derive(Clone, Copy, Debug)]
struct Followed {
    /// Quick up, slow down.
    power: f32,
    /// Of the last [`RISE`].
    mean: f32,
    /// With the loudest, in the last [`RISE`].
    product: f32,
    /// 0…1.
    weight: f32,
}

impl Mix {
    fn new(channels: usize, rate: f32) -> Self {
        let share = |seconds: f32| 1.0 - (-1.0 / (seconds * rate.max(1.0))).exp();
        let start = Followed {
            power: 0.0,
            mean: 0.0,
            product: 0.0,
            weight: 1.0,
        };
        Self {
            frame: Vec::with_capacity(channels),
            channels: vec![start; channels],
            loudest: 0,
            rise: share(RISE),
            fall: share(FALL),
            fade: share(FADE),
        }
    }

    fn push(&mut self, interleaved: &[f32], into: &mut Vec<f32>) {
        into.reserve(interleaved.len() / self.channels.len() + 1);
        for &sample in interleaved {
            self.frame.push(limited(sample));
            if self.frame.len() == self.channels.len() {
                into.push(self.mixed());
                self.frame.clear();
            }
        }
    }

    /// The sample of a whole frame.
    fn mixed(&mut self) -> f32 {
        self.follow();
        let loudest = self.channels[self.loudest];
        let (mut sum, mut weights) = (0.0, 0.0);
        for (channel, sample) in self.channels.iter_mut().zip(&self.frame) {
            let part = if channel.takes_part(&loudest) {
                1.0
            } else {
                0.0
            };
            channel.weight += (part - channel.weight) * self.fade;
            sum += channel.weight * sample;
            weights += channel.weight;
        }
        // The weights are 1 in all at least: the loudest always takes part, and faded in while others faded out.
        (sum / weights).clamp(-1.0, 1.0)
    }

    fn follow(&mut self) {
        let reference = self.frame[self.loudest];
        for (channel, &sample) in self.channels.iter_mut().zip(&self.frame) {
            let power = sample * sample;
            let share = if power > channel.power {
                self.rise
            } else {
                self.fall
            };
            channel.power = audible(channel.power + (power - channel.power) * share);
            channel.mean = audible(channel.mean + (power - channel.mean) * self.rise);
            channel.product += (sample * reference - channel.product) * self.rise;
            if channel.product.abs() < SILENCE {
                channel.product = 0.0;
            }
        }
        let least = self.channels[self.loudest].power * LOUDER;
        let louder = self
            .channels
            .iter()
            .enumerate()
            .filter(|(_, channel)| channel.power > least);
        if let Some((index, _)) = louder.max_by(|(_, a), (_, b)| a.power.total_cmp(&b.power)) {
            self.loudest = index;
            // Correlations with another channel say nothing about this one.
            self.channels
                .iter_mut()
                .for_each(|channel| channel.product = 0.0);
        }
    }
}

impl Followed {
    fn takes_part(&self, loudest: &Self) -> bool {
        self.power >= loudest.power * QUIET
            && self.product >= UPSIDE_DOWN * (self.mean * loudest.mean).sqrt()
    }
}

fn audible(power: f32) -> f32 {
    if power < SILENCE { 0.0 } else { power }
}

/// −1…1; float files may hold infinities and NaN, which would spoil everything after them.
fn limited(sample: f32) -> f32 {
    if sample.is_nan() {
        0.0
    } else {
        sample.clamp(-1.0, 1.0)
    }
}

#[cfg(test)]
mod tests;
