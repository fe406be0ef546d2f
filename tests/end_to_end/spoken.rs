//! Tests of interviews with recorded answers, transcribed by the test model.

use crate::home::{Home, recording, test_model};
use crate::terminal::{Keyboard, Terminal};
use crate::texts::{ENGLISH, KOREAN, keys};

#[test]
fn a_tapped_answer_in_korean_is_transcribed_on_a_small_screen() {
    let home = Home::new();
    let model = test_model();
    let file = recording("korean-ko-1.wav");
    let voice = home.path().join("interviewer.wav").display().to_string();
    let mut arguments = vec![
        "--interviewer",
        "offline",
        "--language",
        "ko",
        "--model",
        &model,
        "--speaker-file",
        &voice,
    ];
    // Each question may be followed up once.
    for _ in 0..10 {
        arguments.extend(["--mic-file", &file]);
    }
    let mut terminal = Terminal::open(&home, (40, 12), Keyboard::Legacy, &arguments);
    terminal.wait_for(KOREAN.lobby);
    terminal.press(keys::ENTER);
    terminal.wait_for(&KOREAN.question(1));
    for number in 1..=5 {
        let next = [
            KOREAN.report_written.to_owned(),
            KOREAN.question(number + 1),
        ];
        answer_aloud(&mut terminal);
        let follow_up = KOREAN.follow_up(number);
        let expected = [&next[..], std::slice::from_ref(&follow_up)].concat();
        if terminal.wait_for_any(&expected) == follow_up {
            answer_aloud(&mut terminal);
            terminal.wait_for_any(&next);
        }
    }
    terminal.press(keys::CTRL_Q);
    assert_eq!(terminal.wait_exit().exit_code(), 0);

    let turns = home.report()["turns"].as_array().unwrap().clone();
    let spoken = turns.iter().filter(|turn| {
        turn["answer"]["words"].is_array() && turn["delivery"]["syllables_per_second"].is_number()
    });
    assert_eq!(spoken.count(), turns.len());
}

/// The speech model's clean-up at exit must not free what a running transcription still uses. Not every exit interrupts
/// one, so the test quits several times.
#[test]
fn quitting_during_a_transcription_exits_normally() {
    let home = Home::new();
    let model = test_model();
    let file = recording("long-en-120s.flac");
    let arguments = [
        "--interviewer",
        "offline",
        "--narrator",
        "none",
        "--model",
        &model,
        "--mic-file",
        &file,
    ];
    for _ in 0..5 {
        let mut terminal = Terminal::open(&home, (80, 24), Keyboard::Legacy, &arguments);
        terminal.wait_for(ENGLISH.lobby);
        terminal.press(keys::ENTER);
        terminal.wait_for(ENGLISH.first_question);
        terminal.press(keys::F2);
        terminal.wait_for(&format!("{} 0:02", ENGLISH.listening));
        terminal.press(keys::CTRL_C);
        terminal.press(keys::CTRL_C);
        assert_eq!(terminal.wait_exit().exit_code(), 130);
        terminal.assert_restored();
    }
}

/// Taps the talk key, waits for the end of the file by the clock on the screen, and taps again.
fn answer_aloud(terminal: &mut Terminal) {
    tap_until_transcribed(terminal, "그래서 저는 코드를 다시 개선했습니다.");
    terminal.press(keys::ENTER);
}

fn tap_until_transcribed(terminal: &mut Terminal, words: &str) {
    terminal.press(keys::SPACE);
    terminal.wait_for(&format!("{} 0:05", KOREAN.listening));
    terminal.press(keys::SPACE);
    terminal.wait_gone(KOREAN.listening);
    terminal.wait_for(words);
}
