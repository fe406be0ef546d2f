//! Presses, releases and failures, with a scripted microphone and transcriber.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::event::seconds;
use super::*;
use crate::interview::{Answer, Language, Spoken, Word};
use crate::voice::{SAMPLE_RATE, Transcriber, Transcript, TranscriptionRequest};

const LANGUAGE: SpeechLanguage = SpeechLanguage::Only(Language::English);
/// Longest wait for an event: far longer than any should take.
const PATIENCE: Duration = Duration::from_secs(20);

fn unplugged() -> VoiceError {
    VoiceError::DeviceLost {
        device: "Desk".into(),
        reason: "unplugged".into(),
    }
}

/// What a scripted microphone does next.
enum Step {
    /// Nothing but silence before the key goes down.
    AtPress,
    Sound(Vec<f32>),
    Gone,
}

/// Gives what the test sends; opens as often as the test allows.
struct Scripted {
    steps: Receiver<Step>,
    opens: Vec<bool>,
    pressed: bool,
    waiting: bool,
    closed: Sender<()>,
}

impl Microphone for Scripted {
    fn open(&mut self) -> Result<(), VoiceError> {
        if self.opens.pop().unwrap_or(true) {
            Ok(())
        } else {
            Err(VoiceError::NoMicrophone)
        }
    }

    fn press(&mut self) {
        self.pressed = true;
    }

    fn read(&mut self, into: &mut Vec<f32>) -> Result<(), VoiceError> {
        // One step a read; between steps there is silence.
        if self.waiting && !self.pressed {
            into.extend([0.0; 800]);
            return Ok(());
        }
        match self.steps.try_recv() {
            Ok(Step::AtPress) => self.waiting = true,
            Ok(Step::Sound(samples)) => into.extend(samples),
            Ok(Step::Gone) => {
                return Err(unplugged());
            }
            Err(_) => into.extend([0.0; 800]),
        }
        Ok(())
    }

    fn close(&mut self) {
        // The test may be over already.
        let _ = self.closed.send(());
    }

    fn name(&self) -> String {
        "Desk".into()
    }
}

/// Hears one word as long as the phrase, and keeps the phrase for the test.
struct Parrot(Arc<Mutex<Vec<Vec<f32>>>>);

impl Transcriber for Parrot {
    fn transcribe(
        &mut self,
        samples: &[f32],
        _: &TranscriptionRequest,
    ) -> Result<Transcript, VoiceError> {
        self.0.lock().unwrap().push(samples.to_vec());
        let words = vec![Word {
            text: "word".into(),
            start: 0.0,
            end: seconds(samples.len()),
        }];
        Ok(Transcript {
            text: "word".into(),
            words,
            language: Some(Language::English),
            ..Transcript::default()
        })
    }
}

struct Stage {
    recorder: Recorder,
    steps: Sender<Step>,
    events: Receiver<RecorderEvent>,
    level: watch::Receiver<f32>,
    phrases: Arc<Mutex<Vec<Vec<f32>>>>,
    closings: Receiver<()>,
}

impl Stage {
    /// `opens`: the outcomes of the first openings, the last first.
    fn new(opens: Vec<bool>) -> Self {
        let (steps, script) = channel();
        let (tell, events) = channel();
        let (meter, level) = watch::channel(0.0);
        let (closed, closings) = channel();
        let phrases = Arc::<Mutex<Vec<Vec<f32>>>>::default();
        let parrot = Parrot(phrases.clone());
        let transcriber = TranscriberHandle::spawn(move || Ok(Box::new(parrot)), |_| ());
        let tell = Mutex::new(tell);
        let recorder = Recorder::spawn_with_limit(
            Duration::from_mins(1),
            Box::new(Scripted {
                steps: script,
                opens,
                pressed: false,
                waiting: false,
                closed,
            }),
            Some(transcriber),
            meter,
            // The test may be over already.
            Arc::new(move |heard| drop(tell.lock().unwrap().send(heard))),
        );
        Self {
            recorder,
            steps,
            events,
            level,
            phrases,
            closings,
        }
    }

