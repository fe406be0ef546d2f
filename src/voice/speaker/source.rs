//! A clip as the device takes it, sample by sample.

use std::io::Cursor;
use std::time::Duration;

use bytes::Bytes;
use rodio::source::SeekError;
use rodio::{ChannelCount, Decoder, Sample, SampleRate, Source};

use crate::voice::PlaybackFlag;
use crate::voice::gain::SharedGain;

/// A decoded clip at the current volume. It ends as soon as its playback is dropped, so that the
/// next clip in the queue follows at once.
pub struct SpeechSource {
    sound: Decoder<Cursor<Bytes>>,
    playback: PlaybackFlag,
    gain: SharedGain,
}

impl SpeechSource {
    pub fn new(sound: Decoder<Cursor<Bytes>>, playback: PlaybackFlag, gain: SharedGain) -> Self {
        Self {
            sound,
            playback,
            gain,
        }
    }
}

impl Iterator for SpeechSource {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        if !self.playback.is_alive() {
            return None;
        }
        let sample = self.sound.next()?;
        Some(sample * self.gain.get())
    }
}

impl Source for SpeechSource {
    fn current_span_len(&self) -> Option<usize> {
        if self.playback.is_alive() {
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
