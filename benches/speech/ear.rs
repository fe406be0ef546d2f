//! Listens to what the virtual loudspeaker plays, with a clock.

use mock_interviewer::sync::lock;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Samples a second of the recording.
const RATE: f64 = 16_000.0;
/// Quieter is silence: 34 dB below the loudest.
const SILENCE: f32 = 0.02;

/// A recorder of `speaker.monitor`, see `scripts/with-sound-card`.
pub struct Ear {
    recorder: Child,
    heard: Arc<Mutex<Recording>>,
}

#[derive(Default)]
struct Recording {
    samples: Vec<f32>,
    /// When the first sample was played: no later than any piece's arrival says. What remains of the recorder's delay
    /// makes times too late, never too early.
    start: Option<Instant>,
}

impl Ear {
    /// Returns when it hears.
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
        let heard = Arc::new(Mutex::new(Recording::default()));
        let ear = Self {
            recorder,
            heard: heard.clone(),
        };
        thread::spawn(move || {
            let mut piece = [0; 64];
            while sound.read_exact(&mut piece).is_ok() {
                lock(&heard).add(&piece, Instant::now());
            }
        });
        while ear.recording(|recording| recording.samples.is_empty()) {
            thread::sleep(Duration::from_millis(1));
        }
        ear
    }

    fn recording<T>(&self, read: impl FnOnce(&Recording) -> T) -> T {
        read(&lock(&self.heard))
    }

    /// Waits for the first sound after `since`; when it was heard.
    pub fn onset(&self, since: Instant) -> Instant {
        loop {
            if let Some(onset) = self.recording(|heard| heard.loud(since).next()) {
                return onset;
            }
            assert!(
                since.elapsed() < Duration::from_secs(20),
                "nothing is heard"
            );
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// The last sound after `since`, by now.
    pub fn last(&self, since: Instant) -> Option<Instant> {
        self.recording(|heard| heard.loud(since).last())
    }

    /// The longest silence between two sounds after `since`, by now.
    pub fn longest_gap(&self, since: Instant) -> Duration {
        let loud: Vec<Instant> = self.recording(|heard| heard.loud(since).collect());
        loud.windows(2)
            .map(|pair| pair[1] - pair[0])
            .max()
            .unwrap_or_default()
    }
}

impl Drop for Ear {
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

    /// When each sample that is no silence was heard, from `since` on.
    fn loud(&self, since: Instant) -> impl Iterator<Item = Instant> {
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
