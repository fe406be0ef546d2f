//! Tests words that begin before the talk key goes down and end after it came up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use mock_interviewer::interview::Language;
use mock_interviewer::voice::decode::AudioFile;
use mock_interviewer::voice::{Microphone, Recorder, RecorderEvent, SpeechLanguage, VoiceError};
use rstest::rstest;

use crate::voice::{recording, transcriber, transcript};

/// The longest wait for an event, which only turns a hang into a failure.
const DEADLINE: Duration = Duration::from_mins(1);
/// The number of samples spoken before the press and after the release: 50 ms.
const OUTSIDE: usize = 800;
/// Samples louder than this are speech in a recording without noise (−40 dB).
const SPEECH: f32 = 0.01;

/// A microphone that delivers speech before the press, while the key is down and after the release.
struct Overlapping {
    before: Vec<f32>,
    during: Vec<f32>,
    after: Vec<f32>,
    pressed: bool,
    released: Arc<AtomicBool>,
    delivered: mpsc::Sender<Part>,
}

#[derive(Debug, PartialEq)]
enum Part {
    Before,
    During,
}

impl Microphone for Overlapping {
    fn open(&mut self) -> Result<(), VoiceError> {
        Ok(())
    }

    fn press(&mut self) {
        self.pressed = true;
    }

    fn read(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError> {
        if !self.before.is_empty() {
            into.append(&mut self.before);
            self.delivered.send(Part::Before).expect("the test waits");
        } else if self.pressed && !self.during.is_empty() {
            into.append(&mut self.during);
            self.delivered.send(Part::During).expect("the test waits");
        } else if self.released.load(Ordering::Relaxed) {
            into.append(&mut self.after);
            into.extend([0.0; 800]);
        }
        Ok(())
    }

    fn close(&mut self) {}

    fn name(&self) -> String {
        "overlapping".into()
    }
}

/// Cuts a recording 50 ms into its first word and 50 ms before the end of its last, and puts silence
/// before it.
fn parts(name: &str) -> [Vec<f32>; 3] {
    let mut samples = Vec::new();
    let mut audio = AudioFile::open(&recording(name), 16_000).unwrap();
    while audio.read(&mut samples).unwrap() {}
    let is_speech = |sample: &f32| sample.abs() > SPEECH;
    let start = samples.iter().position(is_speech).unwrap();
    let end = samples.iter().rposition(is_speech).unwrap();
    let quiet = vec![0.0; 16_000];
    let before = [&quiet, &samples[..start + OUTSIDE]].concat();
    [
        before,
        samples[start + OUTSIDE..end - OUTSIDE].to_vec(),
        samples[end - OUTSIDE..=end].to_vec(),
    ]
}

#[rstest]
#[case("short-en-1", Language::English)]
#[case("short-en-2", Language::English)]
#[case("short-en-4", Language::English)]
#[case("short-en-5", Language::English)]
#[case("korean-ko-1", Language::Korean)]
fn a_word_begun_50_ms_before_the_key_and_one_that_ends_50_ms_after_it_are_in_the_text(
    #[case] name: &str,
    #[case] language: Language,
) {
    let [before, during, after] = parts(name);
    let (delivered, parts) = mpsc::channel();
    let released = Arc::new(AtomicBool::new(false));
    let microphone = Overlapping {
        before,
        during,
        after,
        pressed: false,
        released: released.clone(),
        delivered,
    };
    let (sender, events) = mpsc::channel();
    let sender = Mutex::new(sender);
    let on_event = Arc::new(move |event| sender.lock().unwrap().send(event).unwrap());
    let level = tokio::sync::watch::channel(0.0).0;
    let recorder = Recorder::spawn(Box::new(microphone), Some(transcriber()), level, on_event);
    recorder.open();
    assert_eq!(parts.recv_timeout(DEADLINE), Ok(Part::Before));
    recorder.press(1, SpeechLanguage::Only(language));
    assert_eq!(parts.recv_timeout(DEADLINE), Ok(Part::During));
    recorder.release(1);
    released.store(true, Ordering::Relaxed);
    let text = loop {
        match events.recv_timeout(DEADLINE).unwrap() {
            RecorderEvent::Transcribed(1, answer) => break answer.text,
            RecorderEvent::NoSpeech(_) | RecorderEvent::Failed(..) => {
                panic!("nothing was transcribed")
            }
            _ => {}
        }
    };
    assert_eq!(text, transcript(name));
}
