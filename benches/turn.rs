//! What a person waits for in one spoken turn, measured on this machine: `make bench`.
//!
//! Each figure is printed with its minimum, median and maximum over a few runs. Machines differ and are noisy: compare
//! figures of one run with each other, not with those of another machine.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use mock_interviewer::app::action::TurnId;
use mock_interviewer::interview::Language;
use mock_interviewer::narrator::{Narrator, Speech};
use mock_interviewer::runtime::{QUEUE, SpeechOutput};
use mock_interviewer::voice::{
    Microphone, OnClipEnd, Playback, Recorder, RecorderEvent, Speaker, SpeechLanguage, Transcriber,
    TranscriberHandle, VoiceError, WavMicrophone, Whisper,
};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const RUNS: usize = 5;

fn main() {
    let model =
        std::env::var_os("MOCK_INTERVIEWER_BENCH_MODEL").map_or_else(toy_model, PathBuf::from);
    println!("model {}", model.display());
    report("start → first frame", first_frame);
    report("load the model", || load(&model).1);
    let (whisper, _) = load(&model);
    let transcriber = TranscriberHandle::spawn(
        move || Ok(Box::new(whisper) as Box<dyn Transcriber>),
        |_| {},
    );
    for file in ["short-en-6", "medium-en-1"] {
        let seconds = hound::WavReader::open(recording(file))
            .expect("a fixture")
            .duration()
            / 16_000;
        report(&format!("release → text, {seconds} s answer"), || {
            release_to_text(&transcriber, file)
        });
    }
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    report("first words of the reply → sound", || {
        runtime.block_on(first_sound())
    });
}

fn report(what: &str, mut measure: impl FnMut() -> Duration) {
    let mut times: Vec<Duration> = (0..RUNS).map(|_| measure()).collect();
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    println!(
        "{what:36} {:8.1} {:8.1} {:8.1} ms",
        ms(times[0]),
        ms(times[RUNS / 2]),
        ms(times[RUNS - 1])
    );
}

fn toy_model() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fixtures/toy-whisper.bin");
    assert!(
        path.exists(),
        "the test model is missing: run scripts/fixtures"
    );
    path
}

fn recording(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/speech")
        .join(format!("{name}.wav"))
}

fn load(model: &Path) -> (Whisper, Duration) {
    let start = Instant::now();
    let whisper = Whisper::load(model, None).expect("a good model");
    (whisper, start.elapsed())
}

/// From starting the program to the first topic on its screen.
fn first_frame() -> Duration {
    let home = tempfile::tempdir().expect("a temporary folder");
    let pty = native_pty_system()
        .openpty(PtySize {
            rows: 24,
            cols: 80,
            ..PtySize::default()
        })
        .expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_mock-interviewer"));
    command.args(["--offline", "--narrator", "none", "--data-dir"]);
    command.arg(home.path());
    let mut output = pty.master.try_clone_reader().expect("a readable terminal");
    let start = Instant::now();
    let mut child = pty
        .slave
        .spawn_command(command)
        .expect("the program starts");
    let (mut seen, mut block) = (String::new(), [0; 4096]);
    while !seen.contains("Backend") {
        let length = output.read(&mut block).expect("the program writes");
        seen.push_str(&String::from_utf8_lossy(&block[..length]));
    }
    let elapsed = start.elapsed();
    child.kill().expect("the program runs");
    child.wait().expect("the program ended");
    elapsed
}

/// A recording is spoken at its own pace; the time from the release of the key to the words.
fn release_to_text(transcriber: &TranscriberHandle, file: &str) -> Duration {
    let (heard, events) = mpsc::channel();
    let microphone: Box<dyn Microphone> =
        Box::new(WavMicrophone::new(vec![recording(file)]).expect("a fixture"));
    let level = tokio::sync::watch::channel(0.0).0;
    let tell = Arc::new(move |event| drop(heard.send(event)));
    let recorder = Recorder::spawn(microphone, Some(transcriber.clone()), level, tell);
    recorder.open();
    assert!(matches!(events.recv(), Ok(RecorderEvent::Opened(_))));
    recorder.press(1, SpeechLanguage::Only(Language::English));
    let reader = hound::WavReader::open(recording(file)).expect("a fixture");
    std::thread::sleep(Duration::from_secs_f64(
        f64::from(reader.duration()) / 16_000.0,
    ));
    let release = Instant::now();
    recorder.release(1);
    loop {
        match events.recv().expect("the recorder lives") {
            RecorderEvent::Transcribed(..) => return release.elapsed(),
            RecorderEvent::Recorded(..) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Notes when it is given the first sound.
struct Stopwatch(tokio::sync::mpsc::UnboundedSender<Instant>);

impl Speaker for Stopwatch {
    fn play(&mut self, _speech: Speech, ended: OnClipEnd) -> Result<Playback, VoiceError> {
        let _ = self.0.send(Instant::now());
        ended(Ok(()));
        Ok(Playback::default())
    }

    fn set_volume(&mut self, _factor: f32) {}

    fn name(&self) -> String {
        "stopwatch".into()
    }
}

async fn first_sound() -> Duration {
    let (played, mut times) = tokio::sync::mpsc::unbounded_channel();
    let (actions, _queue) = tokio::sync::mpsc::channel(QUEUE);
    let speech_output = SpeechOutput::start(
        Narrator::offline_default(),
        Box::new(Stopwatch(played)),
        actions,
    );
    let start = Instant::now();
    let text = "Thank you. What does an index cost?".to_owned();
    speech_output.speak(TurnId(1), Language::English, text);
    times.recv().await.expect("espeak-ng or say is installed") - start
}
