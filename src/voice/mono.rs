//! Interleaved channels to one channel, by averaging.

/// Averages the channels of interleaved samples; frames may be cut anywhere between two calls.
#[derive(Debug)]
pub struct Mono {
    channels: u16,
    sum: f32,
    summed: u16,
}

impl Mono {
    /// For `channels` interleaved channels; 0 is taken for 1.
    pub fn new(channels: u16) -> Self {
        Self { channels: channels.max(1), sum: 0.0, summed: 0 }
    }

    /// Appends one sample to `into` for every whole frame; what is no number, or louder than full scale, is limited.
    pub fn push(&mut self, interleaved: &[f32], into: &mut Vec<f32>) {
        into.reserve(interleaved.len() / usize::from(self.channels) + 1);
        for &sample in interleaved {
            self.sum += limited(sample);
            self.summed += 1;
            if self.summed == self.channels {
                into.push(self.sum / f32::from(self.channels));
                (self.sum, self.summed) = (0.0, 0);
            }
        }
    }
}

/// −1…1; float files may hold infinities and NaN, which would spoil everything after them.
fn limited(sample: f32) -> f32 {
    if sample.is_nan() { 0.0 } else { sample.clamp(-1.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn channels_are_averaged_and_wild_values_limited() {
        let mut into = Vec::new();
        Mono::new(2).push(&[1.0, 0.0, f32::NAN, 0.5, f32::INFINITY, 7.0, 0.25], &mut into);
        assert_eq!(into, [0.5, 0.25, 1.0]);
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_samples(
            samples in prop::collection::vec(-1.0f32..1.0, 0..200),
            channels in 1u16..9,
            chunk in 1usize..50,
        ) {
            let (mut whole, mut pieces) = (Vec::new(), Vec::new());
            Mono::new(channels).push(&samples, &mut whole);
            let mut mono = Mono::new(channels);
            samples.chunks(chunk).for_each(|part| mono.push(part, &mut pieces));
            prop_assert_eq!(whole.len(), samples.len() / usize::from(channels));
            prop_assert_eq!(whole, pieces);
        }
    }
}
