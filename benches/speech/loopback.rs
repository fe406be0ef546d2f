//! Records what the virtual loudspeaker plays, with the time of each sample.

use mock_interviewer::sync::lock;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// The sample rate of the recording in Hz.
const RATE: f64 = 16_000.0;
/// The amplitude below which a sample is silence: 34 dB below full scale.
const SILENCE: f32 = 0.02;

/// A recorder of `speaker.monitor`, which `scripts/with-sound-card` creates.
pub struct LoopbackRecorder {
    recorder: Child,
    recording: Arc<Mutex<Recording>>,
}

#[derive(Default)]
struct Recording {
    samples: Vec<f32>,
    /// The time at which the first sample was played, estimated from the chunk that arrived with
    /// the least delay. The remaining delay makes times too late, never too early.
    start: Option<Instant>,
}

impl LoopbackRecorder {
    /// Starts recording, and returns once samples arrive.
    pub fn open() -> Self {
        let mut command = Command::new("parec");
        command.args([
            "--device=speaker.monitor",
            "--format=s16le",
            "--rate=16000",
            "--channels=1",
            "--raw",
        ]);
        let mut recorder = command
            .arg("--latency-msec=5")
            .stdout(Stdio::piped())
            .spawn()
            .expect("parec is installed");
        let mut sound = recorder.stdout.take().expect("it is piped");
        let recording = Arc::new(Mutex::new(Recording::default()));
        let loopback = Self {
            recorder,
            recording: recording.clone(),
        };
        thread::spawn(move || {
            let mut piece = [0; 64];
            while sound.read_exact(&mut piece).is_ok() {
                lock(&recording).add(&piece, Instant::now());
            }
        });
        while loopback.read(|recording| recording.samples.is_empty()) {
            thread::sleep(Duration::from_millis(1));
        }
        loopback
    }

    fn read<T>(&self, read: impl FnOnce(&Recording) -> T) -> T {
        read(&lock(&self.recording))
    }

    /// Waits for the first sound after `since` and returns its time.
    pub fn onset(&self, since: Instant) -> Instant {
        loop {
            if let Some(onset) = self.read(|recording| recording.loud_samples(since).next()) {
                return onset;
            }
            assert!(
                since.elapsed() < Duration::from_secs(20),
                "no sound was recorded"
            );
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Returns the time of the last sound after `since`, so far.
    pub fn last(&self, since: Instant) -> Option<Instant> {
        self.read(|recording| recording.loud_samples(since).last())
    }

    /// Returns the longest silence between two sounds after `since`, so far.
    pub fn longest_gap(&self, since: Instant) -> Duration {
        let loud: Vec<Instant> = self.read(|recording| recording.loud_samples(since).collect());
        loud.windows(2)
            .map(|pair| pair[1] - pair[0])
            .max()
            .unwrap_or_default()
    }
}

impl Drop for LoopbackRecorder {
    fn drop(&mut self) {
        let _ = self.recorder.kill();
        let _ = self.recorder.wait();
    }
}

impl Recording {
    fn add(&mut self, piece: &[u8], now: Instant) {
        let samples = piece
            .chunks_exact(2)
            .map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0);
        self.samples.extend(samples);
        let length = Duration::from_secs_f64(self.samples.len() as f64 / RATE);
        let start = now
            .checked_sub(length)
            .expect("the machine was started before the recorder");
        self.start = Some(self.start.map_or(start, |earlier| earlier.min(start)));
    }

    /// Returns the time of each sample from `since` on that is not silence.
    fn loud_samples(&self, since: Instant) -> impl Iterator<Item = Instant> {
        let start = self.start.unwrap_or(since);
        let first = (since.saturating_duration_since(start).as_secs_f64() * RATE) as usize;
        let loud = self
            .samples
            .iter()
            .enumerate()
            .skip(first)
            .filter(|(_, sample)| sample.abs() > SILENCE);
        loud.map(move |(at, _)| start + Duration::from_secs_f64(at as f64 / RATE))
    }
}
