//! Compares screenshots of the screens in both languages and in two sizes.

mod model_download;
mod sound;
pub(super) mod test_ui;

use std::time::Duration;

use model_download::{model_arrives, model_failed, model_offer};
use rstest::rstest;
use test_ui::{TestUi, setup};

use crate::app::action::{
    Action, BackendEvent, CompletedTurn, Conversation, Failure, Missing, ModelEvent, Part,
    RuntimeEvent, SessionEvent, SpeechEvent, TerminalEvent, UtteranceEvent, VoiceEvent,
};
use crate::app::key::Code;
use crate::app::setup::{ConsentQuestion, InterviewerInfo, Mode, Setup};
use crate::app::waterfall::{RecordingTail, Waterfall};
use crate::interview::{Answer, Language, Message, Progress, Role, Topic};

const LARGE: (u16, u16) = (80, 24);
const SMALL: (u16, u16) = (40, 12);

fn done(response: &str, number: u32, finished: bool) -> CompletedTurn {
    CompletedTurn {
        response: response.to_owned(),
        audio_url: None,
        interview_id: None,
        question: Some(Progress {
            number,
            of: Some(5),
            follow_up: 0,
        }),
        asked: None,
        open: None,
        topic_ignored: false,
        finished,
        count: None,
        limit: None,
    }
}

fn conversation() -> Conversation {
    Conversation {
        messages: vec![
            Message::new(Role::System, "You are an interviewer."),
            Message::new(Role::Assistant, "What is a transaction?"),
        ],
        topic: Topic::parse("databases").ok(),
        language: Some(Language::English),
        question: Some(Progress {
            number: 3,
            of: Some(5),
            follow_up: 0,
        }),
        ..Conversation::default()
    }
}

fn no_model() -> Missing {
    Missing {
        part: Part::Model,
        reason: String::new(),
        remedy: "mock-interviewer models download base".to_owned(),
    }
}

fn lobby(ui: &mut TestUi) {
    let turn = ui.turn();
    ui.apply(Action::Turn {
        turn,
        event: BackendEvent::Loaded(Box::new(conversation())),
    })
    .apply(Action::Voice(VoiceEvent::Unavailable(no_model())));
}

fn own_topic(ui: &mut TestUi) {
    let words = if ui.is_korean() {
        "러스트 매크로"
    } else {
        "Rust macros"
    };
    ui.type_text(words);
}

fn first_question(ui: &mut TestUi) {
    ui.interview();
}

fn listening(ui: &mut TestUi) {
    ui.interview()
        .apply(Action::Terminal(TerminalEvent::KeyReleases {
            reported: true,
        }))
        .press(Code::Char(' '));
    let now = ui.now + 4200;
    ui.apply(Action::Voice(VoiceEvent::Level(0.55)))
        .apply(Action::Tick { now });
}

fn writing(ui: &mut TestUi) {
    ui.interview();
    let words = if ui.is_korean() {
        "모든 값에는 주인이 하나 있고, 주인이 범위를 벗어나면 값이 바로 해제됩니다."
    } else {
        "Every value has one owner, and when the owner leaves its scope the value is dropped at once."
    };
    ui.type_text(words);
}

fn reply_is_spoken(ui: &mut TestUi) {
    writing(ui);
    ui.press(Code::Enter);
    let turn = ui.turn();
    let (first, rest) = if ui.is_korean() {
        (
            "좋습니다.",
            " 그러면 **빌림**은 언제 필요할까요?\n\n```rust\nfn len(s: &str) -> usize\n```\n",
        )
    } else {
        (
            "Good.",
            " And when do you **borrow** instead?\n\n```rust\nfn len(s: &str) -> usize\n```\n",
        )
    };
    ui.apply(Action::Turn {
        turn,
        event: BackendEvent::Delta(format!("{first}{rest}")),
    });
    let second = rest
        .split('\n')
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned();
    ui.apply(Action::Speech(SpeechEvent::Sentence {
        turn,
        index: 0,
        text: first.to_owned(),
    }))
    .apply(Action::Speech(SpeechEvent::Sentence {
        turn,
        index: 1,
        text: second,
    }));
}

fn failed(ui: &mut TestUi) {
    writing(ui);
    ui.press(Code::Enter);
    let turn = ui.turn();
    ui.apply(Action::Turn {
        turn,
        event: BackendEvent::Failed(Failure::Retry(
            "gpt-5-mini at api.example.com did not answer in time".to_owned(),
        )),
    });
}

fn report(ui: &mut TestUi) {
    writing(ui);
    ui.press(Code::Enter);
    let turn = ui.turn();
    let feedback = if ui.is_korean() {
        "## 피드백\n\n- 소유권을 정확히 설명했습니다.\n- **빠진 점**: 이동과 복사의 차이"
    } else {
        "## Feedback\n\n- Ownership was explained well.\n- **Missed**: how moving differs from copying"
    };
    ui.apply(Action::Turn {
        turn,
        event: BackendEvent::Done(Box::new(done(feedback, 5, true))),
    });
    let turn = ui.turn();
    ui.apply(Action::Turn {
        turn,
        event: BackendEvent::ReportWritten {
            path: "~/.local/share/mock-interviewer/reports/2026-05-09-rust.md".to_owned(),
        },
    });
}

