//! A microphone that plays files: the next one with each press, in real time, followed by silence.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::voice::decode::AudioFile;
use crate::voice::{Microphone, SAMPLE_RATE, VoiceError};

/// The most sound delivered by one read, in case the whole machine was suspended.
const LONGEST_READ: Duration = Duration::from_secs(2);

/// A microphone that delivers silence, and with every press the next of its files.
pub struct WavMicrophone {
    files: std::vec::IntoIter<PathBuf>,
    first_name: String,
    /// The time at which the last delivered sample was due; `None` while the microphone is closed.
    delivered_until: Option<Instant>,
    playing: Option<AudioFile>,
    /// Samples that are decoded and not yet due.
    decoded: Vec<f32>,
    /// Samples that became due before the last press.
    backlog: Vec<f32>,
    failure: Option<VoiceError>,
}

impl WavMicrophone {
    /// Creates a microphone that plays one of `files` with each press. Fails if a file cannot be
    /// decoded.
    pub fn new(files: Vec<PathBuf>) -> Result<Self, VoiceError> {
        for file in &files {
            AudioFile::open(file, SAMPLE_RATE)?;
        }
        Ok(Self {
            first_name: files
                .first()
                .map_or_else(|| "silence".into(), |file| file.display().to_string()),
            files: files.into_iter(),
            delivered_until: None,
            playing: None,
            decoded: Vec::new(),
            backlog: Vec::new(),
            failure: None,
        })
    }

    fn press_at(&mut self, now: Instant) {
        let mut due = std::mem::take(&mut self.backlog);
        self.play_until(now, &mut due);
        self.backlog = due;
        self.decoded.clear();
        self.playing = self
            .files
            .next()
            .and_then(|file| self.keep_error(AudioFile::open(&file, SAMPLE_RATE)));
    }

    /// Appends the samples due since the last call.
    fn play_until(&mut self, now: Instant, into: &mut Vec<f32>) {
        let Some(from) = self.delivered_until else {
            return;
        };
        let elapsed = now.saturating_duration_since(from);
        let due = (elapsed.min(LONGEST_READ).as_secs_f64() * f64::from(SAMPLE_RATE)) as usize;
        // A fraction of a sample stays due, so that rounding does not add up to a slower clock.
        let whole = Duration::from_secs_f64(due as f64 / f64::from(SAMPLE_RATE));
        self.delivered_until = Some(if elapsed > LONGEST_READ {
            now
        } else {
            from + whole
        });
        self.decode(due);
        let sound = due.min(self.decoded.len());
        into.extend(self.decoded.drain(..sound));
        into.resize(into.len() + due - sound, 0.0);
    }

    fn decode(&mut self, wanted: usize) {
        while self.decoded.len() < wanted {
            let Some(file) = &mut self.playing else {
                return;
            };
            let more = file.read(&mut self.decoded);
            if !self.keep_error(more).unwrap_or(false) {
                self.playing = None;
            }
        }
    }

    /// Keeps an error for the next read.
    fn keep_error<T>(&mut self, outcome: Result<T, VoiceError>) -> Option<T> {
        outcome.map_err(|error| self.failure = Some(error)).ok()
    }
}

impl Microphone for WavMicrophone {
    fn open(&mut self) -> Result<(), VoiceError> {
        self.delivered_until = Some(Instant::now());
        Ok(())
    }

    fn press(&mut self) {
        self.press_at(Instant::now());
    }

    fn read(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError> {
        into.append(&mut self.backlog);
        self.play_until(Instant::now(), into);
        self.failure.take().map_or(Ok(()), Err)
    }

    fn close(&mut self) {
        self.delivered_until = None;
        self.playing = None;
        self.decoded.clear();
        self.backlog.clear();
    }

    fn name(&self) -> String {
        self.first_name.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn file(folder: &Path, name: &str, value: i16, samples: usize) -> PathBuf {
        let path = folder.join(name);
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 16_000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&path, spec).unwrap();
        (0..samples).for_each(|_| writer.write_sample(value).unwrap());
        writer.finalize().unwrap();
        path
    }

    #[test]
    fn each_press_plays_the_next_file_in_real_time_and_then_silence() {
        let folder = tempfile::tempdir().unwrap();
        let files = vec![
            file(folder.path(), "a.wav", 8_192, 1_600),
            file(folder.path(), "b.wav", 16_384, 1_600),
        ];
        let mut microphone = WavMicrophone::new(files).unwrap();
        let start = Instant::now();
        microphone.delivered_until = Some(start);
        let mut after = |milliseconds: u64, press: bool| {
            let now = start + Duration::from_millis(milliseconds);
            let mut delivered = std::mem::take(&mut microphone.backlog);
            microphone.play_until(now, &mut delivered);
            if press {
                microphone.press_at(now);
            }
            let sum: f32 = delivered.iter().sum();
            (delivered.len(), sum)
        };
        assert_eq!(after(100, true), (1_600, 0.0));
        assert_eq!(after(150, false), (800, 200.0));
        assert_eq!(after(300, true), (2_400, 200.0));
        assert_eq!(after(500, true), (3_200, 800.0));
        assert_eq!(after(600, false), (1_600, 0.0));
    }

    #[test]
    fn a_file_that_is_not_audio_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.wav");
        std::fs::write(&path, "not a recording").unwrap();
        let error = WavMicrophone::new(vec![path.clone()]).err().unwrap();
        let expected = format!("{}: this is a text file, no audio", path.display());
        assert_eq!(error.to_string(), expected);
    }
}
