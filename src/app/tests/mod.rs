mod connecting;
mod cut_off;
mod drafts;
mod leaving;
mod live;
mod lobby;
mod notices;
mod property;
mod reply_speech;
mod sound;

mod talk;

use rstest::rstest;

use super::*;
use crate::app::action::{
    Action, BackendEvent, DeviceReport, Failure, Missing, ModelEvent, Part, RuntimeEvent,
    SessionEvent, SpeechEvent, TerminalEvent, TransferProgress, TurnId, UtteranceEvent, VoiceEvent,
};
use crate::app::composer::talk_state::TalkState;
use crate::app::effect::{
    BackendEffect, DeviceEffect, Effect, ModelEffect, Password, SessionEffect, SpeechEffect,
    TerminalEffect, VoiceEffect,
};
use crate::app::interview::{Interview, InterviewEnd, ReplySpeech, RequestState};
use crate::app::key::{Code, Key, Phase};
use crate::app::lobby::LobbyField;
use crate::app::notice::Notice;
use crate::app::notice::RetryKey;
use crate::app::notices::Notices;
use crate::app::overlay::Overlay;
use crate::app::question::{Pick, Question};
use crate::app::setup::{
    ConsentQuestion, InterviewerInfo, Mode, ModelOffer, OfferMode, Setup, SpeechSettings, TopicItem,
};
use crate::app::sign_in::{FormField, FormStatus};
use crate::app::transcript::{Scroll, Who};
use crate::app::waterfall::RecordingTail;
use crate::config::SpeechLanguage;
use crate::interview::{Answer, Language, Message, QuestionRef, Role, Spoken, Topic, Word};
use crate::practice::{CompletedTurn, Conversation};

fn setup(mode: Mode) -> Setup {
    let topics = vec![TopicItem {
        id: "rust".to_owned(),
        title: "Rust".to_owned(),
    }];
    Setup {
        mode,
        interviewer: InterviewerInfo::QuestionBank,
        language: Language::English,
        interview_language: Language::English,
        topics: vec![(Language::English, topics)],
        questions: 5,
        consent: None,
        model_offer: None,
        first_run: false,
        can_finish: true,
        speaking: SpeechSettings::default(),
        spoken: SpeechLanguage::default(),
        size: (80, 24),
    }
}

fn key(code: Code, phase: Phase, at: u64) -> Action {
    Action::Terminal(TerminalEvent::Key(Key {
        code,
        ctrl: false,
        alt: false,
        shift: false,
        phase,
        at,
    }))
}

fn press(code: Code, at: u64) -> Action {
    key(code, Phase::Press, at)
}

fn ctrl(letter: char, at: u64) -> Action {
    let code = Code::Char(letter);
    Action::Terminal(TerminalEvent::Key(Key {
        code,
        ctrl: true,
        alt: false,
        shift: false,
        phase: Phase::Press,
        at,
    }))
}

const SPACE: Code = Code::Char(' ');

fn question(index: u32) -> QuestionRef {
    QuestionRef {
        interview: "i".to_owned(),
        index,
    }
}

fn done(response: &str) -> CompletedTurn {
    CompletedTurn {
        response: response.to_owned(),
        audio_url: None,
        interview_id: None,
        question: None,
        asked: None,
        open: Some(question(1)),
        topic_ignored: false,
        finished: false,
        count: None,
        limit: None,
    }
}

/// Returns an interview whose first question came as turn 2.
fn asked() -> App {
    let (mut app, _) = App::new(setup(Mode::Local));
    app.update(press(Code::Enter, 0));
    app.update(Action::Turn {
        turn: TurnId(2),
        event: BackendEvent::Done(Box::new(done("Why Rust?"))),
    });
    app.update(Action::Speech(SpeechEvent::Ended { turn: TurnId(2) }));
    app
}

fn open(app: &App) -> &Interview {
    match &app.screen {
        Screen::Interview(interview) => interview,
        other => panic!("no interview is open but {other:?}"),
    }
}

fn type_text(app: &mut App, text: &str) {
    for letter in text.chars() {
        app.update(press(Code::Char(letter), 0));
    }
}

fn turn(turn: u64, effect: BackendEffect) -> Effect {
    Effect::Turn {
        turn: TurnId(turn),
        effect,
    }
}

fn load(id: u64) -> Effect {
    turn(id, BackendEffect::Load)
}

/// Returns the request for an interview on Rust with the lobby's first choices.
fn start(id: u64) -> Effect {
    let start = BackendEffect::Start {
        topic: Some(Topic::parse("rust").expect("the name is short")),
        language: Language::English,
        level: None,
        questions: 5,
    };
    turn(id, start)
}

