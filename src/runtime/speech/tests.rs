//! What is heard of replies, with a scripted loudspeaker and a file as the voice.

use std::time::Duration;

use tokio::time::timeout;

use super::*;
use crate::narrator::command::Command;
use crate::voice::{Ended, VoiceError};

/// Longest wait for an action: far longer than any should take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Plays each clip in no time.
struct Quick;

impl Speaker for Quick {
    fn play(&mut self, _speech: Speech, ended: Ended) -> Result<(), VoiceError> {
        ended(Ok(()));
        Ok(())
    }

    fn stop(&mut self) {}

    fn name(&self) -> String {
        "quick".into()
    }
}

/// A voice that says the same whatever it is given, after `before` has been run.
fn narrator(before: &str) -> Narrator {
    let file = format!("{}/tests/fixtures/speech/short-en-1.wav", env!("CARGO_MANIFEST_DIR"));
    Narrator::Command(Command { argv: vec!["sh".into(), "-c".into(), format!("{before} cat '{file}'")] })
}

struct Stage {
    mouth: Mouth,
    actions: mpsc::Receiver<Action>,
}

impl Stage {
    fn new(narrator: Narrator) -> Self {
        let (sender, actions) = mpsc::channel(32);
        Self { mouth: Mouth::start(narrator, Box::new(Quick), sender), actions }
    }

    fn say(&self, turn: u64, text: &str) {
        self.mouth.begin(TurnId(turn), Language::English);
        self.mouth.delta(TurnId(turn), text);
        self.mouth.end(TurnId(turn));
    }

    async fn next(&mut self) -> Action {
        timeout(PATIENCE, self.actions.recv()).await.expect("an action in time").expect("the mouth lives")
    }
}

#[tokio::test]
async fn a_reply_is_spoken_sentence_by_sentence() {
    let mut stage = Stage::new(narrator(""));
    stage.say(1, "This is the first sentence. This is the second one.");
    assert_eq!(stage.next().await, Action::Speaking(TurnId(1), 0, "This is the first sentence.".into()));
    assert_eq!(stage.next().await, Action::Speaking(TurnId(1), 1, "This is the second one.".into()));
    assert_eq!(stage.next().await, Action::SpokeAll(TurnId(1)));
}

#[tokio::test]
async fn a_reply_silenced_before_its_first_words_stays_silent_and_the_next_is_heard() {
    let mut stage = Stage::new(narrator(""));
    stage.mouth.silence(TurnId(2));
    stage.say(2, "This must not be heard.");
    stage.say(3, "This is said again.");
    assert_eq!(stage.next().await, Action::Speaking(TurnId(3), 0, "This is said again.".into()));
    assert_eq!(stage.next().await, Action::SpokeAll(TurnId(3)));
}

#[tokio::test]
async fn a_reply_that_cannot_be_spoken_is_told_once_and_stays_silent() {
    let folder = tempfile::TempDir::new().unwrap();
    let failed = folder.path().join("failed").display().to_string();
    let mut stage = Stage::new(narrator(&format!("mkdir '{failed}' 2>/dev/null && exit 1;")));
    stage.mouth.begin(TurnId(1), Language::English);
    stage.mouth.delta(TurnId(1), "The first sentence fails. The second");
    assert!(matches!(stage.next().await, Action::NotSpoken(Missing { part: Part::Narrator, .. })));
    stage.mouth.delta(TurnId(1), " sentence stays silent.");
    stage.mouth.end(TurnId(1));
    assert_eq!(stage.next().await, Action::SpokeAll(TurnId(1)));
    stage.say(2, "The next reply is heard.");
    assert!(matches!(stage.next().await, Action::Speaking(TurnId(2), 0, _)));
}
