//! What is heard of replies, with a scripted loudspeaker and a file as the voice.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::timeout;

use super::*;
use crate::app::action::{Missing, Part, SpeechEvent};
use crate::narrator::Narrator;
use crate::narrator::command::CommandNarrator;
use crate::voice::{Ended, Playback, VoiceError, Wanted};

/// Longest wait for an action: far longer than any should take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a loudspeaker was given, and what became of it.
#[derive(Clone, Default)]
struct Record {
    clips: Arc<Mutex<Vec<Given>>>,
    volume: Arc<Mutex<Option<f32>>>,
    prepared: Arc<Mutex<usize>>,
}

struct Given {
    sound: String,
    wanted: Wanted,
    ended: Option<Ended>,
}

impl Record {
    /// The clips that are to be heard still.
    fn wanted(&self) -> Vec<String> {
        let clips = self.clips.lock().unwrap();
        let wanted = clips
            .iter()
            .filter(|given| given.ended.is_some() && given.wanted.is_wanted());
        wanted.map(|given| given.sound.clone()).collect()
    }

    /// The clip given as number `at` was heard to its end.
    fn end(&self, at: usize) {
        let ended = self.clips.lock().unwrap()[at].ended.take();
        ended.expect("a clip ends once")(Ok(()));
    }
}

/// Plays each clip until the test ends it, or, quick, in no time.
struct Scripted {
    record: Record,
    quick: bool,
}

impl Speaker for Scripted {
    fn play(&mut self, speech: Speech, ended: Ended) -> Result<Playback, VoiceError> {
        let playback = Playback::default();
        let sound = String::from_utf8_lossy(&speech.bytes)
            .trim_start_matches("OggS")
            .trim()
            .to_owned();
        let mut given = Given {
            sound,
            wanted: playback.wanted(),
            ended: Some(ended),
        };
        given
            .ended
            .take_if(|_| self.quick)
            .into_iter()
            .for_each(|ended| ended(Ok(())));
        self.record.clips.lock().unwrap().push(given);
        Ok(playback)
    }

    fn set_volume(&mut self, factor: f32) {
        *self.record.volume.lock().unwrap() = Some(factor);
    }

    fn prepare(&mut self) {
        *self.record.prepared.lock().unwrap() += 1;
    }

    fn name(&self) -> String {
        "scripted".into()
    }
}

/// A voice whose sound is the text itself and the rate, after `before` has been run.
fn narrator(before: &str) -> Narrator {
    let script = format!("{before} printf OggS; cat; printf '@%s' $0");
    Narrator::Command(CommandNarrator::new(
        ["sh", "-c", &script, "{rate}"].map(str::to_owned).to_vec(),
    ))
}

struct Stage {
    speech_output: SpeechOutput,
    actions: mpsc::Receiver<Action>,
    record: Record,
}

impl Stage {
    fn quick(narrator: Narrator) -> Self {
        Self::new(narrator, true)
    }

    /// Clips sound until the test ends them.
    fn slow() -> Self {
        Self::new(narrator(""), false)
    }

    fn new(narrator: Narrator, quick: bool) -> Self {
        let ((sender, actions), record) = (mpsc::channel(32), Record::default());
        let speaker = Scripted {
            record: record.clone(),
            quick,
        };
        Self {
            speech_output: SpeechOutput::start(narrator, Box::new(speaker), sender),
            actions,
            record,
        }
    }

    fn say(&self, turn: u64, text: &str) {
        self.speech_output.begin(TurnId(turn), Language::English);
        self.speech_output.delta(TurnId(turn), text);
        self.speech_output.end(TurnId(turn));
    }

    async fn next(&mut self) -> Action {
        timeout(PATIENCE, self.actions.recv())
            .await
            .expect("an action in time")
            .expect("the speech_output lives")
    }

    /// Waits until these clips, and no others, are to be heard.
    async fn sounds(&self, expected: &[&str]) {
        let deadline = std::time::Instant::now() + PATIENCE;
        while self.record.wanted() != expected {
            assert!(
                std::time::Instant::now() < deadline,
                "{:?}, not {expected:?}",
                self.record.wanted()
            );
            tokio::task::yield_now().await;
        }
    }
}

