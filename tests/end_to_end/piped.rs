//! The same interview without a screen.

use std::fs;

use assert_cmd::Command;

use crate::home::Home;
use crate::terminal::squeezed;

fn program(home: &Home) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mock-interviewer"));
    command.env_clear().envs(home.environment()).current_dir(home.path());
    command.args(["--interviewer", "offline", "--narrator", "none", "--language", "en"]);
    command
}

#[test]
fn through_pipes_stdout_holds_the_interview_and_nothing_else() {
    let home = Home::new();
    let mut command = program(&home);
    command.args(["practice", "--topic", "Rust", "--questions", "2", "--report", "interview.json"]);
    let output = command.write_stdin("I own my values.\nI borrow them.\n").output().expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));

    let json = fs::read_to_string(home.path().join("interview.json")).expect("the report");
    let report: serde_json::Value = serde_json::from_str(&json).expect("valid JSON");
    let turns = report["turns"].as_array().expect("turns");
    let mut said: Vec<&str> = turns.iter().filter_map(|turn| turn["question"].as_str()).collect();
    said.extend(report["feedback"].as_str());
    assert_eq!(said.len(), 3, "two questions and the feedback: {said:?}");

    let stdout = squeezed(&String::from_utf8(output.stdout).expect("UTF-8"));
    let places: Vec<usize> = said.iter().map(|words| stdout.find(&squeezed(words)).expect("said aloud")).collect();
    assert!(places.is_sorted(), "in their order: {places:?}");
    assert!(stdout.ends_with(&squeezed(said[2])), "nothing follows the feedback");
    assert!(!stdout.contains("interview.json"), "notices go to standard error");
}

#[test]
fn opened_without_a_terminal_it_asks_line_by_line_without_moving_the_cursor() {
    let output = program(&Home::new()).write_stdin("Rust\nI own my values.\n").output().expect("the program runs");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(
        (output.status.code(), stdout.contains('\x1b'), stdout.contains('?')),
        (Some(0), false, true),
        "{stdout}"
    );
}
