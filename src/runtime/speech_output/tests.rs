//! Tests with a scripted loudspeaker, and a shell command as the narrator.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::timeout;

use super::*;
use crate::app::action::{Missing, Part, SpeechEvent};
use crate::narrator::Narrator;
use crate::narrator::command::CommandNarrator;
use crate::sync::lock;
use crate::voice::{OnClipEnd, Playback, PlaybackFlag, VoiceError};

/// Turns a hang into a failure; far longer than any action should take.
const DEADLINE: Duration = Duration::from_secs(20);

/// Records what a loudspeaker was given, and what became of it.
#[derive(Clone, Default)]
struct Recording {
    clips: Arc<Mutex<Vec<RecordedClip>>>,
    volume: Arc<Mutex<Option<f32>>>,
    prepared: Arc<Mutex<usize>>,
}

struct RecordedClip {
    sound: String,
    wanted: PlaybackFlag,
    ended: Option<OnClipEnd>,
}

impl Recording {
    /// Returns the clips that neither ended nor were silenced.
    fn audible(&self) -> Vec<String> {
        let clips = lock(&self.clips);
        let audible = clips
            .iter()
            .filter(|clip| clip.ended.is_some() && clip.wanted.is_alive());
        audible.map(|clip| clip.sound.clone()).collect()
    }

    /// Plays the clip with this number to its end.
    fn end(&self, number: usize) {
        let ended = lock(&self.clips)[number].ended.take();
        ended.expect("a clip ends once")(Ok(()));
    }
}

/// Plays each clip until the test ends it or, if `instant`, in no time.
struct ScriptedSpeaker {
    recording: Recording,
    instant: bool,
}

impl Speaker for ScriptedSpeaker {
    fn play(&mut self, speech: Speech, ended: OnClipEnd) -> Result<Playback, VoiceError> {
        let playback = Playback::default();
        let sound = String::from_utf8_lossy(&speech.bytes)
            .trim_start_matches("OggS")
            .trim()
            .to_owned();
        let mut clip = RecordedClip {
            sound,
            wanted: playback.flag(),
            ended: Some(ended),
        };
        if let Some(ended) = clip.ended.take_if(|_| self.instant) {
            ended(Ok(()));
        }
        lock(&self.recording.clips).push(clip);
        Ok(playback)
    }

    fn set_volume(&mut self, factor: f32) {
        *lock(&self.recording.volume) = Some(factor);
    }

    fn prepare(&mut self) {
        *lock(&self.recording.prepared) += 1;
    }

    fn name(&self) -> String {
        "scripted".into()
    }
}

/// Returns a narrator whose sound is the text itself and the rate, after `script` has run.
fn narrator(script: &str) -> Narrator {
    let script = format!("{script} printf OggS; cat; printf '@%s' $0");
    Narrator::Command(CommandNarrator::new(
        ["sh", "-c", &script, "{rate}"].map(str::to_owned).to_vec(),
    ))
}

struct Fixture {
    output: SpeechOutput,
    actions: mpsc::Receiver<Action>,
    recording: Recording,
}

impl Fixture {
    /// Clips take no time.
    fn instant(narrator: Narrator) -> Self {
        Self::new(narrator, true)
    }

    /// Clips sound until the test ends them.
    fn sustained() -> Self {
        Self::new(narrator(""), false)
    }

    fn new(narrator: Narrator, instant: bool) -> Self {
        let (sender, actions) = mpsc::channel(32);
        let recording = Recording::default();
        let speaker = ScriptedSpeaker {
            recording: recording.clone(),
            instant,
        };
        Self {
            output: SpeechOutput::start(narrator, Box::new(speaker), sender),
            actions,
            recording,
        }
    }

    fn begin(&self, turn: u64, text: &str) {
        self.output.send(SpeechCommand::Begin {
            turn: TurnId(turn),
            language: Language::English,
        });
        self.add(turn, text);
    }

    fn add(&self, turn: u64, text: &str) {
        self.output.send(SpeechCommand::Text {
            turn: TurnId(turn),
            text: text.to_owned(),
        });
    }

    fn speak(&self, turn: u64, text: &str) {
        let text = text.to_owned();
        self.output.speak(TurnId(turn), Language::English, text);
    }

    fn skip(&self, turn: u64, sentence: usize) {
        self.output.send(SpeechCommand::Skip {
            turn: TurnId(turn),
            sentence,
        });
    }

    async fn next(&mut self) -> SpeechEvent {
        next(&mut self.actions).await
    }

    /// Waits until these clips, and no others, are audible.
    async fn wait_for_clips(&self, expected: &[&str]) {
        let wait = async {
            while self.recording.audible() != expected {
                tokio::task::yield_now().await;
            }
        };
        assert!(
            timeout(DEADLINE, wait).await.is_ok(),
            "{:?}, not {expected:?}",
            self.recording.audible()
        );
    }
}