fn speaking(turn: u64, sentence: usize, text: &str) -> Action {
    Action::Speech(SpeechEvent::Sentence {
        turn: TurnId(turn),
        index: sentence,
        text: text.to_owned(),
    })
}

#[tokio::test]
async fn a_reply_is_spoken_sentence_by_sentence() {
    let mut stage = Stage::quick(narrator(""));
    stage.say(1, "This is the first sentence. This is the second one.");
    assert_eq!(
        stage.next().await,
        speaking(1, 0, "This is the first sentence.")
    );
    assert_eq!(
        stage.next().await,
        speaking(1, 1, "This is the second one.")
    );
    assert_eq!(
        stage.next().await,
        Action::Speech(SpeechEvent::Ended { turn: TurnId(1) })
    );
}

#[tokio::test]
async fn a_sentence_is_given_to_the_loudspeaker_while_the_rest_is_still_being_written() {
    let mut stage = Stage::slow();
    stage.speech_output.begin(TurnId(1), Language::English);
    stage.speech_output.delta(TurnId(1), "One is written. And");
    assert_eq!(stage.next().await, speaking(1, 0, "One is written."));
    stage.sounds(&["One is written.\n@100"]).await;
}

#[tokio::test]
async fn the_next_sentences_lie_ready_while_one_sounds_and_no_more_than_a_few() {
    let stage = Stage::slow();
    stage.say(1, "One. Two. Three. Four.");
    stage
        .sounds(&["One.\n@100", "Two.\n@100", "Three.\n@100"])
        .await;
    stage.record.end(0);
    stage
        .sounds(&["Two.\n@100", "Three.\n@100", "Four.\n@100"])
        .await;
}

#[tokio::test]
async fn a_newer_reply_and_a_silence_leave_nothing_of_an_older_one() {
    let mut stage = Stage::slow();
    stage.say(1, "One. Two.");
    stage.sounds(&["One.\n@100", "Two.\n@100"]).await;
    stage.say(2, "Three.");
    stage.sounds(&["Three.\n@100"]).await;
    stage.speech_output.silence(TurnId(2));
    stage.sounds(&[]).await;
    let told = [stage.next().await, stage.next().await, stage.next().await];
    assert_eq!(
        told,
        [
            speaking(1, 0, "One."),
            speaking(2, 0, "Three."),
            Action::Speech(SpeechEvent::Ended { turn: TurnId(2) })
        ]
    );
}

#[tokio::test]
async fn a_reply_silenced_before_its_first_words_stays_silent_and_the_next_is_heard() {
    let mut stage = Stage::quick(narrator(""));
    stage.speech_output.silence(TurnId(2));
    stage.say(2, "This must not be heard.");
    stage.say(3, "This is said again.");
    assert_eq!(stage.next().await, speaking(3, 0, "This is said again."));
    assert_eq!(
        stage.next().await,
        Action::Speech(SpeechEvent::Ended { turn: TurnId(3) })
    );
}

#[tokio::test]
async fn a_skipped_sentence_is_silent_and_the_next_goes_on() {
    let mut stage = Stage::slow();
    stage.say(1, "One. Two.");
    stage.sounds(&["One.\n@100", "Two.\n@100"]).await;
    stage.speech_output.skip(TurnId(1), 0);
    // Meant for the first one, however often the key was pressed.
    stage.speech_output.skip(TurnId(1), 0);
    stage.sounds(&["Two.\n@100"]).await;
    stage.speech_output.skip(TurnId(1), 1);
    let told = [stage.next().await, stage.next().await, stage.next().await];
    assert_eq!(
        told,
        [
            speaking(1, 0, "One."),
            speaking(1, 1, "Two."),
            Action::Speech(SpeechEvent::Ended { turn: TurnId(1) })
        ]
    );
}

#[tokio::test]
async fn another_rate_holds_from_the_next_sentence_on() {
    let stage = Stage::slow();
    stage.say(1, "One. Two. Three. Four.");
    stage
        .sounds(&["One.\n@100", "Two.\n@100", "Three.\n@100"])
        .await;
    stage.speech_output.set_rate(120.try_into().unwrap());
    stage
        .sounds(&["One.\n@100", "Two.\n@120", "Three.\n@120"])
        .await;
}