fn send(id: u64, attempt: u64, answer: Answer) -> Effect {
    let send = BackendEffect::Send {
        attempt,
        answer,
        open: Some(question(1)),
        language: Language::English,
    };
    turn(id, send)
}

fn typed(text: &str) -> Answer {
    Answer {
        text: text.to_owned(),
        spoken: None,
    }
}

fn write_report(id: u64) -> Effect {
    turn(id, BackendEffect::WriteReport)
}

fn cancel_request(id: u64) -> Effect {
    turn(id, BackendEffect::Cancel)
}

fn start_listening(utterance: u64) -> Effect {
    Effect::Voice(VoiceEffect::Start {
        utterance: TurnId(utterance),
    })
}

fn stop_listening(utterance: u64) -> Effect {
    Effect::Voice(VoiceEffect::Stop {
        utterance: TurnId(utterance),
    })
}

fn cancel_listening(utterance: u64) -> Effect {
    Effect::Voice(VoiceEffect::Cancel {
        utterance: TurnId(utterance),
    })
}

fn silence(turn: u64) -> Effect {
    Effect::Speech(SpeechEffect::Silence { turn: TurnId(turn) })
}

fn speak(turn: u64, text: &str) -> Effect {
    Effect::Speech(SpeechEffect::Speak {
        turn: TurnId(turn),
        text: text.to_owned(),
        language: Language::English,
    })
}

fn save_draft(text: &str) -> Effect {
    Effect::SaveDraft {
        of: question(1),
        text: text.to_owned(),
    }
}

fn quit(code: u8) -> Effect {
    Effect::Terminal(TerminalEffect::Quit { code })
}

const OPEN_MICROPHONE: Effect = Effect::Voice(VoiceEffect::OpenMicrophone);
const CLOSE_MICROPHONE: Effect = Effect::Voice(VoiceEffect::CloseMicrophone);

fn spoken(text: &str, seconds: f64) -> Answer {
    let words = vec![Word {
        text: text.to_owned(),
        start: 0.0,
        end: seconds,
    }];
    Answer {
        text: text.to_owned(),
        spoken: Some(Spoken {
            seconds,
            words,
            voiced: Vec::new(),
        }),
    }
}

fn heard(turn: u64, text: &str, seconds: f64) -> Action {
    Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(turn),
        event: UtteranceEvent::Transcribed(spoken(text, seconds)),
    })
}

#[test]
fn without_consent_the_question_bank_goes_on_asking() {
    let consent = ConsentQuestion {
        model: "m".to_owned(),
        host: "h".to_owned(),
        found: None,
    };
    let (mut app, _) = App::new(Setup {
        consent: Some(consent.clone()),
        ..setup(Mode::Local)
    });
    assert_eq!(
        app.update(press(Code::Enter, 0)),
        [Effect::Session(SessionEffect::Consent { granted: false })]
    );
    assert_eq!(app.interviewer, InterviewerInfo::QuestionBank);
    let (mut app, _) = App::new(Setup {
        consent: Some(consent),
        ..setup(Mode::Local)
    });
    app.update(press(Code::Char('y'), 0));
    assert_eq!(
        app.interviewer,
        InterviewerInfo::Model {
            model: "m".to_owned(),
            host: "h".to_owned()
        }
    );
}

#[test]
fn a_form_is_sent_from_its_last_field_and_keeps_its_entries_when_refused() {
    let (mut app, _) = App::new(Setup {
        first_run: true,
        ..setup(Mode::Embedded)
    });
    app.update(Action::Session(SessionEvent::SignedOut));
    for entry in ["ada", "ada@example.com"] {
        type_text(&mut app, entry);
        assert_eq!(app.update(press(Code::Enter, 0)), []);
    }
    type_text(&mut app, "long enough");
    let register = SessionEffect::Register {
        turn: TurnId(1),
        username: "ada".to_owned(),
        email: "ada@example.com".to_owned(),
        password: Password::from("long enough"),
    };
    assert_eq!(
        app.update(press(Code::Enter, 0)),
        [Effect::Session(register)]
    );
    app.update(Action::Session(SessionEvent::SignInFailed {
        turn: TurnId(1),
        failure: Failure::Refused("Username already exists.".to_owned()),
    }));
    let Screen::SignIn(form) = &app.screen else {
        panic!("the form is gone")
    };
    assert_eq!(
        form.status,
        FormStatus::Refused("Username already exists.".to_owned())
    );
    assert_eq!(form.entry(FormField::Email).text(), "ada@example.com");
}

