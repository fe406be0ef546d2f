//! Tests of interviews on the keyboard.

use rstest::rstest;

use crate::home::Home;
use crate::terminal::{Keyboard, Terminal, without_spaces};
use crate::texts::{ENGLISH, KOREAN, Texts, keys};

const SILENT: [&str; 3] = ["--offline", "--narrator", "none"];

fn open(home: &Home, texts: &Texts) -> Terminal {
    let arguments = [&SILENT[..], &["--language", texts.language]].concat();
    let mut terminal = Terminal::open(home, (80, 24), Keyboard::Legacy, &arguments);
    terminal.wait_for(texts.lobby);
    terminal
}

#[rstest]
#[case::english(&ENGLISH, "I do not know that.")]
#[case::korean(&KOREAN, "잘 모르겠습니다.")]
fn a_typed_interview_leads_from_home_to_the_report(#[case] texts: &Texts, #[case] answer: &str) {
    let home = Home::new();
    let mut terminal = open(&home, texts);
    terminal.press(keys::ENTER);
    for number in 1..=5 {
        terminal.wait_for(&texts.question(number));
        terminal.press(answer);
        terminal.wait_for(answer);
        terminal.press(keys::ENTER);
    }
    terminal.wait_for(texts.report_written);
    terminal.press(keys::CTRL_Q);
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    terminal.assert_restored();

    let report = home.report();
    let answers: Vec<&str> = report["turns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|turn| turn["answer"]["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        (answers, report["feedback"].is_string()),
        (vec![answer; 5], true)
    );
}

#[test]
fn an_unsent_draft_and_the_committed_turns_survive_a_kill() {
    let home = Home::new();
    let mut terminal = open(&home, &ENGLISH);
    terminal.press(keys::ENTER);
    terminal.wait_for(ENGLISH.first_question);
    terminal.press("I do not know this one.\r");
    terminal.wait_for(ENGLISH.second_question);
    terminal.press("half of a thought");
    terminal.wait_until("the draft on disk", |_| {
        home.draft().as_deref() == Some("half of a thought")
    });
    terminal.signal(rustix::process::Signal::KILL);
    terminal.wait_exit();

    let mut again = open(&home, &ENGLISH);
    again.wait_for("Continue");
    again.press(keys::ENTER);
    again.wait_until("draft and turn are back", |screen| {
        let shown = without_spaces(&screen.contents());
        shown.contains("halfofathought") && shown.contains("Idonotknowthisone.")
    });
}

#[test]
fn without_microphone_model_and_voice_the_interview_goes_on_in_text() {
    let home = Home::new();
    let nothing = home.path().join("empty").display().to_string();
    let bare = [
        ("HOME", home.path().to_str().unwrap()),
        ("TERM", "xterm-256color"),
        ("PATH", &nothing),
        ("XDG_RUNTIME_DIR", &nothing),
    ];
    let variables: Vec<(String, String)> = bare
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let arguments = ["--interviewer", "offline", "--language", "en"];
    let mut terminal = Terminal::open_in(&home, &variables, (80, 24), Keyboard::Legacy, &arguments);
    // The speech model is offered once, and declined.
    terminal.wait_for("Talk instead of typing?");
    terminal.press("2");
    terminal.wait_for(ENGLISH.model_remedy);
    terminal.press(keys::ENTER);
    terminal.wait_for(ENGLISH.first_question);
    terminal.press("Typing works.\r");
    terminal.wait_for(ENGLISH.second_question);
}
