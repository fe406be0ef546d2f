//! Tests presses, releases and failures with a scripted microphone and transcriber.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::event::seconds;
use super::*;
use crate::interview::{Answer, Language, Spoken, Word};
use crate::voice::{SAMPLE_RATE, Transcriber, Transcript, TranscriptionRequest};

const LANGUAGE: SpeechLanguage = SpeechLanguage::Only(Language::English);
/// The longest wait for an event, which only turns a hang into a failure.
const DEADLINE: Duration = Duration::from_secs(20);

fn unplugged() -> VoiceError {
    VoiceError::DeviceLost {
        device: "Desk".into(),
        reason: "unplugged".into(),
    }
}

/// An action of the scripted microphone.
enum MicrophoneStep {
    /// Deliver silence until the key goes down.
    AtPress,
    Sound(Vec<f32>),
    Gone,
}

/// Delivers what the test sends, and opens if the test allows it.
struct ScriptedMicrophone {
    steps: Receiver<MicrophoneStep>,
    opens: Vec<bool>,
    pressed: bool,
    waiting: bool,
    closed: Sender<()>,
}

impl Microphone for ScriptedMicrophone {
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
        // Each read performs one step; without a step there is silence.
        if self.waiting && !self.pressed {
            into.extend([0.0; 800]);
            return Ok(());
        }
        match self.steps.try_recv() {
            Ok(MicrophoneStep::AtPress) => self.waiting = true,
            Ok(MicrophoneStep::Sound(samples)) => into.extend(samples),
            Ok(MicrophoneStep::Gone) => {
                return Err(unplugged());
            }
            Err(_) => into.extend([0.0; 800]),
        }
        Ok(())
    }

    fn close(&mut self) {
        // Sending fails if the test is over already.
        let _ = self.closed.send(());
    }

    fn name(&self) -> String {
        "Desk".into()
    }
}

/// Transcribes every phrase as one word of its length, and keeps the phrase for the test.
struct OneWordTranscriber(Arc<Mutex<Vec<Vec<f32>>>>);