#[tokio::test]
async fn mute_silences_what_sounds_and_volume_reaches_the_loudspeaker() {
    let mut stage = Stage::slow();
    stage.say(1, "One.");
    assert_eq!(stage.next().await, speaking(1, 0, "One."));
    stage.speech_output.set_volume(30.try_into().unwrap());
    stage.speech_output.mute(true);
    assert_eq!(
        stage.next().await,
        Action::Speech(SpeechEvent::Ended { turn: TurnId(1) })
    );
    assert_eq!(
        (stage.record.wanted(), *stage.record.volume.lock().unwrap()),
        (vec![], Some(0.3))
    );
    stage.say(2, "Two.");
    stage.speech_output.mute(false);
    stage.say(3, "Three.");
    assert_eq!(stage.next().await, speaking(3, 0, "Three."));
}

#[tokio::test]
async fn a_reply_that_cannot_be_spoken_is_told_once_and_stays_silent() {
    let folder = tempfile::TempDir::new().unwrap();
    let failed = folder.path().join("failed").display().to_string();
    let mut stage = Stage::quick(narrator(&format!(
        "mkdir '{failed}' 2>/dev/null && exit 1;"
    )));
    stage.speech_output.begin(TurnId(1), Language::English);
    stage
        .speech_output
        .delta(TurnId(1), "The first sentence fails. The second");
    assert!(matches!(
        stage.next().await,
        Action::Speech(SpeechEvent::Unavailable(Missing {
            part: Part::Narrator,
            ..
        }))
    ));
    stage
        .speech_output
        .delta(TurnId(1), " sentence stays silent.");
    stage.speech_output.end(TurnId(1));
    assert_eq!(
        stage.next().await,
        Action::Speech(SpeechEvent::Ended { turn: TurnId(1) })
    );
    stage.say(2, "The next reply is heard.");
    assert!(matches!(
        stage.next().await,
        Action::Speech(SpeechEvent::Sentence {
            turn: TurnId(2),
            index: 0,
            text: _
        })
    ));
}

#[tokio::test]
async fn the_loudspeaker_is_opened_ahead_only_where_somebody_speaks() {
    for (narrator, opened) in [(narrator(""), true), (Narrator::None, false)] {
        let mut stage = Stage::quick(narrator);
        stage.speech_output.expect();
        stage.say(1, "One.");
        while stage.next().await != Action::Speech(SpeechEvent::Ended { turn: TurnId(1) }) {}
        assert_eq!(*stage.record.prepared.lock().unwrap() > 0, opened);
    }
}

/// Takes every clip, and finds out that there is no device only then.
struct Absent;

impl Speaker for Absent {
    fn play(&mut self, _: Speech, ended: Ended) -> Result<Playback, VoiceError> {
        ended(Err(VoiceError::NoSpeaker));
        Ok(Playback::default())
    }

    fn set_volume(&mut self, _: f32) {}

    fn name(&self) -> String {
        "absent".into()
    }
}

#[tokio::test]
async fn without_a_loudspeaker_one_notice_says_what_helps_and_no_later_sentence_takes_it_back() {
    let (sender, mut actions) = mpsc::channel(32);
    let speech_output = SpeechOutput::start(narrator(""), Box::new(Absent), sender);
    speech_output.begin(TurnId(1), Language::English);
    speech_output.delta(TurnId(1), "One. Two. Three. Four.");
    speech_output.end(TurnId(1));
    let mut told = Vec::new();
    while told.last() != Some(&Action::Speech(SpeechEvent::Ended { turn: TurnId(1) })) {
        told.push(
            timeout(PATIENCE, actions.recv())
                .await
                .expect("an action in time")
                .expect("the speech_output lives"),
        );
    }
    let notice = |action: &Action| matches!(action, Action::Speech(SpeechEvent::Unavailable(missing)) if !missing.remedy.is_empty());
    assert_eq!(
        told.iter().filter(|action| notice(action)).count(),
        1,
        "{told:?}"
    );
    let after = told.iter().skip_while(|action| !notice(action));
    assert_eq!(
        after
            .filter(|action| matches!(action, Action::Speech(SpeechEvent::Sentence { .. })))
            .count(),
        0,
        "{told:?}"
    );
}
