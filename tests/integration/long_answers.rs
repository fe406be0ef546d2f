//! Tests that answers of minutes are transcribed completely and while they are spoken.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use mock_interviewer::voice::decode::AudioFile;
use mock_interviewer::voice::{Microphone, PartialTranscript, Recorder, RecorderEvent, VoiceError};
use rstest::rstest;

use crate::voice::{ENGLISH, fixture, transcriber, transcript, words_of};

/// The longest wait for an event. It only turns a hang into a failure.
const DEADLINE: Duration = Duration::from_mins(2);
/// Samples delivered at each read. The recorder reads twenty times a second, so audio comes at five
/// times real time.
const BLOCK: usize = 4_000;

/// A microphone that delivers a recording from the key press on, faster than it was spoken, and
/// signals its end.
struct FastMicrophone {
    samples: std::vec::IntoIter<f32>,
    pressed: bool,
    over: Option<mpsc::Sender<()>>,
}

impl Microphone for FastMicrophone {
    fn open(&mut self) -> Result<(), VoiceError> {
        Ok(())
    }

    fn press(&mut self) {
        self.pressed = true;
    }

    fn read(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError> {
        let before = into.len();
        if self.pressed {
            into.extend(self.samples.by_ref().take(BLOCK));
        }
        if self.pressed && into.len() == before {
            self.over
                .take()
                .into_iter()
                .for_each(|over| over.send(()).expect("the test waits"));
        }
        into.resize(before + BLOCK, 0.0);
        Ok(())
    }

    fn close(&mut self) {}

    fn name(&self) -> String {
        "fast".into()
    }
}

/// Returns the partial transcripts between press and release, and the final text.
fn dictate(file: &str) -> (Vec<PartialTranscript>, String) {
    let mut samples = Vec::new();
    let mut audio = AudioFile::open(&fixture(file), 16_000).unwrap();
    while audio.read(&mut samples).unwrap() {}
    let (over, is_over) = mpsc::channel();
    let (events_out, events) = mpsc::channel();
    let events_out = Mutex::new(events_out);
    let microphone = FastMicrophone {
        samples: samples.into_iter(),
        pressed: false,
        over: Some(over),
    };
    let level = tokio::sync::watch::channel(0.0).0;
    let notify = Arc::new(move |event| events_out.lock().unwrap().send(event).unwrap());
    let recorder = Recorder::spawn(Box::new(microphone), Some(transcriber()), level, notify);
    recorder.press(1, ENGLISH);
    is_over.recv_timeout(DEADLINE).unwrap();
    let held = partials(events.try_iter());
    recorder.release(1);
    loop {
        if let RecorderEvent::Transcribed(1, answer) = events.recv_timeout(DEADLINE).unwrap() {
            return (held, answer.text);
        }
    }
}

fn partials(events: impl Iterator<Item = RecorderEvent>) -> Vec<PartialTranscript> {
    events
        .filter_map(|event| {
            if let RecorderEvent::Partial(1, partial) = event {
                Some(partial)
            } else {
                None
            }
        })
        .collect()
}

/// Returns the word errors of a transcript: the Levenshtein distance in words, ignoring case and
/// punctuation.
fn word_errors(reference: &str, transcript: &str) -> usize {
    let words = |text: &str| -> Vec<String> {
        let letters = |word: &str| {
            word.chars()
                .filter(|c| c.is_alphanumeric())
                .collect::<String>()
                .to_lowercase()
        };
        text.split_whitespace().map(letters).collect()
    };
    let reference = words(reference);
    let transcript = words(transcript);
    let mut row: Vec<usize> = (0..=transcript.len()).collect();
    for (at, word) in reference.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, other) in transcript.iter().enumerate() {
            let substituted = diagonal + usize::from(word != other);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[transcript.len()]
}

/// Asserts that at most one word in twenty is wrong.
fn assert_complete(file: &str, text: &str) {
    let reference = transcript(file);
    let errors = word_errors(&reference, text);
    let words = reference.split_whitespace().count();
    eprintln!("{file}: {errors} errors in {words} words\n{text}");
    assert!(
        errors * 20 <= words,
        "{errors} errors in {words} words: {text}"
    );
}

#[rstest]
#[case::a_minute("long-en-60s.flac")]
#[case::two_minutes("long-en-120s.flac")]
fn a_long_recording_is_transcribed_completely(#[case] file: &str) {
    assert_complete(
        file,
        &words_of(fixture(file), ENGLISH).unwrap().transcript.text,
    );
}

#[rstest]
#[case::a_minute("long-en-60s.flac")]
#[case::two_minutes("long-en-120s.flac")]
fn a_long_answer_is_transcribed_completely_while_it_is_spoken(#[case] file: &str) {
    let (held, text) = dictate(file);
    assert_complete(file, &text);
    let words = transcript(file).split_whitespace().count();
    let transcribed = held
        .last()
        .map(|partial| partial.stable.as_str())
        .unwrap_or_default();
    assert!(
        text.starts_with(transcribed),
        "transcribed text stays: {transcribed}"
    );
    assert!(
        transcribed.split_whitespace().count() * 10 >= words * 5,
        "transcribed while the key was down: {transcribed}"
    );
    assert!(
        held.iter().any(|partial| !partial.provisional.is_empty()),
        "a draft appears while the words are spoken"
    );
}
