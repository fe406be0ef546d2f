//! Tests choosing, losing and regaining the microphones and speakers of the virtual sound card.

use rstest::rstest;

use crate::home::{Home, needs, recording, test_model};
use crate::sound::{NoMicrophone, Plugged, SpeakerMonitor, say_into_microphone, sound_card};
use crate::terminal::{Keyboard, Terminal};
use crate::texts::{ENGLISH, keys};

fn open(home: &Home, more: &[&str]) -> Terminal {
    let model = test_model();
    let arguments = [
        "--interviewer",
        "offline",
        "--narrator",
        "none",
        "--language",
        "en",
        "--model",
        &model,
    ];
    let mut terminal = Terminal::open(
        home,
        (80, 24),
        Keyboard::Kitty,
        &[&arguments[..], more].concat(),
    );
    terminal.wait_for(ENGLISH.lobby);
    terminal
}

fn interview(home: &Home, more: &[&str]) -> Terminal {
    let mut terminal = open(home, more);
    terminal.press(keys::ENTER);
    terminal.wait_for(ENGLISH.first_question);
    terminal
}

fn quit(mut terminal: Terminal) {
    terminal.press(keys::CTRL_Q);
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn a_recording_survives_unplugging_and_the_microphone_is_used_again_when_it_is_back() {
    needs("MOCK_INTERVIEWER_TEST_SOUND");
    let _alone = sound_card();
    let home = Home::new();
    let plugged = Plugged::new("Desk");
    let mut terminal = interview(&home, &["--microphone", "desk"]);
    terminal.press(keys::SPACE);
    terminal.wait_for(ENGLISH.listening);
    plugged.say(&recording("short-en-1.wav"));
    drop(plugged);
    terminal.wait_for("“Desk” was unplugged");
    terminal.wait_for(ENGLISH.listening);
    say_into_microphone(&recording("short-en-4.wav"));
    terminal.press(keys::SPACE_RELEASED);
    terminal.wait_for("I learned to write clear code.");
    terminal.wait_for("The first problem was the test suite.");

    let plugged = Plugged::new("Desk");
    terminal.wait_for("“Desk” is back");
    terminal.press(keys::F2);
    terminal.wait_for(ENGLISH.listening);
    plugged.say(&recording("short-en-5.wav"));
    terminal.press(keys::F2);
    terminal.wait_for("We fixed a chat server with Rust and Java.");
    quit(terminal);
}

#[rstest]
#[case::tapped(keys::F2, keys::F2)]
#[case::held(keys::SPACE, keys::SPACE_RELEASED)]
fn a_silent_microphone_is_noticed_during_an_answer_and_so_is_its_recovery(
    #[case] start: &str,
    #[case] stop: &str,
) {
    needs("MOCK_INTERVIEWER_TEST_SOUND");
    let _alone = sound_card();
    let home = Home::new();
    let plugged = Plugged::new("Lamp");
    let mut terminal = interview(&home, &["--microphone", "LAMP"]);
    terminal.press(start);
    terminal.wait_for("“Lamp” delivers only silence");
    terminal.wait_for("muted");
    terminal.wait_for(ENGLISH.listening);
    plugged.say(&recording("short-en-1.wav"));
    terminal.wait_gone("Only silence");
    terminal.press(stop);
    terminal.wait_for("I learned to write clear code.");
    quit(terminal);
}

#[test]
fn an_unknown_microphone_is_reported_with_those_found_and_used_once_it_is_plugged_in() {
    needs("MOCK_INTERVIEWER_TEST_SOUND");
    let _alone = sound_card();
    let home = Home::new();
    let _plugged = Plugged::new("Desk");
    let mut terminal = interview(&home, &["--microphone", "Kitchen"]);
    terminal.wait_for("No microphone is called “Kitchen”");
    terminal.wait_for("Desk");
    terminal.press(keys::SPACE);
    terminal.wait_for(ENGLISH.listening);
    say_into_microphone(&recording("short-en-1.wav"));
    terminal.press(keys::SPACE_RELEASED);
    terminal.wait_for("I learned to write clear code.");

    let plugged = Plugged::new("Kitchen");
    terminal.wait_for("“Kitchen” is back");
    terminal.press(keys::F2);
    terminal.wait_for(ENGLISH.listening);
    plugged.say(&recording("short-en-5.wav"));
    terminal.press(keys::F2);
    terminal.wait_for("We fixed a chat server with Rust and Java.");
    quit(terminal);
}

#[test]
fn devices_chosen_at_home_are_checked_used_and_remembered() {
    needs("MOCK_INTERVIEWER_TEST_SOUND");
    let _alone = sound_card();
    let home = Home::new();
    let plugged = Plugged::new("Studio");
    let mut terminal = open(&home, &[]);
    terminal.press(keys::F7);
    terminal.wait_for("system default");
    terminal.press(keys::RIGHT);
    terminal.press(keys::RIGHT);
    terminal.wait_for("‹Studio›");
    terminal.press(keys::ENTER);
    terminal.wait_gone("‹Studio›");
    terminal.wait_until("the choice on disk", |_| {
        home.holds("microphone = \"Studio\"")
    });

    // The check plays the recording back through the speaker.
    let ear = SpeakerMonitor::open();
    terminal.press(keys::F8);
    terminal.wait_for("Say a sentence");
    plugged.say(&recording("short-en-1.wav"));
    terminal.wait_for("I learned to write clear code.");
    ear.wait_for_sound(0.05);
    quit(terminal);

    let mut again = interview(&home, &[]);
    again.press(keys::F2);
    again.wait_for(ENGLISH.listening);
    plugged.say(&recording("short-en-5.wav"));
    again.press(keys::F2);
    again.wait_for("We fixed a chat server with Rust and Java.");
    quit(again);

    // A name on the command line takes precedence over the remembered one.
    let mut told = open(&home, &["--microphone", "mic"]);
    told.press(keys::F8);
    told.wait_for("Remapped");
    told.press(keys::ESC);
    told.wait_gone("Remapped");
    quit(told);
}

#[test]
fn the_only_microphone_is_used_again_when_it_is_back_and_no_word_is_lost() {
    needs("MOCK_INTERVIEWER_TEST_SOUND");
    let _alone = sound_card();
    let home = Home::new();
    let mut terminal = interview(&home, &[]);
    terminal.press(keys::SPACE);
    terminal.wait_for(ENGLISH.listening);
    say_into_microphone(&recording("short-en-1.wav"));
    let bare = NoMicrophone::new();
    terminal.wait_for("No microphone");
    terminal.press(keys::SPACE_RELEASED);
    terminal.wait_for("I learned to write clear code.");

    drop(bare);
    terminal.wait_for("is back");
    terminal.press(keys::F2);
    terminal.wait_for(ENGLISH.listening);
    say_into_microphone(&recording("short-en-5.wav"));
    terminal.press(keys::F2);
    terminal.wait_for("We fixed a chat server with Rust and Java.");
    quit(terminal);
}

#[test]
fn leaving_an_interview_ends_every_thread_it_started() {
    needs("MOCK_INTERVIEWER_TEST_SOUND");
    let _alone = sound_card();
    let home = Home::new();
    let _plugged = Plugged::new("Desk");
    let mut terminal = open(&home, &["--microphone", "Desk"]);
    visit_interview(&mut terminal);
    let before = terminal.threads();
    for _ in 0..3 {
        visit_interview(&mut terminal);
    }
    terminal.wait_until_threads(before);
    quit(terminal);
}

/// Opens the device dialog, then talks in an interview and leaves it.
fn visit_interview(terminal: &mut Terminal) {
    terminal.press(keys::F7);
    terminal.wait_for("‹Desk›");
    terminal.press(keys::ESC);
    terminal.wait_gone("‹Desk›");
    terminal.press(keys::ENTER);
    terminal.wait_for(ENGLISH.first_question);
    terminal.press(keys::F2);
    terminal.wait_for("“Desk” delivers only silence");
    terminal.press(keys::ESC);
    terminal.wait_gone(ENGLISH.listening);
    terminal.press(keys::F9);
    terminal.wait_for(ENGLISH.lobby);
}