async fn next(actions: &mut mpsc::Receiver<Action>) -> SpeechEvent {
    let action = timeout(DEADLINE, actions.recv())
        .await
        .expect("an action arrives before the deadline")
        .expect("the speech task is running");
    match action {
        Action::Speech(event) => event,
        other => panic!("{other:?} is not about speech"),
    }
}

fn sentence(turn: u64, index: usize, text: &str) -> SpeechEvent {
    SpeechEvent::Sentence {
        turn: TurnId(turn),
        index,
        text: text.to_owned(),
    }
}

fn ended(turn: u64) -> SpeechEvent {
    SpeechEvent::Ended { turn: TurnId(turn) }
}

#[tokio::test]
async fn a_reply_is_spoken_sentence_by_sentence() {
    let mut fixture = Fixture::instant(narrator(""));
    fixture.speak(1, "This is the first sentence. This is the second one.");
    let first = sentence(1, 0, "This is the first sentence.");
    assert_eq!(fixture.next().await, first);
    let second = sentence(1, 1, "This is the second one.");
    assert_eq!(fixture.next().await, second);
    assert_eq!(fixture.next().await, ended(1));
}

#[tokio::test]
async fn a_sentence_sounds_while_the_rest_is_still_being_written() {
    let mut fixture = Fixture::sustained();
    fixture.begin(1, "One is written. And");
    assert_eq!(fixture.next().await, sentence(1, 0, "One is written."));
    fixture.wait_for_clips(&["One is written.\n@100"]).await;
}

#[tokio::test]
async fn only_a_few_sentences_are_synthesised_ahead() {
    let fixture = Fixture::sustained();
    fixture.speak(1, "One. Two. Three. Four.");
    fixture
        .wait_for_clips(&["One.\n@100", "Two.\n@100", "Three.\n@100"])
        .await;
    fixture.recording.end(0);
    fixture
        .wait_for_clips(&["Two.\n@100", "Three.\n@100", "Four.\n@100"])
        .await;
}

#[tokio::test]
async fn a_newer_reply_or_a_silence_stops_an_older_reply() {
    let mut fixture = Fixture::sustained();
    fixture.speak(1, "One. Two.");
    fixture.wait_for_clips(&["One.\n@100", "Two.\n@100"]).await;
    fixture.speak(2, "Three.");
    fixture.wait_for_clips(&["Three.\n@100"]).await;
    fixture.output.send(SpeechCommand::Silence(TurnId(2)));
    fixture.wait_for_clips(&[]).await;
    assert_eq!(fixture.next().await, sentence(1, 0, "One."));
    assert_eq!(fixture.next().await, sentence(2, 0, "Three."));
    assert_eq!(fixture.next().await, ended(2));
}

#[tokio::test]
async fn a_reply_silenced_before_its_first_words_stays_silent_and_the_next_one_sounds() {
    let mut fixture = Fixture::instant(narrator(""));
    fixture.output.send(SpeechCommand::Silence(TurnId(2)));
    fixture.speak(2, "This must stay silent.");
    fixture.speak(3, "This is said again.");
    assert_eq!(fixture.next().await, sentence(3, 0, "This is said again."));
    assert_eq!(fixture.next().await, ended(3));
}

#[tokio::test]
async fn skipping_a_sentence_silences_it_once_and_continues_with_the_next() {
    let mut fixture = Fixture::sustained();
    fixture.speak(1, "One. Two.");
    fixture.wait_for_clips(&["One.\n@100", "Two.\n@100"]).await;
    fixture.skip(1, 0);
    // The second press of the key still names the first sentence.
    fixture.skip(1, 0);
    fixture.wait_for_clips(&["Two.\n@100"]).await;
    fixture.skip(1, 1);
    assert_eq!(fixture.next().await, sentence(1, 0, "One."));
    assert_eq!(fixture.next().await, sentence(1, 1, "Two."));
    assert_eq!(fixture.next().await, ended(1));
}

#[tokio::test]
async fn a_new_rate_applies_from_the_next_sentence_on() {
    let fixture = Fixture::sustained();
    fixture.speak(1, "One. Two. Three. Four.");
    fixture
        .wait_for_clips(&["One.\n@100", "Two.\n@100", "Three.\n@100"])
        .await;
    let rate = 120.try_into().expect("120 % is a rate");
    fixture.output.send(SpeechCommand::SetRate(rate));
    fixture
        .wait_for_clips(&["One.\n@100", "Two.\n@120", "Three.\n@120"])
        .await;
}

