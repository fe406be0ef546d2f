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
use crate::voice::ending::Ending;
use crate::voice::{Ended, Speaker, VoiceError, devices};

/// Rate of the file in Hz, mono, 16 bit: enough for any speech engine.
const RATE: u32 = 24_000;
/// Sound written at a time: 50 ms.
const BLOCK: usize = RATE as usize / 20;

/// Writes to one WAV file.
pub struct WavSpeaker {
    commands: mpsc::Sender<Command>,
    name: String,
}

enum Command {
    Play(Box<Clip>),
    Stop,
}

struct Clip {
    sound: AudioFile,
    ending: Ending,
}

impl WavSpeaker {
    /// Creates (or empties) the file at `path`.
    pub fn create(path: &Path) -> Result<Self, VoiceError> {
        let name = path.display().to_string();
        let refused = |reason: String| VoiceError::File { file: name.clone(), reason };
        let spec = WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut writer = WavWriter::create(path, spec).map_err(|error| refused(error.to_string()))?;
        writer.flush().map_err(|error| refused(error.to_string()))?;
        Self::start(name, writer)
    }

    fn start(name: String, writer: WavWriter<BufWriter<File>>) -> Result<Self, VoiceError> {
        let (commands, queue) = mpsc::channel();
        let playing = Playing {
            file: name.clone(),
            writer,
            failure: None,
            clips: VecDeque::new(),
            decoded: Vec::new(),
            due: Instant::now(),
        };
        let spawned = thread::Builder::new().name("speaker".into()).spawn(move || playing.run(&queue));
        spawned.map_err(|error| VoiceError::CannotOpen { device: name.clone(), reason: error.to_string() })?;
        Ok(Self { commands, name })
    }
}

impl Speaker for WavSpeaker {
    fn play(&mut self, speech: Speech, ended: Ended) -> Result<(), VoiceError> {
        let sound = AudioFile::from_bytes("speech", speech.bytes, RATE)?;
        let clip = Box::new(Clip { sound, ending: Ending::new(ended) });
        if let Err(SendError(Command::Play(clip))) = self.commands.send(Command::Play(clip)) {
            clip.ending.tell(Err(VoiceError::NoSpeaker));
        }
        Ok(())
    }

    fn stop(&mut self) {
        // Fails only when the thread has ended, and then nothing plays.
        let _ = self.commands.send(Command::Stop);
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
    clips: VecDeque<Clip>,
    /// Of the first clip, not yet written.
    decoded: Vec<f32>,
    /// When the next block has been heard.
    due: Instant,
}

impl Playing {
    fn run(mut self, queue: &Receiver<Command>) {
        loop {
            let command = if self.clips.is_empty() {
                queue.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                queue.recv_timeout(self.due.saturating_duration_since(Instant::now()))
            };
            match command {
                Ok(Command::Play(clip)) => self.queue(*clip),
                Ok(Command::Stop) => self.silence(),
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

    fn silence(&mut self) {
        self.decoded.clear();
        self.clips.clear();
    }

    fn go_on(&mut self) {
        let Err(error) = self.write_block() else { return };
        let failure = VoiceError::File { file: self.file.clone(), reason: devices::cause(&error) };
        tracing::error!(error = %failure, "cannot write speech");
        self.decoded.clear();
        self.clips.drain(..).for_each(|clip| clip.ending.tell(Err(failure.clone())));
        self.failure = Some(failure);
    }

    /// A block of the first clip has been heard: it goes into the file.
    fn write_block(&mut self) -> Result<(), hound::Error> {
        let Some(clip) = self.clips.front_mut() else { return Ok(()) };
        let mut over = false;
        while self.decoded.len() < BLOCK && !over {
            // A clip that breaks off is heard as far as it goes.
            over = !clip.sound.read(&mut self.decoded).unwrap_or(false);
        }
        let length = self.decoded.len().min(BLOCK);
        for sample in self.decoded.drain(..length) {
            self.writer.write_sample((sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)) as i16)?;
        }
        self.writer.flush()?;
        self.due += block_length(length);
        if over && self.decoded.is_empty() {
            self.clips.pop_front().into_iter().for_each(|clip| clip.ending.tell(Ok(())));
        }
        Ok(())
    }
}

fn block_length(samples: usize) -> Duration {
    Duration::from_secs_f64(samples as f64 / f64::from(RATE))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::narrator::AudioFormat;

    fn speech(seconds: f64) -> Speech {
        let spec = WavSpec { channels: 1, sample_rate: 22_050, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
        (0..(seconds * 22_050.0) as usize).for_each(|n| writer.write_sample(i16::from(n as u8) * 100).unwrap());
        writer.finalize().unwrap();
        Speech { bytes: bytes.into_inner().into(), format: AudioFormat::Wav }
    }

    fn seconds(path: &Path) -> f64 {
        f64::from(hound::WavReader::open(path).unwrap().duration()) / f64::from(RATE)
    }

    #[test]
    fn clips_follow_each_other_and_end_when_they_were_heard() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut speaker = WavSpeaker::create(file.path()).unwrap();
        assert!(seconds(file.path()) < 1e-9, "an empty file has a valid header");
        let (tell, ended) = mpsc::channel();
        let start = Instant::now();
        for name in ["first", "second"] {
            let tell = tell.clone();
            speaker.play(speech(0.2), Box::new(move |outcome| tell.send((name, outcome.is_ok())).unwrap())).unwrap();
        }
        assert_eq!((ended.recv(), ended.recv()), (Ok(("first", true)), Ok(("second", true))));
        assert!(start.elapsed() >= Duration::from_millis(399), "{:?}", start.elapsed());
        assert!((seconds(file.path()) - 0.4).abs() < 1e-3, "{}", seconds(file.path()));
    }

    #[test]
    fn stop_leaves_only_what_was_heard_in_the_file_and_ends_every_clip() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut speaker = WavSpeaker::create(file.path()).unwrap();
        let (tell, ended) = mpsc::channel();
        for name in ["first", "second"] {
            let tell = tell.clone();
            speaker.play(speech(60.0), Box::new(move |outcome| tell.send((name, outcome.is_ok())).unwrap())).unwrap();
        }
        speaker.stop();
        assert_eq!((ended.recv(), ended.recv()), (Ok(("first", true)), Ok(("second", true))));
        assert!(seconds(file.path()) < 5.0);
    }

    #[test]
    fn what_is_no_sound_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut speaker = WavSpeaker::create(file.path()).unwrap();
        let noise = Speech { bytes: "no sound".into(), format: AudioFormat::Wav };
        assert!(speaker.play(noise, Box::new(drop)).is_err());
    }

    #[cfg(target_os = "linux")]
    const FULL: &str = "answers.wav: No space left on device (os error 28)";

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_ends_every_clip_with_the_reason() {
        let spec = WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
        // Its header stays in the buffer, and the first block fails.
        let writer = WavWriter::create("/dev/full", spec).unwrap();
        let speaker = WavSpeaker::start("answers.wav".into(), writer).unwrap();
        let (tell, ended) = mpsc::channel();
        let play = |mut speaker: WavSpeaker| {
            let tell = tell.clone();
            speaker.play(speech(0.2), Box::new(move |outcome| tell.send(outcome).unwrap())).unwrap();
            speaker
        };
        let speaker = play(play(speaker));
        let why = || ended.recv().unwrap().unwrap_err().to_string();
        assert_eq!((why(), why()), (FULL.to_owned(), FULL.to_owned()));
        play(speaker);
        assert_eq!(why(), FULL);
    }
}
