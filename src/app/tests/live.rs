//! The words of an utterance appear while they are spoken.

use super::*;

fn so_far(turn: u64, written: &str, draft: &str) -> Action {
    Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(turn),
        event: UtteranceEvent::Partial {
            stable: written.to_owned(),
            provisional: draft.to_owned(),
        },
    })
}

fn talking() -> App {
    let mut app = asked();
    type_text(&mut app, "so");
    app.update(press(Code::F(2), 1000));
    app
}

#[test]
fn words_appear_while_they_are_spoken_and_are_safe_at_once() {
    let mut app = talking();
    assert_eq!(
        app.update(so_far(3, "We measured.", "Then we")),
        [save_draft("so We measured. Then we")]
    );
    let shown = app.ctx.composer.shown();
    assert_eq!(
        (shown.draft.text(), &shown.draft.text()[shown.provisional]),
        ("so We measured. Then we", "Then we")
    );
    assert_eq!(app.ctx.composer.draft.text(), "so");
}

#[test]
fn the_final_words_take_the_place_of_the_provisional_ones() {
    let mut app = talking();
    app.update(so_far(3, "", "We mesh"));
    app.update(press(Code::F(2), 9000));
    app.update(so_far(3, "We measured", ""));
    app.update(heard(3, "We measured.", 2.0));
    assert_eq!(app.unsent(), "so We measured.");
    app.update(so_far(3, "late", ""));
    assert_eq!(app.unsent(), "so We measured.");
}

#[test]
fn text_typed_while_words_are_awaited_follows_them() {
    let mut app = talking();
    app.update(so_far(3, "", "We mesh"));
    type_text(&mut app, "twice");
    let shown = app.ctx.composer.shown();
    assert_eq!(
        (shown.draft.text(), shown.draft.caret()),
        ("so We mesh twice", 16)
    );
    assert_eq!(&shown.draft.text()[shown.provisional], "We mesh");
    app.update(press(Code::F(2), 9000));
    type_text(&mut app, ",or");
    app.update(heard(3, "We measured", 2.0));
    assert_eq!(
        (app.unsent(), app.ctx.composer.draft.caret()),
        ("so We measured twice,or".to_owned(), 23)
    );
}

#[test]
fn words_of_two_utterances_stand_where_each_began() {
    let mut app = talking();
    app.update(press(Code::F(2), 9000));
    type_text(&mut app, "then");
    app.update(press(Code::F(2), 20_000));
    app.update(press(Code::F(2), 30_000));
    type_text(&mut app, "end");
    app.update(heard(3, "One", 1.0));
    app.update(heard(4, "Two", 1.0));
    assert_eq!(app.unsent(), "so One then Two end");
}

#[test]
fn a_deletion_before_awaited_words_moves_them() {
    let mut app = talking();
    app.update(press(Code::Home, 1100));
    app.update(press(Code::Delete, 1200));
    app.update(press(Code::F(2), 9000));
    app.update(heard(3, "We measured", 2.0));
    assert_eq!(app.unsent(), "o We measured");
}

#[test]
fn escape_leaves_no_trace_of_the_recording() {
    let mut app = talking();
    app.update(so_far(3, "We measured.", "Then"));
    assert_eq!(
        app.update(press(Code::Esc, 9000)),
        [save_draft("so"), cancel_listening(3)]
    );
    assert_eq!(app.unsent(), "so");
}

#[test]
fn words_from_before_a_broken_microphone_or_a_failed_transcription_stay() {
    let mut app = talking();
    app.update(so_far(3, "We measured.", "Then"));
    app.update(press(Code::F(2), 9000));
    app.update(Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(3),
        event: UtteranceEvent::NotTranscribed {
            reason: "out of memory".to_owned(),
        },
    }));
    assert_eq!(app.ctx.composer.draft.text(), "so We measured. Then");
}
