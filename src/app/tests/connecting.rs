//! A failed connection shows its reason, and a key tries again.

use super::*;

fn retry(reason: &str) -> Failure {
    Failure::Retry(reason.to_owned())
}

#[test]
fn a_failed_connection_shows_its_reason_and_enter_tries_again() {
    let (mut app, _) = App::new(setup(Mode::Server {
        host: "h".to_owned(),
    }));
    app.update(Action::Session(SessionEvent::NotConnected(retry(
        "h cannot be reached",
    ))));
    assert_eq!(
        app.screen,
        Screen::Unconnected("h cannot be reached".to_owned())
    );
    assert!(app.update(press(Code::Char('x'), 1)).is_empty());
    assert_eq!(
        app.update(press(Code::Enter, 2)),
        [Effect::Session(SessionEffect::Connect)]
    );
    assert_eq!(app.screen, Screen::Connecting);
    assert_eq!(
        app.update(Action::Session(SessionEvent::SignedIn {
            user: "ada".to_owned()
        })),
        [load(1)]
    );
    assert_eq!(app.screen, Screen::Lobby);
}

#[test]
fn enter_in_the_lobby_retries_a_load_that_failed() {
    let (mut app, _) = App::new(setup(Mode::Local));
    app.update(Action::Turn {
        turn: TurnId(1),
        event: BackendEvent::Failed(retry("the disk is full")),
    });
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::Retry("the disk is full".to_owned(), RetryKey::Load))
    );
    assert_eq!(app.update(press(Code::Enter, 1)), [load(2)]);
    assert_eq!(app.ctx.notices.first().cloned(), None);
    assert!(
        app.update(press(Code::Enter, 1)).is_empty(),
        "it is being loaded still"
    );
    app.update(Action::Turn {
        turn: TurnId(2),
        event: BackendEvent::Loaded(Box::default()),
    });
    assert_eq!(
        app.update(press(Code::Enter, 2)),
        [OPEN_MICROPHONE, start(3)]
    );
}

#[test]
fn a_connection_that_fails_later_can_be_retried_from_the_lobby() {
    let (mut app, _) = App::new(setup(Mode::Local));
    app.update(Action::Turn {
        turn: TurnId(1),
        event: BackendEvent::Loaded(Box::default()),
    });
    app.update(Action::Session(SessionEvent::NotConnected(retry(
        "the disk is full",
    ))));
    assert_eq!(app.update(press(Code::Enter, 1)), [load(2)]);
}

#[test]
fn a_load_the_server_refused_does_not_block_a_new_interview() {
    let (mut app, _) = App::new(setup(Mode::Local));
    app.update(Action::Turn {
        turn: TurnId(1),
        event: BackendEvent::Failed(Failure::Refused("no".to_owned())),
    });
    assert_eq!(
        app.update(press(Code::Enter, 2)),
        [OPEN_MICROPHONE, start(2)]
    );
}

#[test]
fn a_session_that_expires_during_a_request_gives_the_answer_back() {
    let mut app = asked();
    type_text(&mut app, "so");
    app.update(press(Code::Enter, 0));
    app.lobby.loading = Some(TurnId(9));
    app.update(Action::Turn {
        turn: TurnId(9),
        event: BackendEvent::Failed(Failure::Unauthorized),
    });
    assert!(matches!(app.screen, Screen::SignIn(_)));
    app.update(Action::Session(SessionEvent::SignedIn {
        user: "somebody else".to_owned(),
    }));
    assert_eq!(app.ctx.composer.draft.text(), "so");
}

#[test]
fn with_a_server_only_topic_and_languages_can_be_chosen() {
    let (mut app, _) = App::new(setup(Mode::Embedded));
    app.update(Action::Session(SessionEvent::SignedIn {
        user: "ada".to_owned(),
    }));
    app.update(press(Code::Tab, 0));
    assert_eq!(app.lobby.field, LobbyField::Language);
    app.update(press(Code::Tab, 1));
    assert_eq!(app.lobby.field, LobbyField::Spoken);
    app.update(press(Code::Tab, 1));
    assert_eq!(app.lobby.field, LobbyField::Topics);
}
