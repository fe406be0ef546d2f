//! Tests that the terminal is restored however the program ends.

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
fn ctrl_c_twice_quits_with_130(#[values(Keyboard::Legacy, Keyboard::Kitty)] keyboard: Keyboard) {
    let (_home, mut terminal) = interview(keyboard);
    let ctrl_c = if keyboard == Keyboard::Kitty {
        keys::CTRL_C_KITTY
    } else {
        keys::CTRL_C
    };
    terminal.press(ctrl_c);
    terminal.press(ctrl_c);
    assert_eq!(terminal.wait_exit().exit_code(), 130);
    terminal.assert_restored();
}

/// No shell shares this terminal, so the program is not really stopped: it restores the terminal and sets it up again.
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

#[cfg(target_os = "linux")]
#[test]
fn the_first_frame_does_not_wait_for_a_keyring_that_does_not_answer() {
    let home = Home::new();
    let state = home.path().join(".local/state/mock-interviewer");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::write(state.join("choices.toml"), "keys = [\"openai\"]").unwrap();
    // The system accepts connections, but nothing ever answers them.
    let bus = home.path().join("bus");
    let _silent = std::os::unix::net::UnixListener::bind(&bus).unwrap();
    let mut variables = home.environment();
    variables.retain(|(name, _)| name != "DBUS_SESSION_BUS_ADDRESS");
    variables.push((
        "DBUS_SESSION_BUS_ADDRESS".to_owned(),
        format!("unix:path={}", bus.display()),
    ));
    let mut terminal = Terminal::open_in(
        &home,
        &variables,
        (80, 24),
        Keyboard::Legacy,
        &["--narrator", "none"],
    );
    terminal.wait_for("api.openai.com");
    // The program logs when it stops waiting for the keyring. The frame came first.
    assert!(!home.holds("the keyring does not answer"));
}
