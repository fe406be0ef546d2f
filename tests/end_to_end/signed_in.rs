//! Tests of embedded mode, in which the bundled server runs inside the program, and of a server that
//! is not there.

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

/// Port 9 is that of the discard service, which no test machine runs.
#[test]
fn a_server_that_is_not_there_is_said_before_anybody_signs_in() {
    let home = Home::new();
    let arguments = [
        "--mode",
        "server",
        "--server-url",
        "http://127.0.0.1:9",
        "--narrator",
        "none",
        "--language",
        "en",
    ];
    let mut terminal = Terminal::open(&home, (80, 24), Keyboard::Legacy, &arguments);
    terminal.wait_for("Cannot reach 127.0.0.1:9");
    terminal.wait_for("mock-interviewer --mode local");
    quit(terminal);
}
