//! A speaker that writes all speech to one WAV file, at the pace at which a loudspeaker would play it.
//! The file holds what would have been heard so far, and can be read at any time, even after the
//! process was killed.

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
use crate::voice::gain::SharedGain;
use crate::voice::{OnClipEnd, Playback, PlaybackFlag, Speaker, VoiceError, devices};

/// The sample rate of the file in Hz, which is enough for any speech engine. The file is mono with 16
/// bits.
const RATE: u32 = 24_000;
/// The number of samples written at a time: 20 ms. Silencing a clip or changing the volume takes
/// effect with the next block.
const BLOCK: usize = RATE as usize / 50;

/// A speaker that writes to one WAV file.
pub struct WavSpeaker {
    clips: mpsc::Sender<Box<WavClip>>,
    gain: SharedGain,
    name: String,
}

struct WavClip {
    sound: AudioFile,
    end: EndNotifier,
    playback: PlaybackFlag,
}

impl WavSpeaker {
    /// Creates the file at `path`, or empties it if it exists.
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
        let file = File::create(path).map_err(|error| VoiceError::NotWritable {
            file: name.clone(),
            kind: error.kind(),
            words: error.to_string(),
        })?;
        let mut writer = WavWriter::new(BufWriter::new(file), spec)
            .map_err(|error| refused(error.to_string()))?;
        writer.flush().map_err(|error| refused(error.to_string()))?;
        Self::start(name, writer)
    }

    fn start(name: String, writer: WavWriter<BufWriter<File>>) -> Result<Self, VoiceError> {
        let (clips, received) = mpsc::channel();
        let gain = SharedGain::default();
        let worker = WavSpeakerWorker {
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
            .spawn(move || worker.run(&received));
        spawned.map_err(|error| VoiceError::CannotOpen {
            device: name.clone(),
            reason: error.to_string(),
        })?;
        Ok(Self { clips, gain, name })
    }
}

impl Speaker for WavSpeaker {
    fn play(&mut self, speech: Speech, on_end: OnClipEnd) -> Result<Playback, VoiceError> {
        let sound = AudioFile::from_bytes("speech", speech.bytes, RATE)?;
        let playback = Playback::default();
        let clip = Box::new(WavClip {
            sound,
            end: EndNotifier::new(on_end),
            playback: playback.flag(),
        });
        if let Err(SendError(clip)) = self.clips.send(clip) {
            clip.end.notify(Err(VoiceError::NoSpeaker));
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

/// Everything the writing thread owns.
struct WavSpeakerWorker {
    file: String,
    writer: WavWriter<BufWriter<File>>,
    /// The reason why the file cannot be written any more, which every later clip ends with.
    failure: Option<VoiceError>,
    gain: SharedGain,
    clips: VecDeque<WavClip>,
    /// The samples of the first clip that are decoded and not yet written.
    decoded: Vec<f32>,
    /// The time at which the next block would have been heard.
    due: Instant,
}

impl WavSpeakerWorker {
    fn run(mut self, received: &Receiver<Box<WavClip>>) {
        loop {
            let clip = if self.clips.is_empty() {
                received.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                received.recv_timeout(self.due.saturating_duration_since(Instant::now()))
            };
            match clip {
                Ok(clip) => self.push(*clip),
                Err(RecvTimeoutError::Timeout) => self.write_next(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    }

    fn push(&mut self, clip: WavClip) {
        if let Some(failure) = &self.failure {
            return clip.end.notify(Err(failure.clone()));
        }
        if self.clips.is_empty() {
            self.due = Instant::now() + duration(BLOCK);
        }
        self.clips.push_back(clip);
    }

    fn write_next(&mut self) {
        self.remove_silenced();
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
            .for_each(|clip| clip.end.notify(Err(failure.clone())));
        self.failure = Some(failure);
    }

    fn remove_silenced(&mut self) {
        if self
            .clips
            .front()
            .is_some_and(|clip| !clip.playback.is_alive())
        {
            self.decoded.clear();
        }
        self.clips.retain(|clip| clip.playback.is_alive());
    }

    /// Writes the block of the first clip that has been heard by now.
    fn write_block(&mut self) -> Result<(), hound::Error> {
        let Some(clip) = self.clips.front_mut() else {
            return Ok(());
        };
        let mut is_decoded = false;
        while self.decoded.len() < BLOCK && !is_decoded {
            // A clip that cannot be decoded to its end is played as far as it goes.
            is_decoded = !clip.sound.read(&mut self.decoded).unwrap_or(false);
        }
        let length = self.decoded.len().min(BLOCK);
        let loudest = self.gain.get() * f32::from(i16::MAX);
        for sample in self.decoded.drain(..length) {
            self.writer
                .write_sample((sample.clamp(-1.0, 1.0) * loudest) as i16)?;
        }
        self.writer.flush()?;
        self.due += duration(length);
        if is_decoded
            && self.decoded.is_empty()
            && let Some(clip) = self.clips.pop_front()
        {
            clip.end.notify(Ok(()));
        }
        Ok(())
    }
}

fn duration(samples: usize) -> Duration {
    Duration::from_secs_f64(samples as f64 / f64::from(RATE))
}

#[cfg(test)]
mod tests;
