//! The time until the interviewer can be heard, and until it is silent: `make bench`.
//!
//! The file speaker is measured everywhere; the loudspeaker needs the virtual sound card of
//! `scripts/with-sound-card`, which records what is played.

#[path = "speech/loopback.rs"]
mod loopback;

use std::path::Path;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use loopback::LoopbackRecorder;
use mock_interviewer::app::action::{Action, SpeechEvent, TurnId};
use mock_interviewer::interview::Language;
use mock_interviewer::narrator::Narrator;
use mock_interviewer::narrator::command::CommandNarrator;
use mock_interviewer::runtime::{QUEUE, SpeechCommand, SpeechOutput};
use mock_interviewer::voice::{DeviceSpeaker, SharedDevicePreference, Speaker, WavSpeaker};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

const RUNS: u64 = 20;
/// The time after which an interruption has taken effect everywhere.
const SETTLED: Duration = Duration::from_millis(400);

fn main() {
    let runtime = Runtime::new().expect("threads can be started");
    let _guard = runtime.enter();
    let folder = tempfile::tempdir().expect("a temporary folder");
    file_speaker(folder.path());
    if std::env::var_os("MOCK_INTERVIEWER_TEST_SOUND").is_some() {
        loudspeaker(folder.path());
    } else {
        println!("the loudspeaker is measured under scripts/with-sound-card");
    }
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let ms = |share: usize| {
        times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1_000.0
    };
    println!(
        "{what:52} p50 {:7.1}  p95 {:7.1}  max {:7.1} ms",
        ms(50),
        ms(95),
        ms(100)
    );
}

/// Returns a narrator that plays a tone for every sentence.
fn tone(folder: &Path, seconds: f32) -> Narrator {
    let file = folder.join(format!("{seconds}.wav"));
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 22_050,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&file, spec).expect("a writable folder");
    for n in 0..(seconds * 22_050.0) as usize {
        let sample = (n as f32 * 1_000.0 / 22_050.0 * std::f32::consts::TAU).sin();
        writer
            .write_sample((sample * 16_000.0) as i16)
            .expect("a writable folder");
    }
    writer.finalize().expect("a writable folder");
    Narrator::Command(CommandNarrator::new(vec![
        "cat".into(),
        file.display().to_string(),
    ]))
}

/// The port to the loudspeaker, with the actions that come out of it.
struct SpeechSession {
    speech_output: SpeechOutput,
    actions: mpsc::Receiver<Action>,
    turn: u64,
}

impl SpeechSession {
    fn new(narrator: Narrator, speaker: Box<dyn Speaker>) -> Self {
        let (sender, actions) = mpsc::channel(QUEUE);
        Self {
            speech_output: SpeechOutput::start(narrator, speaker, sender),
            actions,
            turn: 0,
        }
    }

    fn with_loudspeaker(narrator: Narrator) -> Self {
        Self::new(
            narrator,
            Box::new(
                DeviceSpeaker::new(SharedDevicePreference::default(), Arc::new(|_| ()))
                    .expect("threads can be started"),
            ),
        )
    }

    /// Speaks a text and returns the time at which its last sentence was complete.
    fn say(&mut self, text: &str) -> Instant {
        self.turn += 1;
        let turn = TurnId(self.turn);
        let end = Instant::now();
        self.speech_output
            .speak(turn, Language::English, text.to_owned());
        end
    }

    fn interrupt(&mut self) -> Instant {
        let now = Instant::now();
        self.speech_output
            .send(SpeechCommand::Silence(TurnId(self.turn)));
        now
    }

    /// Waits until the reply was spoken to its end.
    fn wait_for_end(&mut self) {
        while !matches!(
            self.actions
                .blocking_recv()
                .expect("the speech task is running"),
            Action::Speech(SpeechEvent::Ended { turn: _ })
        ) {}
    }
}

fn file_speaker(folder: &Path) {
    let file = folder.join("speech.wav");
    let open = || Box::new(WavSpeaker::create(&file).expect("a writable folder"));
    let narrator = Narrator::offline_default();
    let onset = |_| {
        let mut session = SpeechSession::new(narrator.clone(), open());
        let end = session.say("Thank you.");
        grown(&file, 0);
        end.elapsed()
    };
    report(
        "sentence's end → sound, file",
        (0..RUNS).map(onset).collect(),
    );

    let mut session = SpeechSession::new(tone(folder, 30.0), open());
    let silence = |run| {
        let before = length(&file);
        session.say("Tone.");
        grown(&file, before);
        sleep(uneven(run));
        last_growth(&file, session.interrupt())
    };
    report(
        "interrupt → silence, file",
        (0..RUNS).map(silence).collect(),
    );
}

/// Returns a time that differs between runs, so that interruptions fall on different places of a
/// buffer.
fn uneven(run: u64) -> Duration {
    Duration::from_millis(200 + 7 * run)
}

/// Returns the number of samples in the file, whose header is correct at any time.
fn length(file: &Path) -> u32 {
    hound::WavReader::open(file)
        .expect("a file with a true header")
        .duration()
}

fn grown(file: &Path, before: u32) {
    while length(file) == before {
        sleep(Duration::from_millis(1));
    }
}

/// Returns the time from `since` to the moment the file grew last.
fn last_growth(file: &Path, since: Instant) -> Duration {
    let (mut last, mut before) = (Duration::ZERO, length(file));
    while since.elapsed() < SETTLED {
        let now = length(file);
        if now > before {
            (last, before) = (since.elapsed(), now);
        }
    }
    last
}

fn loudspeaker(folder: &Path) {
    let loopback = LoopbackRecorder::open();
    let narrator = Narrator::offline_default();
    let onset = |expected: bool| {
        let mut session = SpeechSession::with_loudspeaker(narrator.clone());
        if expected {
            session.speech_output.send(SpeechCommand::Prepare);
        }
        sleep(SETTLED);
        let end = session.say("Thank you.");
        let onset = loopback.onset(end) - end;
        session.interrupt();
        sleep(SETTLED);
        onset
    };
    report(
        "sentence's end → sound, loudspeaker closed",
        (0..RUNS).map(|_| onset(false)).collect(),
    );
    report(
        "sentence's end → sound, loudspeaker expecting it",
        (0..RUNS).map(|_| onset(true)).collect(),
    );

    let mut session = SpeechSession::with_loudspeaker(tone(folder, 30.0));
    let silence = |run| {
        let begun = session.say("Tone.");
        loopback.onset(begun);
        sleep(uneven(run));
        let interrupt = session.interrupt();
        sleep(SETTLED);
        loopback
            .last(begun)
            .expect("the tone was recorded")
            .saturating_duration_since(interrupt)
    };
    report(
        "interrupt → silence, loudspeaker",
        (0..RUNS).map(silence).collect(),
    );

    let mut session = SpeechSession::with_loudspeaker(tone(folder, 0.5));
    let gap = |_| {
        let begun = session.say("One. Two. Three. Four.");
        session.wait_for_end();
        sleep(SETTLED);
        loopback.longest_gap(begun)
    };
    report(
        "silence between sentences, loudspeaker",
        (0..RUNS / 4).map(gap).collect(),
    );
}