#[test]
fn lines_that_arrive_at_once_fill_a_form_and_stay_together_in_a_draft() {
    let burst = |text: &str| {
        Action::Terminal(TerminalEvent::Burst {
            text: text.to_owned(),
            at: 0,
        })
    };
    let (mut app, _) = App::new(Setup {
        first_run: true,
        ..setup(Mode::Embedded)
    });
    app.update(Action::Session(SessionEvent::SignedOut));
    let register = SessionEffect::Register {
        turn: TurnId(1),
        username: "ada".to_owned(),
        email: "ada@example.com".to_owned(),
        password: Password::from("long enough"),
    };
    assert_eq!(
        app.update(burst("ada\tada@example.com\nlong enough\n")),
        [Effect::Session(register)]
    );

    let mut app = asked();
    app.update(burst("one\ntwo"));
    assert_eq!(app.unsent(), "one\ntwo");
}

#[test]
fn the_transcript_scrolls_and_follows_again_from_its_end() {
    let mut app = asked();
    app.update(Action::Terminal(TerminalEvent::Resized {
        columns: 40,
        rows: 12,
    }));
    for _ in 0..3 {
        type_text(&mut app, "one two three four five six seven eight nine ten");
        app.update(press(Code::Enter, 0));
        let turn = open(&app).request.turn().expect("an answer was sent");
        app.update(Action::Turn {
            turn,
            event: BackendEvent::Done(Box::new(done("And\n\nthen?"))),
        });
    }
    app.update(press(Code::PageUp, 0));
    assert!(matches!(open(&app).scroll, Scroll::Top(_)));
    app.update(press(Code::PageDown, 0));
    assert_eq!(open(&app).scroll, Scroll::Bottom);
}

#[test]
fn talking_silences_the_interviewer_first() {
    let mut app = asked();
    app.update(press(Code::F(3), 10));
    app.update(Action::Speech(SpeechEvent::Sentence {
        turn: TurnId(3),
        index: 0,
        text: "Why Rust?".to_owned(),
    }));
    assert_eq!(
        open(&app).speech,
        ReplySpeech::Speaking {
            turn: TurnId(3),
            index: 0,
            sentence: 0..9
        }
    );
    assert_eq!(
        app.update(press(Code::F(2), 1000)),
        [silence(3), start_listening(4)]
    );
}

#[test]
fn escape_cancels_the_newest_thing_first() {
    let mut app = asked();
    type_text(&mut app, "because");
    app.update(press(Code::Enter, 0));
    app.update(Action::Turn {
        turn: TurnId(3),
        event: BackendEvent::Delta("Well. ".to_owned()),
    });
    app.update(press(Code::F(2), 1000));
    assert_eq!(app.update(press(Code::Esc, 1100)), [cancel_listening(4)]);
    assert!(app.update(heard(4, "too late", 1.0)).is_empty());
    assert_eq!(app.update(press(Code::Esc, 1200)), [cancel_request(3)]);
    assert_eq!(app.ctx.composer.draft.text(), "because");
    assert_eq!(open(&app).request, RequestState::Idle);
}

#[rstest]
#[case(Failure::Retry("time-out".to_owned()))]
#[case(Failure::Refused("too long".to_owned()))]
#[case(Failure::LimitReached("enough".to_owned()))]
fn a_failed_answer_returns_to_the_draft_and_keeps_its_attempt(#[case] failure: Failure) {
    let mut app = asked();
    type_text(&mut app, "because");
    assert_eq!(
        app.update(press(Code::Enter, 0)),
        [send(3, 1, typed("because"))]
    );
    assert_eq!(
        app.update(Action::Turn {
            turn: TurnId(3),
            event: BackendEvent::Failed(failure)
        }),
        [silence(3)],
        "what is on disk stays there"
    );
    assert_eq!(app.ctx.composer.draft.text(), "because");
    assert_eq!(
        app.update(press(Code::Enter, 1)),
        [send(4, 1, typed("because"))]
    );
}

#[test]
fn a_returned_answer_precedes_what_was_typed_meanwhile() {
    let mut app = asked();
    type_text(&mut app, "one");
    app.update(press(Code::Enter, 0));
    type_text(&mut app, "two");
    app.update(Action::Turn {
        turn: TurnId(3),
        event: BackendEvent::Failed(Failure::Retry(String::new())),
    });
    assert_eq!(app.ctx.composer.draft.text(), "one\ntwo");
}

#[test]
fn an_expired_session_leads_back_to_the_same_draft() {
    let (mut app, _) = App::new(setup(Mode::Server {
        host: "h".to_owned(),
    }));
    app.update(Action::Session(SessionEvent::SignedIn {
        user: "ada".to_owned(),
    }));
    app.update(press(Code::Enter, 0));
    app.update(Action::Turn {
        turn: TurnId(2),
        event: BackendEvent::Done(Box::new(done("Why?"))),
    });
    type_text(&mut app, "so");
    app.update(press(Code::Enter, 0));
    app.update(Action::Turn {
        turn: TurnId(3),
        event: BackendEvent::Failed(Failure::Unauthorized),
    });
    assert!(matches!(app.screen, Screen::SignIn(_)));
    app.update(Action::Session(SessionEvent::SignedIn {
        user: "ada".to_owned(),
    }));
    assert_eq!(
        (open(&app).entries.len(), app.ctx.composer.draft.text()),
        (1, "so")
    );
}