#[tokio::test]
async fn muting_silences_the_sentence_that_sounds_and_the_volume_reaches_the_loudspeaker() {
    let mut fixture = Fixture::sustained();
    fixture.speak(1, "One.");
    assert_eq!(fixture.next().await, sentence(1, 0, "One."));
    let volume = 30.try_into().expect("30 % is a volume");
    fixture.output.send(SpeechCommand::SetVolume(volume));
    fixture.output.send(SpeechCommand::Mute(true));
    assert_eq!(fixture.next().await, ended(1));
    assert!(fixture.recording.audible().is_empty());
    assert_eq!(*lock(&fixture.recording.volume), Some(0.3));
    fixture.speak(2, "Two.");
    fixture.output.send(SpeechCommand::Mute(false));
    fixture.speak(3, "Three.");
    assert_eq!(fixture.next().await, sentence(3, 0, "Three."));
}

#[tokio::test]
async fn a_reply_that_cannot_be_spoken_is_reported_once_and_stays_silent() {
    let folder = tempfile::TempDir::new().expect("a temporary folder can be made");
    let failed = folder.path().join("failed").display().to_string();
    let fails_once = format!("mkdir '{failed}' 2>/dev/null && exit 1;");
    let mut fixture = Fixture::instant(narrator(&fails_once));
    fixture.begin(1, "The first sentence fails. The second");
    let SpeechEvent::Unavailable(missing) = fixture.next().await else {
        panic!("the failure is not reported");
    };
    assert_eq!(missing.part, Part::Narrator);
    fixture.add(1, " sentence stays silent.");
    fixture.output.send(SpeechCommand::End(TurnId(1)));
    assert_eq!(fixture.next().await, ended(1));
    fixture.speak(2, "The next reply sounds.");
    assert_eq!(
        fixture.next().await,
        sentence(2, 0, "The next reply sounds.")
    );
}

#[tokio::test]
async fn the_loudspeaker_is_opened_ahead_only_with_a_narrator() {
    for (narrator, opened) in [(narrator(""), true), (Narrator::None, false)] {
        let mut fixture = Fixture::instant(narrator);
        fixture.output.send(SpeechCommand::Prepare);
        fixture.speak(1, "One.");
        while fixture.next().await != ended(1) {}
        assert_eq!(*lock(&fixture.recording.prepared) > 0, opened);
    }
}

#[tokio::test]
async fn a_port_without_a_loudspeaker_ignores_commands() {
    let output = SpeechOutput::unavailable();
    output.speak(TurnId(1), Language::English, "One.".into());
    assert!(!output.is_available());
    assert!(!output.narrates());
}

/// Accepts every clip, and finds out only then that there is no device.
struct AbsentSpeaker;

impl Speaker for AbsentSpeaker {
    fn play(&mut self, _: Speech, ended: OnClipEnd) -> Result<Playback, VoiceError> {
        ended(Err(VoiceError::NoSpeaker));
        Ok(Playback::default())
    }

    fn set_volume(&mut self, _: f32) {}

    fn name(&self) -> String {
        "absent".into()
    }
}

#[tokio::test]
async fn a_missing_loudspeaker_is_reported_once_with_its_remedy_and_no_later_sentence_sounds() {
    let (sender, mut actions) = mpsc::channel(32);
    let output = SpeechOutput::start(narrator(""), Box::new(AbsentSpeaker), sender);
    let text = "One. Two. Three. Four.".to_owned();
    output.speak(TurnId(1), Language::English, text);
    assert_eq!(next(&mut actions).await, sentence(1, 0, "One."));
    let missing = Missing {
        part: Part::Speaker,
        reason: VoiceError::NoSpeaker.message(Language::English),
        remedy: "mock-interviewer devices".into(),
    };
    assert_eq!(next(&mut actions).await, SpeechEvent::Unavailable(missing));
    assert_eq!(next(&mut actions).await, ended(1));
}

/// Fails as only a bug does.
struct PanickingSpeaker;

impl Speaker for PanickingSpeaker {
    fn play(&mut self, _: Speech, _: OnClipEnd) -> Result<Playback, VoiceError> {
        panic!("on purpose")
    }

    fn set_volume(&mut self, _: f32) {}

    fn name(&self) -> String {
        "panicking".into()
    }
}

#[tokio::test]
async fn a_panic_of_the_task_is_a_loudspeaker_that_is_gone() {
    let (sender, mut actions) = mpsc::channel(32);
    let output = SpeechOutput::start(narrator(""), Box::new(PanickingSpeaker), sender);
    output.speak(TurnId(1), Language::English, "One.".to_owned());
    let missing = Missing {
        part: Part::Speaker,
        reason: "An internal error occurred. The log has the details.".into(),
        remedy: String::new(),
    };
    assert_eq!(next(&mut actions).await, SpeechEvent::Unavailable(missing));
    assert!(!output.is_available());
}