impl Transcriber for OneWordTranscriber {
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

struct Fixture {
    recorder: Recorder,
    steps: Sender<MicrophoneStep>,
    events: Receiver<RecorderEvent>,
    level: watch::Receiver<f32>,
    phrases: Arc<Mutex<Vec<Vec<f32>>>>,
    closings: Receiver<()>,
}

impl Fixture {
    /// Creates a recorder. `opens` holds the outcomes of the first openings, the last one first.
    fn new(opens: Vec<bool>) -> Self {
        let (steps, script) = channel();
        let (sender, events) = channel();
        let (meter, level) = watch::channel(0.0);
        let (closed, closings) = channel();
        let phrases = Arc::<Mutex<Vec<Vec<f32>>>>::default();
        let transcriber = OneWordTranscriber(phrases.clone());
        let transcriber = TranscriberHandle::spawn(move || Ok(Box::new(transcriber)), |_| ());
        let sender = Mutex::new(sender);
        let recorder = Recorder::spawn_with_limit(
            Duration::from_mins(1),
            Box::new(ScriptedMicrophone {
                steps: script,
                opens,
                pressed: false,
                waiting: false,
                closed,
            }),
            Some(transcriber),
            meter,
            // Sending fails if the test is over already.
            Arc::new(move |event| drop(sender.lock().unwrap().send(event))),
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
        let fixture = Self::new(vec![]);
        fixture.recorder.open();
        assert_eq!(fixture.next(), RecorderEvent::Opened("Desk".into()));
        fixture
    }

    fn next(&self) -> RecorderEvent {
        self.events.recv_timeout(DEADLINE).unwrap()
    }

    /// Delivers samples once the key is down.
    fn play_pressed(&self, samples: Vec<f32>) {
        self.steps.send(MicrophoneStep::AtPress).unwrap();
        self.play(samples);
    }

    fn play(&self, samples: Vec<f32>) {
        self.steps.send(MicrophoneStep::Sound(samples)).unwrap();
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

    /// Returns the next event that is not a partial transcript.
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
    crate::voice::test_audio::fixture("short-en-1")
}

#[test]
fn a_press_becomes_words_with_times_from_the_press() {
    let fixture = Fixture::open();
    fixture.play_pressed(speech());
    fixture.recorder.press(1, LANGUAGE);
    fixture.recorder.release(1);
    assert_eq!(fixture.recorded(), 1);
    let RecorderEvent::Transcribed(
        1,
        Answer {
            text,
            spoken: Some(Spoken { words, .. }),
        },
    ) = fixture.outcome()
    else {
        panic!()
    };
    assert_eq!(text, "word");
    assert!(words[0].end > 1.0 && words[0].start >= 0.0, "{words:?}");
    assert!(
        *fixture.level.borrow() < 1e-6,
        "the meter is empty afterwards"
    );
}

#[test]
fn words_just_before_the_press_and_just_after_the_release_are_recorded() {
    let fixture = Fixture::open();
    // Half a second of speech is in the ring when the key goes down: its last 300 ms belong to the
    // press. The rest arrives with the next read after the release.
    let speech = speech();
    fixture.play(speech[..8_000].to_vec());
    fixture.recorder.press(1, LANGUAGE);
    fixture.recorder.release(1);
    fixture.play(speech[8_000..].to_vec());
    assert_eq!(fixture.recorded(), 1);
    assert!(matches!(
        fixture.outcome(),
        RecorderEvent::Transcribed(1, _)
    ));
    let heard = fixture.phrases.lock().unwrap().concat();
    assert!(
        heard.len() > 4_000 + speech.len() - 8_000 - 4_800,
        "{} samples",
        heard.len()
    );
}

#[test]
fn a_silent_press_has_no_speech() {
    let fixture = Fixture::open();
    fixture.recorder.press(7, LANGUAGE);
    fixture.recorder.release(7);
    assert_eq!(fixture.recorded(), 7);
    assert_eq!(fixture.next(), RecorderEvent::NoSpeech(7));
    assert_eq!(fixture.phrases.lock().unwrap().len(), 0);
}

#[test]
fn no_event_names_a_cancelled_press() {
    let fixture = Fixture::open();
    fixture.recorder.press(1, LANGUAGE);
    fixture.play(speech());
    fixture.recorder.cancel(1);
    fixture.recorder.release(1);
    fixture.recorder.press(2, LANGUAGE);
    fixture.recorder.release(2);
    assert_eq!(fixture.recorded(), 2);
    assert_eq!(fixture.next(), RecorderEvent::NoSpeech(2));
}

#[test]
fn a_microphone_that_cannot_be_opened_is_tried_again() {
    let fixture = Fixture::new(vec![true, false, false]);
    let failed = RecorderEvent::MicrophoneFailed(VoiceError::NoMicrophone);
    fixture.recorder.open();
    assert_eq!(fixture.next(), failed);
    fixture.recorder.press(1, LANGUAGE);
    assert_eq!(fixture.next(), failed);
    assert_eq!(
        fixture.next(),
        RecorderEvent::Failed(1, VoiceError::NoMicrophone)
    );
    fixture.recorder.open();
    assert_eq!(fixture.next(), RecorderEvent::Opened("Desk".into()));
}

#[test]
fn words_spoken_before_the_microphone_was_unplugged_are_kept() {
    let fixture = Fixture::open();
    fixture.play_pressed(speech());
    fixture.recorder.press(1, LANGUAGE);
    fixture.steps.send(MicrophoneStep::Gone).unwrap();
    assert_eq!(fixture.recorded(), 1, "before the failure is reported");
    // The words come from another thread, before or after the failure is reported.
    let rest = [fixture.outcome(), fixture.outcome()];
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
    let fixture = Fixture::open();
    fixture.recorder.press(1, LANGUAGE);
    fixture.play_pressed(vec![0.0; 61 * SAMPLE_RATE as usize]);
    assert_eq!(
        fixture.next(),
        RecorderEvent::MicrophoneDead(1, "Desk".into())
    );
    assert_eq!(fixture.recorded(), 1);
    assert_eq!(fixture.next(), RecorderEvent::NoSpeech(1));
}

#[test]
fn a_dead_microphone_and_its_return_are_reported_while_the_key_is_held() {
    let fixture = Fixture::open();
    fixture.recorder.press(1, LANGUAGE);
    fixture.play_pressed(vec![0.0; 2 * SAMPLE_RATE as usize]);
    assert_eq!(
        fixture.next(),
        RecorderEvent::MicrophoneDead(1, "Desk".into())
    );
    fixture.play(speech());
    assert_eq!(fixture.next(), RecorderEvent::MicrophoneAlive(1));
    fixture.recorder.release(1);
    assert_eq!(fixture.recorded(), 1);
}

#[test]
fn phrases_are_transcribed_while_the_key_is_down_and_only_the_rest_after_the_release() {
    let fixture = Fixture::open();
    let pause = vec![0.0; SAMPLE_RATE as usize];
    fixture.play_pressed([speech(), pause.clone(), speech(), pause].concat());
    fixture.recorder.press(1, LANGUAGE);
    let written = |heard: &RecorderEvent| matches!(heard, RecorderEvent::Partial(1, partial) if partial.stable == "word word");
    while !written(&fixture.next()) {}
    let before = fixture.phrases.lock().unwrap().len();
    fixture.recorder.release(1);
    assert_eq!(fixture.recorded(), 1);
    let RecorderEvent::Transcribed(1, Answer { text, .. }) = fixture.outcome() else {
        panic!()
    };
    assert_eq!(
        (text.as_str(), fixture.phrases.lock().unwrap().len()),
        ("word word", before)
    );
}

#[test]
fn words_are_shown_before_their_phrase_is_over() {
    let fixture = Fixture::open();
    fixture.play_pressed(speech()[..16_000].to_vec());
    fixture.recorder.press(1, LANGUAGE);
    let expected = PartialTranscript {
        stable: String::new(),
        provisional: "word".into(),
    };
    assert_eq!(fixture.next(), RecorderEvent::Partial(1, expected));
}

#[test]
fn a_microphone_opened_by_the_key_is_closed_after_the_press() {
    let fixture = Fixture::new(vec![]);
    for press in 1..=2 {
        fixture.recorder.press(press, LANGUAGE);
        assert_eq!(fixture.next(), RecorderEvent::Opened("Desk".into()));
        fixture.play_pressed(speech());
        fixture.recorder.release(press);
        assert_eq!(fixture.recorded(), press);
        fixture.closings.recv_timeout(DEADLINE).expect("closed");
        assert!(matches!(fixture.outcome(), RecorderEvent::Transcribed(..)));
    }
}

#[test]
fn a_microphone_opened_by_a_key_that_is_cancelled_is_closed_at_once() {
    let fixture = Fixture::new(vec![]);
    fixture.recorder.press(1, LANGUAGE);
    fixture.recorder.cancel(1);
    fixture.closings.recv_timeout(DEADLINE).expect("closed");
}