#[test]
fn enter_waits_for_the_words_that_are_still_to_come() {
    let mut app = asked();
    app.update(press(Code::F(2), 1000));
    assert_eq!(app.update(press(Code::Enter, 3000)), [stop_listening(3)]);
    assert_eq!(
        app.update(heard(3, "it is safe", 2.0)),
        [
            save_draft("it is safe"),
            send(4, 1, spoken("it is safe", 2.0))
        ]
    );
}

#[test]
fn words_from_before_the_microphone_was_unplugged_reach_the_draft() {
    let mut app = asked();
    app.update(press(Code::F(2), 1000));
    app.update(Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(3),
        event: UtteranceEvent::Recorded(RecordingTail::default()),
    }));
    app.update(Action::Voice(VoiceEvent::Unavailable(Missing {
        part: Part::Microphone,
        reason: String::new(),
        remedy: String::new(),
    })));
    app.update(heard(3, "it is safe", 2.0));
    assert_eq!(app.ctx.composer.draft.text(), "it is safe");
}

#[test]
fn two_utterances_are_one_answer_with_one_time_line() {
    let mut app = asked();
    for (turn, at) in [(3, 1000), (4, 6000)] {
        app.update(press(Code::F(2), at));
        app.update(press(Code::F(2), at + 2000));
        app.update(heard(turn, "yes", 2.0));
    }
    let word = |start, end| Word {
        text: "yes".to_owned(),
        start,
        end,
    };
    let answer = Answer {
        text: "yes yes".to_owned(),
        spoken: Some(Spoken {
            seconds: 4.0,
            words: vec![word(0.0, 2.0), word(2.0, 4.0)],
            voiced: Vec::new(),
        }),
    };
    assert_eq!(app.update(press(Code::Enter, 9000)), [send(5, 1, answer)]);
}

#[test]
fn the_report_is_written_when_the_interview_is_over_and_enter_leads_back() {
    let mut app = asked();
    type_text(&mut app, "so");
    app.update(press(Code::Enter, 0));
    let last = CompletedTurn {
        finished: true,
        ..done("Well done.")
    };
    assert_eq!(
        app.update(Action::Turn {
            turn: TurnId(3),
            event: BackendEvent::Done(Box::new(last))
        }),
        [save_draft(""), write_report(4)]
    );
    app.update(Action::Turn {
        turn: TurnId(4),
        event: BackendEvent::ReportWritten {
            path: "r.md".to_owned(),
        },
    });
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::Report("r.md".to_owned()))
    );
    assert_eq!(
        app.update(press(Code::Enter, 5)),
        [silence(3), CLOSE_MICROPHONE, load(5)]
    );
}

#[test]
fn a_continued_interview_shows_no_system_message() {
    let (mut app, _) = App::new(setup(Mode::Local));
    let messages = vec![
        Message::new(Role::System, "s"),
        Message::new(Role::Assistant, "Why?"),
    ];
    app.update(Action::Turn {
        turn: TurnId(1),
        event: BackendEvent::Loaded(Box::new(Conversation {
            messages,
            ..Conversation::default()
        })),
    });
    assert_eq!(app.update(press(Code::Enter, 0)), [OPEN_MICROPHONE]);
    assert_eq!(
        open(&app)
            .entries
            .iter()
            .map(|entry| entry.who)
            .collect::<Vec<_>>(),
        [Who::Interviewer]
    );
}

#[test]
fn without_a_model_the_talk_key_names_the_remedy() {
    let mut app = asked();
    let missing = Missing {
        part: Part::Model,
        reason: String::new(),
        remedy: "get one".to_owned(),
    };
    app.update(Action::Voice(VoiceEvent::Unavailable(missing.clone())));
    app.ctx.notices = Notices::default();
    assert!(app.update(press(Code::F(2), 1000)).is_empty());
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::Missing(missing))
    );
}

#[rstest]
#[case(1000, vec![quit(130)])]
#[case(2500, vec![])]
fn control_c_twice_quits(#[case] gap: u64, #[case] effects: Vec<Effect>) {
    let (mut app, _) = App::new(setup(Mode::Local));
    app.update(ctrl('c', 100));
    assert_eq!(app.update(ctrl('c', 100 + gap)), effects);
}
