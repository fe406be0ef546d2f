//! However the program ends, the terminal is as it was.

use rstest::rstest;
use rustix::process::Signal;

use crate::home::Home;
use crate::terminal::{Keyboard, Terminal};
use crate::texts::{ENGLISH, keys};

fn interview(keyboard: Keyboard) -> (Home, Terminal) {
    let home = Home::new();
    let arguments = ["--offline", "--narrator", "none", "--language", "en"];
    let mut terminal = Terminal::open(&home, (80, 24), keyboard, &arguments);
    terminal.wait_for(ENGLISH.lobby);
    terminal.press(keys::ENTER);
    terminal.wait_for(ENGLISH.first_question);
    (home, terminal)
}

#[rstest]
#[case::sigterm(Signal::TERM)]
#[case::sighup(Signal::HUP)]
fn a_signal_restores_the_terminal(
    #[case] signal: Signal,
    #[values(Keyboard::Legacy, Keyboard::Kitty)] keyboard: Keyboard,
) {
    let (_home, mut terminal) = interview(keyboard);
    terminal.signal(signal);
    terminal.wait_exit();
    terminal.assert_restored();
}

#[rstest]
fn ctrl_c_twice_leaves_with_130(#[values(Keyboard::Legacy, Keyboard::Kitty)] keyboard: Keyboard) {
    let (_home, mut terminal) = interview(keyboard);
    let ctrl_c = if keyboard == Keyboard::Kitty { keys::CTRL_C_KITTY } else { keys::CTRL_C };
    terminal.press(ctrl_c);
    terminal.press(ctrl_c);
    assert_eq!(terminal.wait_exit().exit_code(), 130);
    terminal.assert_restored();
}

/// The program is alone in its terminal here, so nobody can stop it: it gives the terminal back and takes it again.
#[test]
fn after_ctrl_z_the_interview_is_on_the_screen_again() {
    let (_home, mut terminal) = interview(Keyboard::Legacy);
    terminal.press("half of a thought");
    terminal.wait_for("half of a thought");
    terminal.press(keys::CTRL_Z);
    terminal.press(", and the rest");
    terminal.wait_for("half of a thought, and the rest");
    terminal.wait_for(ENGLISH.first_question);
    terminal.press(keys::CTRL_Q);
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    terminal.assert_restored();
}
