//! Tests a spoken interview over the virtual sound card: answers go into its microphone, replies come from its speaker.

use rstest::rstest;

use crate::home::{Home, needs, recording, test_model};
use crate::sound::{SpeakerMonitor, say_into_microphone, sound_card};
use crate::terminal::{Keyboard, Terminal};
use crate::texts::{ENGLISH, keys};

/// The peak (0 to 1) that counts as sound: far above the silence of a null device, far below espeak-ng's voice.
const AUDIBLE: f32 = 0.05;

/// Terminals differ in how they report repeats of a held key that types a character.
#[rstest]
#[case::repeats_reported(keys::SPACE_REPEATED)]
#[case::repeats_typed(keys::SPACE)]
fn an_answer_is_spoken_while_space_is_held_and_the_reply_is_heard(#[case] repeat: &str) {
    needs("MOCK_INTERVIEWER_TEST_SOUND");
    let _alone = sound_card();
    let home = Home::new();
    let model = test_model();
    let arguments = [
        "--interviewer",
        "offline",
        "--narrator",
        "espeak",
        "--language",
        "en",
        "--model",
        &model,
    ];
    let mut terminal = Terminal::open(&home, (80, 24), Keyboard::Kitty, &arguments);
    terminal.wait_for(ENGLISH.lobby);
    terminal.press(keys::ENTER);
    terminal.wait_for(ENGLISH.first_question);

    terminal.press(keys::SPACE);
    terminal.wait_for(ENGLISH.listening);
    terminal.press(repeat);
    say_into_microphone(&recording("short-en-1.wav"));
    terminal.press(keys::SPACE_RELEASED);
    terminal.wait_for("I learned to write clear code.");

    let ear = SpeakerMonitor::open();
    terminal.press(keys::ENTER);
    terminal.wait_for(ENGLISH.second_question);
    ear.wait_for_sound(AUDIBLE);

    terminal.press(keys::CTRL_Q);
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    terminal.assert_restored();
    for step in [
        "drain_ms=",
        "voice_activity_ms=",
        "decode_ms=",
        "first_delta_ms=",
        "first_sound_ms=",
    ] {
        assert!(home.holds(step), "{step} is in the log");
    }
}
