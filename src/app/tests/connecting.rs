//! A failed connection shows its reason, and a key tries again.

use super::*;

/// Returns an app that connects to a server and has a speech model to offer.
fn connecting_with_offer() -> App {
    let (app, _) = App::new(Setup {
        model_offer: Some(ModelOffer {
            name: "base.en".to_owned(),
            bytes: 148_000_000,
            begun: 0,
            reason: String::new(),
            how: OfferMode::Ask,
        }),
        ..setup(Mode::Server {
            host: "h".to_owned(),
        })
    });
    app
}

#[test]
fn a_speech_model_is_offered_once_the_user_is_signed_in() {
    let mut app = connecting_with_offer();
    assert!(app.overlays.is_empty());
    app.update(Action::Session(SessionEvent::SignedOut));
    assert!(app.overlays.is_empty(), "the form comes first");
    app.update(Action::Session(SessionEvent::SignedIn {
        user: "ada".to_owned(),
    }));
    assert_eq!((&app.screen, app.overlays.len()), (&Screen::Lobby, 1));
    app.update(press(Code::Down, 1));
    app.update(press(Code::Enter, 2));
    assert!(app.overlays.is_empty(), "it is asked once");
}

#[test]
fn an_unreachable_server_is_said_before_a_speech_model_is_offered() {
    let mut app = connecting_with_offer();
    app.update(Action::Session(SessionEvent::NotConnected(retry(
        "h cannot be reached",
    ))));
    assert_eq!(
        app.screen,
        Screen::Unconnected("h cannot be reached".to_owned())
    );
    assert!(app.overlays.is_empty());
}

fn retry(reason: &str) -> Failure {
    Failure::Retry(reason.to_owned())
}

#[test]
fn what_a_server_says_before_the_interview_acts_on_no_terminal() {
    let hostile = "no \u{1b}[31mway\u{202e} \u{1b}]0;t\u{7}in";
    let (mut app, _) = App::new(setup(Mode::Server {
        host: "h".to_owned(),
    }));
    app.update(Action::Session(SessionEvent::NotConnected(retry(hostile))));
    assert_eq!(app.screen, Screen::Unconnected("no way in".to_owned()));
    app.update(Action::Session(SessionEvent::SignedOut));
    let Screen::SignIn(form) = &mut app.screen else {
        panic!("the form is shown")
    };
    form.status = FormStatus::Sent(TurnId(1));
    app.update(Action::Session(SessionEvent::SignInFailed {
        turn: TurnId(1),
        failure: Failure::Refused(hostile.to_owned()),
    }));
    let Screen::SignIn(form) = &app.screen else {
        panic!("the form stays")
    };
    assert_eq!(form.status, FormStatus::Refused("no way in".to_owned()));
    app.update(Action::Session(SessionEvent::ModelNamed {
        model: hostile.to_owned(),
        host: "h".to_owned(),
    }));
    let named = InterviewerInfo::Model {
        model: "no way in".to_owned(),
        host: "h".to_owned(),
    };
    assert_eq!(app.interviewer, named);
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