fn help(ui: &mut TestUi) {
    ui.press(Code::F(1));
}

#[rstest]
#[case("lobby", lobby)]
#[case("own_topic", own_topic)]
#[case("first_question", first_question)]
#[case("listening", listening)]
#[case("writing", writing)]
#[case("reply_is_spoken", reply_is_spoken)]
#[case("failed", failed)]
#[case("report", report)]
#[case("help", help)]
fn screen(
    #[case] name: &str,
    #[case] scene: fn(&mut TestUi),
    #[values(Language::English, Language::Korean)] language: Language,
    #[values(LARGE, SMALL)] size: (u16, u16),
) {
    let mut ui = TestUi::new(setup(language, size));
    scene(&mut ui);
    insta::assert_snapshot!(
        format!("{}_{}_{}x{}", name, language, size.0, size.1),
        ui.screenshot()
    );
}

fn consent(mut setup: Setup) -> TestUi {
    setup.consent = Some(ConsentQuestion {
        model: "gpt-5-mini".to_owned(),
        host: "api.openai.com".to_owned(),
        found: None,
    });
    TestUi::new(setup)
}

fn no_keyring(mut setup: Setup) -> TestUi {
    setup.mode = Mode::Server {
        host: "practice.example.com".to_owned(),
    };
    let mut ui = TestUi::new(setup);
    ui.apply(Action::Session(SessionEvent::SignedOut))
        .apply(Action::Session(SessionEvent::NoKeyring {
            reason: "no D-Bus session".to_owned(),
        }));
    ui
}

fn register(mut setup: Setup) -> TestUi {
    setup.mode = Mode::Embedded;
    setup.first_run = true;
    let mut ui = TestUi::new(setup);
    ui.apply(Action::Session(SessionEvent::SignedOut))
        .type_text("ada")
        .press(Code::Tab)
        .type_text("ada@example.com")
        .press(Code::Tab);
    ui.type_text("secret");
    ui
}

fn refused(mut setup: Setup) -> TestUi {
    setup.mode = Mode::Server {
        host: "practice.example.com".to_owned(),
    };
    let mut ui = TestUi::new(setup);
    ui.apply(Action::Session(SessionEvent::SignedOut))
        .type_text("ada")
        .press(Code::Tab)
        .type_text("wrong")
        .press(Code::Enter);
    let turn = ui.turn();
    ui.apply(Action::Session(SessionEvent::SignInFailed {
        turn,
        failure: Failure::Refused("Invalid credentials.".to_owned()),
    }));
    ui
}

fn timings(setup: Setup) -> TestUi {
    let ms = Duration::from_millis;
    let tail = Some(RecordingTail {
        drain: ms(203),
        voice_activity: ms(1),
    });
    let waterfall = Waterfall {
        tail,
        decode: Some(ms(88)),
        first_delta: Some(ms(1_204)),
        first_sound: Some(ms(96)),
    };
    let mut ui = TestUi::new(setup);
    ui.interview()
        .apply(Action::Runtime(RuntimeEvent::Timed(waterfall)));
    ui.press_ctrl('t');
    ui
}

/// Sends an answer beyond the day's quota: its words stay, and the reason is on the screen.
fn limit(mut setup: Setup) -> TestUi {
    let host = "practice.example.com".to_owned();
    setup.mode = Mode::Server { host: host.clone() };
    setup.interviewer = InterviewerInfo::Server { host };
    let mut ui = TestUi::new(setup);
    ui.apply(Action::Session(SessionEvent::SignedIn {
        user: "ada".to_owned(),
    }));
    let turn = ui.turn();
    let loaded = Conversation {
        count: Some(6),
        limit: Some(6),
        ..conversation()
    };
    ui.apply(Action::Turn {
        turn,
        event: BackendEvent::Loaded(Box::new(loaded)),
    })
    .press(Code::Enter)
    .type_text("A unit of work")
    .press(Code::Enter);
    let turn = ui.turn();
    let reason = "You have exceeded the chat request limit for today.".to_owned();
    ui.apply(Action::Turn {
        turn,
        event: BackendEvent::Failed(Failure::LimitReached(reason)),
    });
    ui
}

fn unconnected(mut setup: Setup) -> TestUi {
    setup.mode = Mode::Server {
        host: "practice.example.com".to_owned(),
    };
    let mut ui = TestUi::new(setup);
    let reason = "Cannot reach practice.example.com: connection refused (os error 111)".to_owned();
    ui.apply(Action::Session(SessionEvent::NotConnected(Failure::Retry(
        reason,
    ))));
    ui
}

