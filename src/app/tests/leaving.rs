//! Words that are still to come reach the draft, whatever key is pressed meanwhile.

use super::*;

/// Returns an interview in which the candidate has been talking since 1000 ms, as turn 3.
fn talking() -> App {
    let mut app = asked();
    app.update(press(Code::F(2), 1000));
    app
}

#[test]
fn words_said_before_leaving_for_the_lobby_reach_the_draft() {
    let mut app = talking();
    let effects = app.update(press(Code::F(9), 3000));
    assert_eq!(effects, [stop_listening(3), CLOSE_MICROPHONE, load(4)]);
    assert_eq!(
        app.update(heard(3, "it is safe", 2.0)),
        [save_draft("it is safe")]
    );
    assert_eq!(
        (&app.screen, app.ctx.composer.draft.text()),
        (&Screen::Lobby, "it is safe")
    );
}

#[test]
fn words_that_arrive_in_the_next_interview_are_stored_for_the_last_one() {
    let mut app = talking();
    type_text(&mut app, "well");
    app.update(press(Code::F(9), 3000));
    app.update(press(Code::Enter, 3500));
    let turn = open(&app).request.turn().expect("an interview was begun");
    let next = CompletedTurn {
        open: Some(QuestionRef {
            interview: "other".to_owned(),
            index: 1,
        }),
        ..done("Why?")
    };
    app.update(Action::Turn {
        turn,
        event: BackendEvent::Done(Box::new(next)),
    });
    assert_eq!(
        app.update(heard(3, "it is safe", 2.0)),
        [save_draft("well\nit is safe")]
    );
    assert_eq!(app.unsent(), "");
}

#[test]
fn the_question_to_end_the_interview_waits_for_the_words() {
    let mut app = talking();
    assert_eq!(app.update(press(Code::F(6), 3000)), [stop_listening(3)]);
    assert!(app.overlays.is_empty());
    app.update(heard(3, "it is safe", 2.0));
    assert_eq!(app.ctx.composer.draft.text(), "it is safe");
    assert_eq!(
        app.overlays.front(),
        Some(&Overlay::Dialog(Question::Finish, Pick::First))
    );
}

#[test]
fn escape_before_the_words_arrive_takes_the_question_back() {
    let mut app = talking();
    app.update(press(Code::F(6), 3000));
    assert!(app.update(press(Code::Esc, 3500)).is_empty());
    app.update(heard(3, "it is safe", 2.0));
    assert_eq!(
        (app.overlays.len(), app.ctx.composer.draft.text()),
        (0, "it is safe")
    );
}

#[test]
fn quitting_waits_for_the_words_and_keeps_them() {
    let mut app = talking();
    assert_eq!(app.update(ctrl('q', 3000)), [stop_listening(3)]);
    assert_eq!(app.ctx.notices.first().cloned(), Some(Notice::Leaving));
    app.update(Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(3),
        event: UtteranceEvent::Recorded(RecordingTail::default()),
    }));
    assert_eq!(
        app.update(heard(3, "it is safe", 2.0)),
        [save_draft("it is safe"), quit(0)]
    );
}

#[test]
fn quitting_twice_does_not_wait() {
    let mut app = talking();
    app.update(ctrl('q', 3000));
    assert_eq!(app.update(ctrl('q', 3500)), [quit(0)]);
}

#[test]
fn quitting_from_the_lobby_waits_for_the_words_too() {
    let mut app = talking();
    app.update(press(Code::F(9), 3000));
    assert!(app.update(ctrl('q', 3500)).is_empty());
    assert_eq!(
        app.update(Action::Voice(VoiceEvent::Utterance {
            utterance: TurnId(3),
            event: UtteranceEvent::NoSpeech
        })),
        [quit(0)]
    );
}

#[test]
fn words_that_cannot_be_transcribed_stop_the_app_from_quitting() {
    let mut app = talking();
    app.update(ctrl('q', 3000));
    assert!(
        app.update(Action::Voice(VoiceEvent::Utterance {
            utterance: TurnId(3),
            event: UtteranceEvent::NotTranscribed {
                reason: "no memory".to_owned()
            }
        }))
        .is_empty()
    );
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::NotTranscribed("no memory".to_owned()))
    );
}

#[test]
fn a_signal_quits_at_once_with_the_draft_on_disk() {
    let mut app = talking();
    assert_eq!(
        app.update(Action::Terminal(TerminalEvent::Paste("so".to_owned()))),
        [save_draft("so")]
    );
    assert_eq!(
        app.update(Action::Runtime(RuntimeEvent::Terminate)),
        [quit(130)]
    );
}
