//! Speaking into and listening to the virtual sound card of scripts/with-sound-card.

use mock_interviewer::sync::lock;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

static SOUND_CARD: Mutex<()> = Mutex::new(());

/// Locks the only sound card, so that tests do not hear each other.
pub fn sound_card() -> MutexGuard<'static, ()> {
    lock(&SOUND_CARD)
}

/// Plays a recording into the microphone and returns at its end.
pub fn say_into_microphone(file: &str) {
    say_into("micbus", file);
}

fn say_into(bus: &str, file: &str) {
    let device = format!("--device={bus}");
    let status = Command::new("paplay")
        .args([&device, file])
        .status()
        .expect("paplay is installed");
    assert!(status.success(), "paplay {file}: {status}");
}

/// A second microphone that stays plugged in until it is dropped.
pub struct Plugged {
    name: String,
    /// The modules behind the microphone, in the order of unloading.
    modules: [String; 2],
}

impl Plugged {
    pub fn new(name: &str) -> Self {
        let sink = load(&[
            "module-null-sink",
            &format!("sink_name={name}bus"),
            "rate=44100",
            "channels=1",
        ]);
        let master = format!("master={name}bus.monitor");
        let described = format!("source_properties=device.description={name}");
        let source = load(&[
            "module-remap-source",
            &master,
            &format!("source_name={name}.source"),
            &described,
        ]);
        Self {
            name: name.to_owned(),
            modules: [source, sink],
        }
    }

    /// Plays a recording into this microphone.
    pub fn say(&self, file: &str) {
        say_into(&format!("{}bus", self.name), file);
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        for module in &self.modules {
            // In some versions unloading the first module unloads the second as well.
            let _ = Command::new("pactl")
                .args(["unload-module", module])
                .output();
        }
    }
}

/// Removes the sound card's microphone until the value is dropped.
pub struct NoMicrophone(());

impl NoMicrophone {
    pub fn new() -> Self {
        pactl(&["unload-module", "module-remap-source"]);
        Self(())
    }
}

impl Drop for NoMicrophone {
    fn drop(&mut self) {
        load(&[
            "module-remap-source",
            "master=micbus.monitor",
            "source_name=mic",
        ]);
        pactl(&["set-default-source", "mic"]);
    }
}

fn pactl(arguments: &[&str]) {
    let status = Command::new("pactl")
        .args(arguments)
        .status()
        .expect("pactl is installed");
    assert!(status.success(), "{arguments:?}: {status}");
}

/// Loads a module of the sound server and returns its number.
fn load(arguments: &[&str]) -> String {
    let output = Command::new("pactl")
        .arg("load-module")
        .args(arguments)
        .output()
        .expect("pactl is installed");
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout)
        .expect("a number")
        .trim()
        .to_owned()
}

/// Records what the speaker plays.
pub struct SpeakerMonitor {
    recorder: Child,
    /// The peak (0 to 1) of each recorded piece.
    peaks: Receiver<f32>,
}

impl SpeakerMonitor {
    /// Starts recording. Returns once the recorder delivers samples, so that nothing played afterwards is missed.
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
        let mut recorder = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("parec is installed");
        let mut sound = recorder.stdout.take().expect("it is piped");
        let (sender, peaks) = channel();
        thread::spawn(move || {
            let mut piece = [0; 3200];
            while sound.read_exact(&mut piece).is_ok() && sender.send(peak(&piece)).is_ok() {}
        });
        peaks
            .recv_timeout(Duration::from_secs(15))
            .expect("the loudspeaker's monitor delivers");
        Self { recorder, peaks }
    }

    /// Waits for sound with at least the given peak (0 to 1).
    pub fn wait_for_sound(&self, peak: f32) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut loudest = 0.0_f32;
        while loudest < peak {
            let left = deadline.saturating_duration_since(Instant::now());
            loudest = loudest.max(
                self.peaks
                    .recv_timeout(left)
                    .unwrap_or_else(|_| panic!("only {loudest} was heard, not {peak}")),
            );
            assert!(!left.is_zero(), "only {loudest} was heard, not {peak}");
        }
    }
}

impl Drop for SpeakerMonitor {
    fn drop(&mut self) {
        let _ = self.recorder.kill();
        let _ = self.recorder.wait();
    }
}

/// Returns the peak (0 to 1) of 16-bit samples.
fn peak(bytes: &[u8]) -> f32 {
    let samples = bytes
        .chunks_exact(2)
        .map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])).abs() / 32768.0);
    samples.fold(0.0, f32::max)
}
