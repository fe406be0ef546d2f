//! Tests of replies that fail in the middle.

use super::*;

const REASON: &str = "The reply was cut off: it reached the length limit.";

fn cut_off(app: &mut App, turn: u64) {
    for event in [
        BackendEvent::Delta("Why did ".to_owned()),
        BackendEvent::Delta("you ".to_owned()),
        BackendEvent::Failed(Failure::Retry(REASON.to_owned())),
    ] {
        let turn = TurnId(turn);
        app.update(Action::Turn { turn, event });
    }
}

fn said(app: &App) -> Vec<(Who, String)> {
    open(app)
        .said()
        .into_iter()
        .map(|entry| (entry.who, entry.text))
        .collect()
}

fn unfinished() -> (Who, String) {
    (Who::Interviewer, format!("Why did you …\n\n*{REASON}*"))
}

#[test]
fn a_reply_that_is_cut_off_stays_on_the_screen_until_the_answer_is_sent_again() {
    let mut app = asked();
    let before = said(&app);
    type_text(&mut app, "because");
    app.update(press(Code::Enter, 0));
    cut_off(&mut app, 3);
    let answer = (Who::Candidate, "because".to_owned());
    let expected = [before.clone(), vec![answer.clone(), unfinished()]].concat();
    assert_eq!(said(&app), expected);
    assert_eq!(open(&app).entries.len(), before.len(), "it is no turn");
    assert_eq!(app.ctx.composer.draft.text(), "because");
    assert_eq!(
        app.update(press(Code::Enter, 1)),
        [send(4, 1, typed("because"))]
    );
    assert_eq!(said(&app), [before, vec![answer]].concat());
}

#[test]
fn a_first_question_that_is_cut_off_stays_on_the_screen_and_enter_asks_again() {
    let (mut app, _) = App::new(setup(Mode::Local));
    let started = app.update(press(Code::Enter, 0));
    let turn = open(&app).request.turn().unwrap();
    cut_off(&mut app, turn.0);
    assert_eq!(said(&app), [unfinished()]);
    let again = app.update(press(Code::Enter, 1));
    let requests = |effects: &[Effect]| -> Vec<BackendEffect> {
        let of = |effect: &Effect| match effect {
            Effect::Turn { effect, .. } => Some(effect.clone()),
            _ => None,
        };
        effects.iter().filter_map(of).collect()
    };
    assert_eq!(requests(&again), requests(&started));
    assert_eq!(said(&app), []);
    assert_eq!(app.ctx.composer.draft.text(), "");
}

#[test]
fn a_reply_without_words_leaves_nothing_on_the_screen() {
    let mut app = asked();
    let before = said(&app);
    type_text(&mut app, "because");
    app.update(press(Code::Enter, 0));
    for event in [
        BackendEvent::Delta(" \n".to_owned()),
        BackendEvent::Failed(Failure::Retry(REASON.to_owned())),
    ] {
        let turn = TurnId(3);
        app.update(Action::Turn { turn, event });
    }
    assert_eq!(said(&app), before);
}
