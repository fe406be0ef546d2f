//! Answers of minutes, spoken faster than real time: written down while they are spoken, and complete.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use mock_interviewer::voice::decode::AudioFile;
use mock_interviewer::voice::{Microphone, PartialTranscript, Recorder, RecorderEvent, VoiceError};
use rstest::rstest;

use crate::voice::{ENGLISH, fixture, transcriber, transcript, words_of};

/// Longest wait for an event, on a slow and busy machine.
const PATIENCE: Duration = Duration::from_mins(2);
/// Samples given out at each look of the recorder, which come twenty a second: about ten times real time.
const BLOCK: usize = 4_000;

/// Gives a recording from the press on, faster than it was spoken, and tells when it is over.
struct Fast {
    samples: std::vec::IntoIter<f32>,
    pressed: bool,
    over: Option<mpsc::Sender<()>>,
}

impl Microphone for Fast {
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

/// What was told between press and release, and the final words.
fn dictated(file: &str) -> (Vec<PartialTranscript>, String) {
    let mut samples = Vec::new();
    let mut audio = AudioFile::open(&fixture(file), 16_000).unwrap();
    while audio.read(&mut samples).unwrap() {}
    let (over, is_over) = mpsc::channel();
    let (tell, events) = mpsc::channel();
    let tell = Mutex::new(tell);
    let microphone = Fast {
        samples: samples.into_iter(),
        pressed: false,
        over: Some(over),
    };
    let level = tokio::sync::watch::channel(0.0).0;
    let tell = Arc::new(move |heard| tell.lock().unwrap().send(heard).unwrap());
    let recorder = Recorder::spawn(Box::new(microphone), Some(transcriber()), level, tell);
    recorder.press(1, ENGLISH);
    is_over.recv_timeout(PATIENCE).unwrap();
    let held = partials(events.try_iter());
    recorder.release(1);
    loop {
        if let RecorderEvent::Transcribed(1, answer) = events.recv_timeout(PATIENCE).unwrap() {
            return (held, answer.text);
        }
    }
}

fn partials(heard: impl Iterator<Item = RecorderEvent>) -> Vec<PartialTranscript> {
    heard
        .filter_map(|heard| {
            if let RecorderEvent::Partial(1, partial) = heard {
                Some(partial)
            } else {
                None
            }
        })
        .collect()
}

/// Word errors of `heard` against `said`: the Levenshtein distance in words, without case and punctuation.
fn word_errors(said: &str, heard: &str) -> usize {
    let words = |text: &str| -> Vec<String> {
        let letters = |word: &str| {
            word.chars()
                .filter(|c| c.is_alphanumeric())
                .collect::<String>()
                .to_lowercase()
        };
        text.split_whitespace().map(letters).collect()
    };
    let (said, heard) = (words(said), words(heard));
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (at, word) in said.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (column, other) in heard.iter().enumerate() {
            let substituted = diagonal + usize::from(word != other);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[heard.len()]
}

/// At most one word in twenty is wrong.
fn assert_complete(file: &str, text: &str) {
    let said = transcript(file);
    let (errors, words) = (word_errors(&said, text), said.split_whitespace().count());
    eprintln!("{file}: {errors} errors in {words} words\n{text}");
    assert!(
        errors * 20 <= words,
        "{errors} errors in {words} words: {text}"
    );
}

#[rstest]
#[case::a_minute("long-en-60s.flac")]
#[case::two_minutes("long-en-120s.flac")]
fn a_long_recording_is_written_down_and_nothing_of_it_is_lost(#[case] file: &str) {
    assert_complete(
        file,
        &words_of(fixture(file), ENGLISH).unwrap().transcript.text,
    );
}

#[rstest]
#[case::a_minute("long-en-60s.flac")]
#[case::two_minutes("long-en-120s.flac")]
fn a_long_answer_is_written_while_it_is_spoken_and_nothing_of_it_is_lost(#[case] file: &str) {
    let (held, text) = dictated(file);
    assert_complete(file, &text);
    let words = transcript(file).split_whitespace().count();
    let written = held
        .last()
        .map(|partial| partial.stable.as_str())
        .unwrap_or_default();
    assert!(
        text.starts_with(written),
        "what is written stays: {written}"
    );
    assert!(
        written.split_whitespace().count() * 10 >= words * 5,
        "written while the key was down: {written}"
    );
    assert!(
        held.iter().any(|partial| !partial.provisional.is_empty()),
        "words appear while they are spoken"
    );
}
