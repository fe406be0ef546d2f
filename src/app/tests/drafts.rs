//! A draft belongs to its interview and its question.

use super::*;

fn other(index: u32) -> QuestionRef {
    QuestionRef {
        interview: "other".to_owned(),
        index,
    }
}

fn saved(of: QuestionRef, text: &str) -> Effect {
    Effect::SaveDraft {
        of,
        text: text.to_owned(),
    }
}

fn load_draft(of: QuestionRef) -> Effect {
    Effect::LoadDraft { of }
}

fn found(of: QuestionRef, text: &str) -> Action {
    Action::Runtime(RuntimeEvent::DraftFound {
        of,
        text: text.to_owned(),
    })
}

fn conversation(open: QuestionRef, said: &[(Role, &str)]) -> Box<Conversation> {
    let messages = said
        .iter()
        .map(|(role, text)| Message::new(*role, *text))
        .collect();
    Box::new(Conversation {
        messages,
        open: Some(open),
        ..Conversation::default()
    })
}

fn loaded(turn: u64, conversation: Box<Conversation>) -> Action {
    Action::Turn {
        turn: TurnId(turn),
        event: BackendEvent::Loaded(conversation),
    }
}

fn failed(turn: u64, failure: Failure) -> Action {
    Action::Turn {
        turn: TurnId(turn),
        event: BackendEvent::Failed(failure),
    }
}

#[test]
fn a_draft_does_not_follow_into_another_interview_and_comes_back_in_its_own() {
    let mut app = asked();
    type_text(&mut app, "an index");
    app.update(press(Code::F(9), 0));
    let own = conversation(question(1), &[(Role::Assistant, "Why Rust?")]);
    assert_eq!(
        app.update(loaded(3, own.clone())),
        [],
        "the draft is here already"
    );
    assert_eq!(app.unsent(), "an index");

    app.update(press(Code::Down, 0));
    let effects = app.update(press(Code::Enter, 0));
    assert_eq!(effects[0], saved(question(1), "an index"));
    assert_eq!(app.unsent(), "");
    app.update(Action::Turn {
        turn: TurnId(4),
        event: BackendEvent::Done(Box::new(CompletedTurn {
            open: Some(other(1)),
            ..done("What is a list?")
        })),
    });
    app.update(press(Code::Char('x'), 0));
    app.update(press(Code::F(9), 0));

    let effects = app.update(loaded(5, own));
    assert_eq!(effects, [saved(other(1), "x"), load_draft(question(1))]);
    app.update(found(other(1), "x"));
    assert_eq!(app.unsent(), "", "that one is for another question");
    app.update(found(question(1), "an index"));
    assert_eq!(app.unsent(), "an index");
    assert_eq!(app.ctx.notices.first(), Some(&Notice::DraftFound));
}

#[test]
fn an_answer_names_its_question_and_what_is_typed_meanwhile_is_for_the_next() {
    let mut app = asked();
    type_text(&mut app, "so");
    assert_eq!(
        app.update(press(Code::Enter, 0)).last(),
        Some(&send(3, 1, typed("so")))
    );
    type_text(&mut app, "n");
    let next = CompletedTurn {
        open: Some(question(2)),
        ..done("And?")
    };
    let effects = app.update(Action::Turn {
        turn: TurnId(3),
        event: BackendEvent::Done(Box::new(next)),
    });
    assert_eq!(effects, [saved(question(1), ""), saved(question(2), "n")]);
}

#[test]
fn an_interview_that_went_on_elsewhere_is_read_again_and_the_words_stay() {
    let mut app = asked();
    type_text(&mut app, "so");
    app.update(press(Code::Enter, 0));
    let reload = BackendEffect::Reload { open: question(1) };
    assert_eq!(
        app.update(failed(3, Failure::MovedOn)),
        [silence(3), turn(4, reload)]
    );
    assert_eq!(app.ctx.notices.first(), Some(&Notice::MovedOn));
    app.update(press(Code::Enter, 0));
    assert_eq!(
        app.unsent(),
        "so",
        "nothing is sent before the interview is read"
    );

    let said = [
        (Role::Assistant, "Why Rust?"),
        (Role::User, "it"),
        (Role::Assistant, "And?"),
    ];
    let effects = app.update(loaded(4, conversation(question(2), &said)));
    assert_eq!(effects, [saved(question(1), ""), saved(question(2), "so")]);
    let texts: Vec<_> = open(&app)
        .entries
        .iter()
        .map(|entry| &*entry.text)
        .collect();
    assert_eq!(texts, ["Why Rust?", "it", "And?"]);
    assert_eq!(open(&app).open, Some(question(2)));
    assert!(matches!(
        app.update(press(Code::Enter, 0)).last(),
        Some(Effect::Turn { effect: BackendEffect::Send { open: Some(of), .. }, .. }) if *of == question(2)
    ));
}
