//! The lobby offers interviews and their options.

use super::*;
use crate::app::lobby::Choice;
use crate::interview::MOST_QUESTIONS;

#[test]
fn an_interview_on_the_users_own_topic_can_be_continued() {
    let (mut app, _) = App::new(setup(Mode::Local));
    type_text(&mut app, "gardening");
    app.update(press(Code::Enter, 0));
    assert_eq!(
        app.lobby.search.text(),
        "gardening",
        "needed again should the start fail"
    );
    app.update(Action::Turn {
        turn: TurnId(2),
        event: BackendEvent::Done(Box::new(done("Why?"))),
    });
    app.update(press(Code::F(9), 0));
    let messages = vec![Message::new(Role::Assistant, "Why?")];
    app.update(Action::Turn {
        turn: TurnId(3),
        event: BackendEvent::Loaded(Box::new(Conversation {
            messages,
            ..Conversation::default()
        })),
    });
    assert!(
        matches!(app.lobby.choice(), Some(Choice::Continue(_))),
        "{:?}",
        app.lobby.choice()
    );
}

#[test]
fn the_lobby_accepts_any_number_of_questions_that_the_settings_allow() {
    let (mut app, _) = App::new(Setup {
        questions: MOST_QUESTIONS,
        ..setup(Mode::Local)
    });
    let start = BackendEffect::Start {
        topic: Some(Topic::parse("rust").expect("the name is short")),
        language: Language::English,
        level: None,
        questions: MOST_QUESTIONS,
    };
    assert_eq!(
        app.update(press(Code::Enter, 0)),
        [OPEN_MICROPHONE, turn(2, start)]
    );
}

#[test]
fn the_language_of_the_answers_is_independent_of_the_interviews() {
    let mut app = App::new(setup(Mode::Local)).0;
    for _ in 0..4 {
        app.update(press(Code::Tab, 0));
    }
    let set = |language| [Effect::Voice(VoiceEffect::SetLanguage(language))];
    assert_eq!(app.update(press(Code::Right, 0)), set(SpeechLanguage::En));
    assert_eq!(
        app.update(press(Code::Left, 0)),
        set(SpeechLanguage::Interview)
    );
    assert_eq!(app.update(press(Code::Left, 0)), set(SpeechLanguage::Auto));
}

/// Returns the question about a model server that was found, and the report of it.
fn found() -> (Question, Action) {
    let server = ConsentQuestion {
        model: "qwen3:4b".to_owned(),
        host: "127.0.0.1:11434".to_owned(),
        found: Some("Ollama".to_owned()),
    };
    let report = Action::Session(SessionEvent::ModelServerFound(server.clone()));
    (Question::Consent(server), report)
}

fn question(app: &App) -> Option<&Question> {
    match app.overlays.front() {
        Some(Overlay::Dialog(question, _)) => Some(question),
        _ => None,
    }
}

#[test]
fn a_model_server_on_this_computer_is_used_only_after_a_yes() {
    let (asked, report) = found();
    let (mut app, _) = App::new(setup(Mode::Local));
    app.update(report);
    assert_eq!(question(&app), Some(&asked));
    assert_eq!(app.interviewer, InterviewerInfo::QuestionBank);
    let consent = SessionEffect::Consent { granted: true };
    assert_eq!(
        app.update(press(Code::Char('y'), 0)),
        [Effect::Session(consent)]
    );
    let interviewer = InterviewerInfo::Model {
        model: "qwen3:4b".to_owned(),
        host: "127.0.0.1:11434".to_owned(),
    };
    assert_eq!(app.interviewer, interviewer);
}

#[test]
fn a_model_server_found_during_an_interview_is_offered_back_in_the_lobby() {
    let (offer, report) = found();
    let mut app = asked();
    app.update(report);
    assert_eq!(question(&app), None);
    app.update(press(Code::F(9), 0));
    assert_eq!(question(&app), Some(&offer));
}
