//! Tests of what a terminal sends besides plain keys.

use rstest::rstest;

use crate::home::Home;
use crate::terminal::{Keyboard, Terminal};
use crate::texts::{ENGLISH, keys};

fn interview(home: &Home) -> Terminal {
    let arguments = ["--offline", "--narrator", "none", "--language", "en"];
    let mut terminal = Terminal::open(home, (80, 24), Keyboard::Legacy, &arguments);
    terminal.wait_for(ENGLISH.lobby);
    terminal.press(keys::ENTER);
    terminal.wait_for(ENGLISH.first_question);
    terminal
}

#[rstest]
#[case::shift_enter(&["one", "\x1b[13;2u", "two"], "one\ntwo")]
#[case::shift_enter_of_xterm(&["one", "\x1b[27;2;13~", "two"], "one\ntwo")]
#[case::pasted_at_once(&["one\rtwo\rthree"], "one\ntwo\nthree")]
#[case::late_colour(&["one", "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\two"], "onetwo")]
#[case::late_version(&["one", "\x1bP>|XTerm(390)\x1b\\two"], "onetwo")]
#[case::late_mode(&["one", "\x1b[?2026;2$ytwo"], "onetwo")]
#[case::colour_scheme(&["one", "\x1b[?997;1ntwo"], "onetwo")]
#[case::window_manager(&["one", "\x1b[97;9u\x1b[98;33utwo"], "onetwo")]
#[case::split_arrow(&["to", "\x1b", "[D", "w"], "two")]
fn the_draft_holds_what_was_written_and_no_more(#[case] sent: &[&str], #[case] draft: &str) {
    let home = Home::new();
    let mut terminal = interview(&home);
    for part in sent {
        terminal.press(part);
    }
    terminal.wait_until("the draft on disk", |_| {
        home.draft().as_deref() == Some(draft)
    });
    terminal.wait_for(ENGLISH.first_question);
}
