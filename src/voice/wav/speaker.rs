//! A loudspeaker that writes all speech to one WAV, at the pace at which a loudspeaker would play it: the file holds what
//! would have been heard so far, and can be read at any time, even after the process was killed.

use std::collections::VecDeque;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SendError};
use std::thread;
use std::time::{Duration, Instant};

use hound::{SampleFormat, WavSpec, WavWriter};

use crate::narrator::Speech;
use crate::voice::decode::AudioFile;
use crate::voice::end_notifier::EndNotifier;
use crate::voice::gain::Gain;
use crate::voice::{OnClipEnd, Playback, PlaybackFlag, Speaker, VoiceError, devices};

/// Rate of the file in Hz, mono, 16 bit: enough for any speech engine.
const RATE: u32 = 24_000;
/// Sound written at a time: 20 ms. What is silenced or turned down is so from the next block on.
const BLOCK: usize = RATE as usize / 50;

/// Writes to one WAV file.
pub struct WavSpeaker {
    clips: mpsc::Sender<Box<Clip>>,
    gain: Gain,
    name: String,
}

struct Clip {
    sound: AudioFile,
    ending: EndNotifier,
    wanted: PlaybackFlag,
}

impl WavSpeaker {
    /// Creates (or empties) the file at `path`.
    pub fn create(path: &Path) -> Result<Self, VoiceError> {
        let name = path.display().to_string();
        let refused = |reason: String| VoiceError::File {
            file: name.clone(),
            reason,
        };
        let spec = WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let mut writer =
            WavWriter::create(path, spec).map_err(|error| refused(error.to_string()))?;
        writer.flush().map_err(|error| refused(error.to_string()))?;
        Self::start(name, writer)
    }

    fn start(name: String, writer: WavWriter<BufWriter<File>>) -> Result<Self, VoiceError> {
        let (clips, queue) = mpsc::channel();
        let gain = Gain::default();
        let playing = Playing {
            file: name.clone(),
            writer,
            failure: None,
            gain: gain.clone(),
            clips: VecDeque::new(),
            decoded: Vec::new(),
            due: Instant::now(),
        };
        let spawned = thread::Builder::new()
            .name("speaker".into())
            .spawn(move || playing.run(&queue));
        spawned.map_err(|error| VoiceError::CannotOpen {
            device: name.clone(),
            reason: error.to_string(),
        })?;
        Ok(Self { clips, gain, name })
    }
}

impl Speaker for WavSpeaker {
    fn play(&mut self, speech: Speech, ended: OnClipEnd) -> Result<Playback, VoiceError> {
        let sound = AudioFile::from_bytes("speech", speech.bytes, RATE)?;
        let playback = Playback::default();
        let clip = Box::new(Clip {
            sound,
            ending: EndNotifier::new(ended),
            wanted: playback.wanted(),
        });
        if let Err(SendError(clip)) = self.clips.send(clip) {
            clip.ending.tell(Err(VoiceError::NoSpeaker));
        }
        Ok(playback)
    }

    fn set_volume(&mut self, factor: f32) {
        self.gain.set(factor);
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

/// The thread's own.
struct Playing {
    file: String,
    writer: WavWriter<BufWriter<File>>,
    /// Why the file cannot be written any more: what every later clip ends with.
    failure: Option<VoiceError>,
    gain: Gain,
    clips: VecDeque<Clip>,
    /// Of the first clip, not yet written.
    decoded: Vec<f32>,
    /// When the next block has been heard.
    due: Instant,
}

impl Playing {
    fn run(mut self, queue: &Receiver<Box<Clip>>) {
        loop {
            let clip = if self.clips.is_empty() {
                queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                queue.recv_timeout(self.due.saturating_duration_since(Instant::now()))
            };
            match clip {
                Ok(clip) => self.queue(*clip),
                Err(RecvTimeoutError::Timeout) => self.go_on(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    }

    fn queue(&mut self, clip: Clip) {
        if let Some(failure) = &self.failure {
            return clip.ending.tell(Err(failure.clone()));
        }
        if self.clips.is_empty() {
            self.due = Instant::now() + block_length(BLOCK);
        }
        self.clips.push_back(clip);
    }

    fn go_on(&mut self) {
        self.drop_unwanted();
        let Err(error) = self.write_block() else {
            return;
        };
        let failure = VoiceError::File {
            file: self.file.clone(),
            reason: devices::cause(&error),
        };
        tracing::error!(error = %failure, "cannot write speech");
        self.decoded.clear();
        self.clips
            .drain(..)
            .for_each(|clip| clip.ending.tell(Err(failure.clone())));
        self.failure = Some(failure);
    }

    fn drop_unwanted(&mut self) {
        if self
            .clips
            .front()
            .is_some_and(|clip| !clip.wanted.is_wanted())
        {
            self.decoded.clear();
        }
        self.clips.retain(|clip| clip.wanted.is_wanted());
    }

    /// A block of the first clip has been heard: it goes into the file.
    fn write_block(&mut self) -> Result<(), hound::Error> {
        let Some(clip) = self.clips.front_mut() else {
            return Ok(());
        };
        let mut over = false;
        while self.decoded.len() < BLOCK && !over {
            // A clip that breaks off is heard as far as it goes.
            over = !clip.sound.read(&mut self.decoded).unwrap_or(false);
        }
        let length = self.decoded.len().min(BLOCK);
        let loudest = self.gain.get() * f32::from(i16::MAX);
        for sample in self.decoded.drain(..length) {
            self.writer
                .write_sample((sample.clamp(-1.0, 1.0) * loudest) as i16)?;
        }
        self.writer.flush()?;
        self.due += block_length(length);
        if over && self.decoded.is_empty() {
            self.clips
                .pop_front()
                .into_iter()
                .for_each(|clip| clip.ending.tell(Ok(())));
        }
        Ok(())
    }
}

fn block_length(samples: usize) -> Duration {
    Duration::from_secs_f64(samples as f64 / f64::from(RATE))
}

#[cfg(test)]
mod tests;
