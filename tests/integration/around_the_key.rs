//! Words that begin before the key goes down and end after it came up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use mock_interviewer::interview::Language;
use mock_interviewer::voice::decode::AudioFile;
use mock_interviewer::voice::{Microphone, Recorder, RecorderEvent, SpeechLanguage, VoiceError};
use rstest::rstest;

use crate::voice::{recording, transcriber, transcript};

/// Longest wait for an event, on a slow and busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// Samples of speech before the key and after it: 50 ms.
const EARLY: usize = 800;
/// Louder than this, a recording without noise is speech (−40 dB).
const SPEECH: f32 = 0.01;

/// Speech in three parts: heard before the press, while the key is down, after its release.
struct Overlapping {
    before: Vec<f32>,
    during: Vec<f32>,
    after: Vec<f32>,
    pressed: bool,
    released: Arc<AtomicBool>,
    said: mpsc::Sender<Part>,
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
            self.said.send(Part::Before).expect("the test waits");
        } else if self.pressed && !self.during.is_empty() {
            into.append(&mut self.during);
            self.said.send(Part::During).expect("the test waits");
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

/// The recording, cut 50 ms into its first word and 50 ms before the end of its last, with silence before it.
fn parts(name: &str) -> [Vec<f32>; 3] {
    let mut samples = Vec::new();
    let mut audio = AudioFile::open(&recording(name), 16_000).unwrap();
    while audio.read(&mut samples).unwrap() {}
    let is_speech = |sample: &f32| sample.abs() > SPEECH;
    let (start, end) = (
        samples.iter().position(is_speech).unwrap(),
        samples.iter().rposition(is_speech).unwrap(),
    );
    let quiet = vec![0.0; 16_000];
    let before = [&quiet, &samples[..start + EARLY]].concat();
    [
        before,
        samples[start + EARLY..end - EARLY].to_vec(),
        samples[end - EARLY..=end].to_vec(),
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
    let (said, parts) = mpsc::channel();
    let released = Arc::new(AtomicBool::new(false));
    let microphone = Overlapping {
        before,
        during,
        after,
        pressed: false,
        released: released.clone(),
        said,
    };
    let (tell, events) = mpsc::channel();
    let tell = Mutex::new(tell);
    let tell = Arc::new(move |heard| tell.lock().unwrap().send(heard).unwrap());
    let level = tokio::sync::watch::channel(0.0).0;
    let recorder = Recorder::spawn(Box::new(microphone), Some(transcriber()), level, tell);
    recorder.open();
    assert_eq!(parts.recv_timeout(PATIENCE), Ok(Part::Before));
    recorder.press(1, SpeechLanguage::Only(language));
    assert_eq!(parts.recv_timeout(PATIENCE), Ok(Part::During));
    recorder.release(1);
    released.store(true, Ordering::Relaxed);
    let text = loop {
        match events.recv_timeout(PATIENCE).unwrap() {
            RecorderEvent::Transcribed(1, answer) => break answer.text,
            RecorderEvent::NoSpeech(_) | RecorderEvent::Failed(..) => panic!("nothing was heard"),
            _ => {}
        }
    };
    assert_eq!(text, transcript(name));
}
