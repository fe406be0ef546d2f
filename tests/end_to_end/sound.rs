//! The virtual sound card of scripts/with-sound-card: somebody speaks, somebody listens.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

static SOUND_CARD: Mutex<()> = Mutex::new(());

/// There is one sound card: who holds this has it alone, or would hear the other tests talk.
pub fn sound_card() -> MutexGuard<'static, ()> {
    SOUND_CARD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Speaks a recording into the microphone, and returns when it was said.
pub fn say_into_microphone(file: &str) {
    let status = Command::new("paplay").args(["--device=micbus", file]).status().expect("paplay is installed");
    assert!(status.success(), "paplay {file}: {status}");
}

/// Listens to the loudspeaker from its making on.
pub struct Ear {
    recorder: Child,
    /// Peak of each piece heard, 0…1.
    peaks: Receiver<f32>,
}

impl Ear {
    /// Returns when the recorder delivers, so that nothing said afterwards is lost.
    pub fn open() -> Self {
        let mut command = Command::new("parec");
        command.args([
            "--device=speaker.monitor",
            "--format=s16le",
            "--rate=16000",
            "--channels=1",
            "--raw",
            "--latency-msec=50",
        ]);
        let mut recorder = command.stdout(Stdio::piped()).spawn().expect("parec is installed");
        let mut sound = recorder.stdout.take().expect("it is piped");
        let (sender, peaks) = channel();
        thread::spawn(move || {
            let mut piece = [0; 3200];
            while sound.read_exact(&mut piece).is_ok() && sender.send(peak(&piece)).is_ok() {}
        });
        peaks.recv_timeout(Duration::from_secs(15)).expect("the loudspeaker's monitor delivers");
        Self { recorder, peaks }
    }

    /// Waits until something at least as loud as `peak` (0…1) is heard.
    pub fn wait_for_sound(&self, peak: f32) {
        let (deadline, mut loudest) = (Instant::now() + Duration::from_secs(30), 0.0_f32);
        while loudest < peak {
            let left = deadline.saturating_duration_since(Instant::now());
            loudest = loudest
                .max(self.peaks.recv_timeout(left).unwrap_or_else(|_| panic!("only {loudest} was heard, not {peak}")));
            assert!(!left.is_zero(), "only {loudest} was heard, not {peak}");
        }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let _ = self.recorder.kill();
        let _ = self.recorder.wait();
    }
}

/// The loudest of 16-bit samples, 0…1.
fn peak(bytes: &[u8]) -> f32 {
    let samples = bytes.chunks_exact(2).map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])).abs() / 32768.0);
    samples.fold(0.0, f32::max)
}