fn server_lobby(mut setup: Setup) -> TestUi {
    let host = "practice.example.com".to_owned();
    setup.mode = Mode::Server { host: host.clone() };
    setup.interviewer = InterviewerInfo::Server { host };
    let mut ui = TestUi::new(setup);
    ui.apply(Action::Session(SessionEvent::SignedIn {
        user: "ada".to_owned(),
    }))
    .press(Code::Tab);
    ui
}

fn unloaded(setup: Setup) -> TestUi {
    let mut ui = TestUi::new(setup);
    let turn = ui.turn();
    ui.apply(Action::Turn {
        turn,
        event: BackendEvent::Failed(Failure::Retry(
            "database disk image is malformed".to_owned(),
        )),
    });
    ui
}

/// Quits while the last words are being transcribed.
fn leaving(setup: Setup) -> TestUi {
    let mut ui = TestUi::new(setup);
    ui.interview()
        .apply(Action::Model(ModelEvent::Loaded))
        .press(Code::F(2))
        .quit();
    ui
}

fn ending(setup: Setup) -> TestUi {
    let mut ui = TestUi::new(setup);
    ui.interview()
        .apply(Action::Model(ModelEvent::Loaded))
        .press(Code::F(2))
        .press(Code::F(6));
    ui
}

#[rstest]
#[case("unconnected", unconnected)]
#[case("server_lobby", server_lobby)]
#[case("unloaded", unloaded)]
#[case("leaving", leaving)]
#[case("ending", ending)]
#[case("consent", consent)]
#[case("model_offer", model_offer)]
#[case("model_arrives", model_arrives)]
#[case("model_failed", model_failed)]
#[case("no_keyring", no_keyring)]
#[case("register", register)]
#[case("refused", refused)]
#[case("limit", limit)]
#[case("timings", timings)]
fn question(
    #[case] name: &str,
    #[case] scene: fn(Setup) -> TestUi,
    #[values(Language::English, Language::Korean)] language: Language,
    #[values(LARGE, SMALL)] size: (u16, u16),
) {
    let ui = scene(setup(language, size));
    insta::assert_snapshot!(
        format!("{}_{}_{}x{}", name, language, size.0, size.1),
        ui.screenshot()
    );
}

#[rstest]
fn the_focused_option_is_visible(
    #[values(LARGE, SMALL)] size: (u16, u16),
    #[values(Language::English, Language::Korean)] language: Language,
) {
    let mut ui = TestUi::new(setup(language, size));
    for values in [
        ["English", "한국어"],
        ["any", "전체"],
        ["5", "5"],
        ["same as the interview", "면접과 같음"],
    ] {
        ui.press(Code::Tab);
        let value = format!("‹{}›", values[usize::from(language == Language::Korean)]);
        assert!(
            ui.screenshot().contains(&value),
            "{value}:\n{}",
            ui.screenshot()
        );
    }
}

#[test]
fn a_window_that_is_too_small_shows_the_size_that_is_needed() {
    let ui = TestUi::new(setup(Language::English, (39, 12)));
    insta::assert_snapshot!("too_small", ui.screenshot());
}

#[test]
fn transcribed_words_appear_in_the_draft() {
    let mut ui = TestUi::new(setup(Language::English, LARGE));
    ui.interview().press(Code::F(2));
    let turn = ui.turn();
    ui.press(Code::F(2))
        .apply(Action::Voice(VoiceEvent::Utterance {
            utterance: turn,
            event: UtteranceEvent::Transcribed(Answer {
                text: "one owner".to_owned(),
                spoken: None,
            }),
        }));
    assert!(ui.screenshot().contains("│ one owner"));
}

#[rstest]
fn every_screen_can_be_drawn_in_a_window_of_any_size(
    #[values(1, 4, 39, 40, 41, 59, 60, 200)] columns: u16,
) {
    let scenes: [fn(&mut TestUi); 6] = [lobby, own_topic, listening, failed, report, help];
    for rows in [1, 3, 11, 12, 13, 17, 18, 19, 60] {
        for scene in scenes {
            let mut ui = TestUi::new(setup(Language::Korean, (columns, rows)));
            scene(&mut ui);
            assert_eq!(ui.screenshot().lines().count(), usize::from(rows) + 1);
        }
    }
}

#[rstest]
fn the_caret_of_a_long_draft_stays_inside_the_window(#[values(LARGE, SMALL)] size: (u16, u16)) {
    let mut ui = TestUi::new(setup(Language::Korean, size));
    ui.interview().apply(Action::Terminal(TerminalEvent::Paste(
        "가나다라마바사 ".repeat(60),
    )));
    let screenshot = ui.screenshot();
    let cursor = screenshot
        .lines()
        .last()
        .expect("the last line is the cursor");
    let (column, row) = cursor
        .trim_start_matches("cursor (")
        .trim_end_matches(')')
        .split_once(", ")
        .expect("two numbers");
    assert!(column.parse::<u16>().expect("a number") < size.0);
    assert!(row.parse::<u16>().expect("a number") < size.1 - 2);
}