    fn open() -> Self {
        let stage = Self::new(vec![]);
        stage.recorder.open();
        assert_eq!(stage.next(), RecorderEvent::Opened("Desk".into()));
        stage
    }

    fn next(&self) -> RecorderEvent {
        self.events.recv_timeout(PATIENCE).unwrap()
    }

    /// Once the key is down.
    fn play_pressed(&self, samples: Vec<f32>) {
        self.steps.send(Step::AtPress).unwrap();
        self.play(samples);
    }

    fn play(&self, samples: Vec<f32>) {
        self.steps.send(Step::Sound(samples)).unwrap();
    }

    fn recorded(&self) -> UtteranceId {
        loop {
            match self.next() {
                RecorderEvent::Partial(..) => {}
                RecorderEvent::Recorded(utterance, _) => return utterance,
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next event that is no partial.
    fn outcome(&self) -> RecorderEvent {
        loop {
            match self.next() {
                RecorderEvent::Partial(..) => {}
                other => return other,
            }
        }
    }
}

fn speech() -> Vec<f32> {
    let path = format!(
        "{}/tests/fixtures/speech/short-en-1.wav",
        env!("CARGO_MANIFEST_DIR")
    );
    let samples = hound::WavReader::open(path).unwrap().into_samples::<i16>();
    samples
        .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
        .collect()
}

#[test]
fn a_press_becomes_words_with_times_from_the_press() {
    let stage = Stage::open();
    stage.play_pressed(speech());
    stage.recorder.press(1, LANGUAGE);
    stage.recorder.release(1);
    assert_eq!(stage.recorded(), 1);
    let RecorderEvent::Transcribed(
        1,
        Answer {
            text,
            spoken: Some(Spoken { words, .. }),
        },
    ) = stage.outcome()
    else {
        panic!()
    };
    assert_eq!(text, "word");
    assert!(words[0].end > 1.0 && words[0].start >= 0.0, "{words:?}");
    assert!(
        *stage.level.borrow() < 1e-6,
        "the meter is empty afterwards"
    );
}

#[test]
fn what_was_said_just_before_the_press_and_just_after_the_release_is_heard() {
    let stage = Stage::open();
    // Half a second of speech lies in the ring when the key goes down: its last 300 ms belong to the press. The rest comes
    // with the look at the microphone after the release.
    let speech = speech();
    stage.play(speech[..8_000].to_vec());
    stage.recorder.press(1, LANGUAGE);
    stage.recorder.release(1);
    stage.play(speech[8_000..].to_vec());
    assert_eq!(stage.recorded(), 1);
    assert!(matches!(stage.outcome(), RecorderEvent::Transcribed(1, _)));
    let heard = stage.phrases.lock().unwrap().concat();
    assert!(
        heard.len() > 4_000 + speech.len() - 8_000 - 4_800,
        "{} samples",
        heard.len()
    );
}

#[test]
fn a_silent_press_gives_nothing() {
    let stage = Stage::open();
    stage.recorder.press(7, LANGUAGE);
    stage.recorder.release(7);
    assert_eq!(stage.recorded(), 7);
    assert_eq!(stage.next(), RecorderEvent::NoSpeech(7));
    assert_eq!(stage.phrases.lock().unwrap().len(), 0);
}

#[test]
fn a_cancelled_press_is_never_heard_of_again() {
    let stage = Stage::open();
    stage.recorder.press(1, LANGUAGE);
    stage.play(speech());
    stage.recorder.cancel(1);
    stage.recorder.release(1);
    stage.recorder.press(2, LANGUAGE);
    stage.recorder.release(2);
    assert_eq!(stage.recorded(), 2);
    assert_eq!(stage.next(), RecorderEvent::NoSpeech(2));
}

#[test]
fn a_microphone_that_cannot_be_opened_is_tried_again() {
    let stage = Stage::new(vec![true, false, false]);
    let failed = RecorderEvent::MicrophoneFailed(VoiceError::NoMicrophone);
    stage.recorder.open();
    assert_eq!(stage.next(), failed);
    stage.recorder.press(1, LANGUAGE);
    assert_eq!(stage.next(), failed);
    assert_eq!(
        stage.next(),
        RecorderEvent::Failed(1, VoiceError::NoMicrophone)
    );
    stage.recorder.open();
    assert_eq!(stage.next(), RecorderEvent::Opened("Desk".into()));
}

#[test]
fn what_was_said_before_the_microphone_was_unplugged_is_kept() {
    let stage = Stage::open();
    stage.play_pressed(speech());
    stage.recorder.press(1, LANGUAGE);
    stage.steps.send(Step::Gone).unwrap();
    assert_eq!(stage.recorded(), 1, "before the failure is told");
    // The words come from another thread: before the failure is told, or after.
    let rest = [stage.outcome(), stage.outcome()];
    assert!(
        rest.contains(&RecorderEvent::MicrophoneFailed(unplugged())),
        "{rest:?}"
    );
    assert!(
        rest.iter()
            .any(|heard| matches!(heard, RecorderEvent::Transcribed(1, _))),
        "{rest:?}"
    );
}

#[test]
fn an_endless_press_ends_by_itself() {
    let stage = Stage::open();
    stage.recorder.press(1, LANGUAGE);
    stage.play_pressed(vec![0.0; 61 * SAMPLE_RATE as usize]);
    assert_eq!(
        stage.next(),
        RecorderEvent::MicrophoneDead(1, "Desk".into())
    );
    assert_eq!(stage.recorded(), 1);
    assert_eq!(stage.next(), RecorderEvent::NoSpeech(1));
}

#[test]
fn a_dead_microphone_is_noticed_while_the_key_is_held_and_so_is_its_return() {
    let stage = Stage::open();
    stage.recorder.press(1, LANGUAGE);
    stage.play_pressed(vec![0.0; 2 * SAMPLE_RATE as usize]);
    assert_eq!(
        stage.next(),
        RecorderEvent::MicrophoneDead(1, "Desk".into())
    );
    stage.play(speech());
    assert_eq!(stage.next(), RecorderEvent::MicrophoneAlive(1));
    stage.recorder.release(1);
    assert_eq!(stage.recorded(), 1);
}

#[test]
fn phrases_are_written_while_the_key_is_down_and_after_the_release_only_the_rest() {
    let stage = Stage::open();
    let pause = vec![0.0; SAMPLE_RATE as usize];
    stage.play_pressed([speech(), pause.clone(), speech(), pause].concat());
    stage.recorder.press(1, LANGUAGE);
    let written = |heard: &RecorderEvent| matches!(heard, RecorderEvent::Partial(1, partial) if partial.stable == "word word");
    while !written(&stage.next()) {}
    let before = stage.phrases.lock().unwrap().len();
    stage.recorder.release(1);
    assert_eq!(stage.recorded(), 1);
    let RecorderEvent::Transcribed(1, Answer { text, .. }) = stage.outcome() else {
        panic!()
    };
    assert_eq!(
        (text.as_str(), stage.phrases.lock().unwrap().len()),
        ("word word", before)
    );
}

#[test]
fn words_are_shown_before_their_phrase_is_over() {
    let stage = Stage::open();
    stage.play_pressed(speech()[..16_000].to_vec());
    stage.recorder.press(1, LANGUAGE);
    let expected = PartialTranscript {
        stable: String::new(),
        provisional: "word".into(),
    };
    assert_eq!(stage.next(), RecorderEvent::Partial(1, expected));
}

#[test]
fn a_microphone_opened_by_the_key_is_closed_after_the_press() {
    let stage = Stage::new(vec![]);
    for press in 1..=2 {
        stage.recorder.press(press, LANGUAGE);
        assert_eq!(stage.next(), RecorderEvent::Opened("Desk".into()));
        stage.play_pressed(speech());
        stage.recorder.release(press);
        assert_eq!(stage.recorded(), press);
        stage.closings.recv_timeout(PATIENCE).expect("closed");
        assert!(matches!(stage.outcome(), RecorderEvent::Transcribed(..)));
    }
}

#[test]
fn a_microphone_opened_by_a_key_that_is_cancelled_is_closed_at_once() {
    let stage = Stage::new(vec![]);
    stage.recorder.press(1, LANGUAGE);
    stage.recorder.cancel(1);
    stage.closings.recv_timeout(PATIENCE).expect("closed");
}
