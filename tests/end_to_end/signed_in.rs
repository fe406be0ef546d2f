//! Tests of embedded mode, in which the bundled server runs inside the program.

use crate::home::{Home, needs};
use crate::terminal::{Keyboard, Terminal};
use crate::texts::{ENGLISH, keys};

fn open(home: &Home) -> Terminal {
    let arguments = [
        "--mode",
        "embedded",
        "--offline",
        "--narrator",
        "none",
        "--language",
        "en",
    ];
    Terminal::open(home, (80, 24), Keyboard::Legacy, &arguments)
}

fn quit(mut terminal: Terminal) {
    terminal.press(keys::CTRL_Q);
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn a_registered_user_is_signed_in_at_the_next_start() {
    needs("MOCK_INTERVIEWER_TEST_KEYRING");
    let home = Home::new();
    let mut terminal = open(&home);
    terminal.wait_for(ENGLISH.sign_in);
    for field in ["dana", "dana@example.com", "correct horse"] {
        terminal.press(field);
        // Enter moves to the next field, and submits the form on the last one.
        terminal.press(keys::ENTER);
    }
    terminal.wait_for(ENGLISH.lobby);
    terminal.press(keys::ENTER);
    terminal.wait_for("your turn");
    terminal.press("I would measure first.\r");
    terminal.wait_for("I would measure first.");
    quit(terminal);

    assert!(
        !home.holds("correct horse"),
        "the password is nowhere on disk in clear"
    );
    let mut again = open(&home);
    again.wait_for(ENGLISH.lobby);
    quit(again);
}
