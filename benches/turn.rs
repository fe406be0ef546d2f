//! The waits in one spoken turn, measured on this machine: `make bench`.
//!
//! Each figure is printed with its minimum, median and maximum. Machines differ and are noisy:
//! compare the figures of one run with each other, not with those of another machine.

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
/// The lengths in seconds of the answers that are spoken at their own pace.
const ANSWERS: [u64; 4] = [5, 10, 30, 120];

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
    answers(&transcriber);
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    report("first words of the reply → sound", || {
        runtime.block_on(first_sound())
    });
}

/// Prints the waits of answers of several lengths. Each is spoken once, since it takes as long as
/// it is.
fn answers(transcriber: &TranscriberHandle) {
    let mut first_partials = Vec::new();
    let mut intervals = Vec::new();
    for seconds in ANSWERS {
        let mut answer = speak(transcriber, seconds);
        first_partials.extend(answer.first_partial);
        intervals.append(&mut answer.intervals);
        print(
            &format!("release → text, {seconds} s answer"),
            vec![answer.release_to_text],
        );
    }
    print("start of an answer → first words", first_partials);
    print("between two updates of the text", intervals);
}

fn report(what: &str, mut measure: impl FnMut() -> Duration) {
    print(what, (0..RUNS).map(|_| measure()).collect());
}

fn print(what: &str, mut times: Vec<Duration>) {
    if times.is_empty() {
        println!("{what:36} not measured");
        return;
    }
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    println!(
        "{what:36} {:8.1} {:8.1} {:8.1} ms",
        ms(times[0]),
        ms(times[times.len() / 2]),
        ms(times[times.len() - 1])
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

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/speech")
        .join(name)
}

fn load(model: &Path) -> (Whisper, Duration) {
    let start = Instant::now();
    let whisper = Whisper::load(model, None).expect("a good model");
    (whisper, start.elapsed())
}

/// Returns the time from starting the program to the first topic on its screen.
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
    let mut seen = String::new();
    let mut block = [0; 4096];
    while !seen.contains("Backend") {
        let length = output.read(&mut block).expect("the program writes");
        seen.push_str(&String::from_utf8_lossy(&block[..length]));
    }
    let elapsed = start.elapsed();
    child.kill().expect("the program runs");
    child.wait().expect("the program ended");
    elapsed
}

/// The waits of a candidate who talks for `seconds` seconds.
struct SpokenAnswer {
    first_partial: Option<Duration>,
    /// The times between two updates of the text while the key is held.
    intervals: Vec<Duration>,
    release_to_text: Duration,
}

/// Plays the first `seconds` seconds of a long answer at their own pace into a recorder.
fn speak(transcriber: &TranscriberHandle, seconds: u64) -> SpokenAnswer {
    let (sender, events) = mpsc::channel();
    let file = fixture("long-en-120s.flac");
    let microphone: Box<dyn Microphone> =
        Box::new(WavMicrophone::new(vec![file]).expect("a fixture"));
    let level = tokio::sync::watch::channel(0.0).0;
    let notify = Arc::new(move |event| drop(sender.send((event, Instant::now()))));
    let recorder = Recorder::spawn(microphone, Some(transcriber.clone()), level, notify);
    recorder.open();
    assert!(matches!(events.recv(), Ok((RecorderEvent::Opened(_), _))));
    recorder.press(1, SpeechLanguage::Only(Language::English));
    let pressed = Instant::now();
    std::thread::sleep(Duration::from_secs(seconds));
    let released = Instant::now();
    recorder.release(1);
    let mut updates = Vec::new();
    loop {
        let (event, at) = events
            .recv()
            .expect("the recorder runs until it is dropped");
        match event {
            RecorderEvent::Partial(..) if at < released => updates.push(at),
            RecorderEvent::Partial(..) | RecorderEvent::Recorded(..) => {}
            RecorderEvent::Transcribed(..) => {
                return SpokenAnswer {
                    first_partial: updates.first().map(|first| *first - pressed),
                    intervals: updates.windows(2).map(|pair| pair[1] - pair[0]).collect(),
                    release_to_text: at - released,
                };
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A loudspeaker that reports when it is given a clip.
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
