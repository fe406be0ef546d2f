//! Speech as the device takes it, sample by sample.

use std::time::Duration;

use rodio::source::SeekError;
use rodio::{ChannelCount, Sample, SampleRate, Source};

use super::Sound;
use crate::voice::PlaybackFlag;
use crate::voice::gain::Gain;

/// As loud as the gain says, and at its end once it is no longer wanted: what follows it in the queue then comes at once.
pub struct Clip {
    sound: Sound,
    wanted: PlaybackFlag,
    gain: Gain,
}

impl Clip {
    /// Of what was decoded.
    pub fn new(sound: Sound, wanted: PlaybackFlag, gain: Gain) -> Self {
        Self {
            sound,
            wanted,
            gain,
        }
    }
}

impl Iterator for Clip {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        let sample = self
            .wanted
            .is_wanted()
            .then(|| self.sound.next())
            .flatten()?;
        Some(sample * self.gain.get())
    }
}

impl Source for Clip {
    fn current_span_len(&self) -> Option<usize> {
        if self.wanted.is_wanted() {
            self.sound.current_span_len()
        } else {
            Some(0)
        }
    }

    fn channels(&self) -> ChannelCount {
        self.sound.channels()
    }

    fn sample_rate(&self) -> SampleRate {
        self.sound.sample_rate()
    }

    fn total_duration(&self) -> Option<Duration> {
        self.sound.total_duration()
    }

    fn try_seek(&mut self, to: Duration) -> Result<(), SeekError> {
        self.sound.try_seek(to)
    }
}
