//! Pictures of the screens, in both languages and both sizes.
mod arriving;
mod sound;
mod stage;

use std::time::Duration;

use arriving::{model_arrives, model_failed, model_offer};
use rstest::rstest;
use stage::{Stage, setup};

use crate::app::action::{
    Action, BackendEvent, CompletedTurn, Conversation, Failure, Missing, ModelEvent, Part,
    RuntimeEvent, SessionEvent, SpeechEvent, TerminalEvent, UtteranceEvent, VoiceEvent,
};
use crate::app::key::Code;
use crate::app::setup::{Asks, ConsentQuestion, Mode, Setup};
use crate::app::waterfall::{Tail, Waterfall};
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
        }),
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

fn lobby(stage: &mut Stage) {
    let turn = stage.turn();
    stage
        .tell(Action::Turn {
            turn,
            event: BackendEvent::Loaded(Box::new(conversation())),
        })
        .tell(Action::Voice(VoiceEvent::Unavailable(no_model())));
}

fn own_topic(stage: &mut Stage) {
    let words = if stage.app.ctx.language == Language::Korean {
        "러스트 매크로"
    } else {
        "Rust macros"
    };
    stage.type_text(words);
}

fn first_question(stage: &mut Stage) {
    stage.interview();
}

fn listening(stage: &mut Stage) {
    stage
        .interview()
        .tell(Action::Terminal(TerminalEvent::KeyReleases {
            reported: true,
        }))
        .press(Code::Char(' '));
    let now = stage.now + 4200;
    stage
        .tell(Action::Voice(VoiceEvent::Level(0.55)))
        .tell(Action::Tick { now });
}

fn writing(stage: &mut Stage) {
    stage.interview();
    let words = if stage.app.ctx.language == Language::Korean {
        "모든 값에는 주인이 하나 있고, 주인이 범위를 벗어나면 값이 바로 해제됩니다."
    } else {
        "Every value has one owner, and when the owner leaves its scope the value is dropped at once."
    };
    stage.type_text(words);
}

fn reply_is_spoken(stage: &mut Stage) {
    writing(stage);
    stage.press(Code::Enter);
    let turn = stage.turn();
    let (first, rest) = if stage.app.ctx.language == Language::Korean {
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
    stage.tell(Action::Turn {
        turn,
        event: BackendEvent::Delta(format!("{first}{rest}")),
    });
    let second = rest
        .split('\n')
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned();
    stage
        .tell(Action::Speech(SpeechEvent::Sentence {
            turn,
            index: 0,
            text: first.to_owned(),
        }))
        .tell(Action::Speech(SpeechEvent::Sentence {
            turn,
            index: 1,
            text: second,
        }));
}

fn failed(stage: &mut Stage) {
    writing(stage);
    stage.press(Code::Enter);
    let turn = stage.turn();
    stage.tell(Action::Turn {
        turn,
        event: BackendEvent::Failed(Failure::Retry(
            "gpt-5-mini at api.example.com did not answer in time".to_owned(),
        )),
    });
}

fn report(stage: &mut Stage) {
    writing(stage);
    stage.press(Code::Enter);
    let turn = stage.turn();
    let feedback = if stage.app.ctx.language == Language::Korean {
        "## 피드백\n\n- 소유권을 정확히 설명했습니다.\n- **빠진 점**: 이동과 복사의 차이"
    } else {
        "## Feedback\n\n- Ownership was explained well.\n- **Missed**: how moving differs from copying"
    };
    stage.tell(Action::Turn {
        turn,
        event: BackendEvent::Done(Box::new(done(feedback, 5, true))),
    });
    let turn = stage.turn();
    stage.tell(Action::Turn {
        turn,
        event: BackendEvent::ReportWritten {
            path: "~/.local/share/mock-interviewer/reports/2026-05-09-rust.md".to_owned(),
        },
    });
}

fn help(stage: &mut Stage) {
    stage.press(Code::F(1));
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
    #[case] scene: fn(&mut Stage),
    #[values(Language::English, Language::Korean)] language: Language,
    #[values(LARGE, SMALL)] size: (u16, u16),
) {
    let mut stage = Stage::new(setup(language, size));
    scene(&mut stage);
    insta::assert_snapshot!(
        format!("{}_{}_{}x{}", name, language, size.0, size.1),
        stage.picture()
    );
}

fn consent(mut setup: Setup) -> Stage {
    setup.consent = Some(ConsentQuestion {
        model: "gpt-5-mini".to_owned(),
        host: "api.openai.com".to_owned(),
    });
    Stage::new(setup)
}

fn no_keyring(mut setup: Setup) -> Stage {
    setup.mode = Mode::Server {
        host: "practice.example.com".to_owned(),
    };
    let mut stage = Stage::new(setup);
    stage
        .tell(Action::Session(SessionEvent::SignedOut))
        .tell(Action::Session(SessionEvent::NoKeyring {
            reason: "no D-Bus session".to_owned(),
        }));
    stage
}

fn register(mut setup: Setup) -> Stage {
    setup.mode = Mode::Embedded;
    setup.first_run = true;
    let mut stage = Stage::new(setup);
    stage
        .tell(Action::Session(SessionEvent::SignedOut))
        .type_text("ada")
        .press(Code::Tab)
        .type_text("ada@example.com")
        .press(Code::Tab);
    stage.type_text("secret");
    stage
}

fn refused(mut setup: Setup) -> Stage {
    setup.mode = Mode::Server {
        host: "practice.example.com".to_owned(),
    };
    let mut stage = Stage::new(setup);
    stage
        .tell(Action::Session(SessionEvent::SignedOut))
        .type_text("ada")
        .press(Code::Tab)
        .type_text("wrong")
        .press(Code::Enter);
    let turn = stage.turn();
    stage.tell(Action::Session(SessionEvent::SignInFailed {
        turn,
        failure: Failure::Refused("Invalid credentials.".to_owned()),
    }));
    stage
}

/// Where the time of a spoken turn went.
fn timings(setup: Setup) -> Stage {
    let ms = Duration::from_millis;
    let tail = Some(Tail {
        drain: ms(203),
        voice_activity: ms(1),
    });
    let waterfall = Waterfall {
        tail,
        decode: Some(ms(88)),
        first_delta: Some(ms(1_204)),
        first_sound: Some(ms(96)),
    };
    let mut stage = Stage::new(setup);
    stage
        .interview()
        .tell(Action::Runtime(RuntimeEvent::Timed(waterfall)));
    stage.press_ctrl('t');
    stage
}

/// At the limit: the words are kept and the reason is on the screen.
fn limit(mut setup: Setup) -> Stage {
    let host = "practice.example.com".to_owned();
    setup.mode = Mode::Server { host: host.clone() };
    setup.asks = Asks::Server { host };
    let mut stage = Stage::new(setup);
    stage.tell(Action::Session(SessionEvent::SignedIn {
        user: "ada".to_owned(),
    }));
    let turn = stage.turn();
    let loaded = Conversation {
        count: Some(6),
        limit: Some(6),
        ..conversation()
    };
    stage
        .tell(Action::Turn {
            turn,
            event: BackendEvent::Loaded(Box::new(loaded)),
        })
        .press(Code::Enter)
        .type_text("A unit of work")
        .press(Code::Enter);
    let turn = stage.turn();
    let reason = "You have exceeded the chat request limit for today.".to_owned();
    stage.tell(Action::Turn {
        turn,
        event: BackendEvent::Failed(Failure::LimitReached(reason)),
    });
    stage
}

fn unconnected(mut setup: Setup) -> Stage {
    setup.mode = Mode::Server {
        host: "practice.example.com".to_owned(),
    };
    let mut stage = Stage::new(setup);
    let reason = "Cannot reach practice.example.com: connection refused (os error 111)".to_owned();
    stage.tell(Action::Session(SessionEvent::NotConnected(Failure::Retry(
        reason,
    ))));
    stage
}

fn server_lobby(mut setup: Setup) -> Stage {
    let host = "practice.example.com".to_owned();
    setup.mode = Mode::Server { host: host.clone() };
    setup.asks = Asks::Server { host };
    let mut stage = Stage::new(setup);
    stage
        .tell(Action::Session(SessionEvent::SignedIn {
            user: "ada".to_owned(),
        }))
        .press(Code::Tab);
    stage
}

fn unloaded(setup: Setup) -> Stage {
    let mut stage = Stage::new(setup);
    let turn = stage.turn();
    stage.tell(Action::Turn {
        turn,
        event: BackendEvent::Failed(Failure::Retry(
            "database disk image is malformed".to_owned(),
        )),
    });
    stage
}

/// Ctrl+Q while the last words are written down.
fn leaving(setup: Setup) -> Stage {
    let mut stage = Stage::new(setup);
    stage
        .interview()
        .tell(Action::Model(ModelEvent::Loaded))
        .press(Code::F(2))
        .quit();
    stage
}

fn ending(setup: Setup) -> Stage {
    let mut stage = Stage::new(setup);
    stage
        .interview()
        .tell(Action::Model(ModelEvent::Loaded))
        .press(Code::F(2))
        .press(Code::F(6));
    stage
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
    #[case] scene: fn(Setup) -> Stage,
    #[values(Language::English, Language::Korean)] language: Language,
    #[values(LARGE, SMALL)] size: (u16, u16),
) {
    let stage = scene(setup(language, size));
    insta::assert_snapshot!(
        format!("{}_{}_{}x{}", name, language, size.0, size.1),
        stage.picture()
    );
}

#[rstest]
fn the_focused_option_is_in_sight(
    #[values(LARGE, SMALL)] size: (u16, u16),
    #[values(Language::English, Language::Korean)] language: Language,
) {
    let mut stage = Stage::new(setup(language, size));
    for values in [
        ["English", "한국어"],
        ["any", "전체"],
        ["5", "5"],
        ["same as the interview", "면접과 같음"],
    ] {
        stage.press(Code::Tab);
        let value = format!("‹{}›", values[usize::from(language == Language::Korean)]);
        assert!(
            stage.picture().contains(&value),
            "{value}:\n{}",
            stage.picture()
        );
    }
}

#[test]
fn a_window_that_is_too_small_is_told_so() {
    let stage = Stage::new(setup(Language::English, (39, 12)));
    insta::assert_snapshot!("too_small", stage.picture());
}

#[test]
fn heard_words_stand_in_the_draft() {
    let mut stage = Stage::new(setup(Language::English, LARGE));
    stage.interview().press(Code::F(2));
    let turn = stage.turn();
    stage
        .press(Code::F(2))
        .tell(Action::Voice(VoiceEvent::Utterance {
            utterance: turn,
            event: UtteranceEvent::Transcribed(Answer {
                text: "one owner".to_owned(),
                spoken: None,
            }),
        }));
    assert!(stage.picture().contains("│ one owner"));
}

#[rstest]
fn every_screen_can_be_drawn_in_every_window(
    #[values(1, 4, 39, 40, 41, 59, 60, 200)] columns: u16,
) {
    let scenes: [fn(&mut Stage); 6] = [lobby, own_topic, listening, failed, report, help];
    for rows in [1, 3, 11, 12, 13, 17, 18, 19, 60] {
        for scene in scenes {
            let mut stage = Stage::new(setup(Language::Korean, (columns, rows)));
            scene(&mut stage);
            assert_eq!(stage.picture().lines().count(), usize::from(rows) + 1);
        }
    }
}

/// The caret stays inside the window however much is written.
#[rstest]
fn a_long_draft_keeps_its_caret_in_sight(#[values(LARGE, SMALL)] size: (u16, u16)) {
    let mut stage = Stage::new(setup(Language::Korean, size));
    stage
        .interview()
        .tell(Action::Terminal(TerminalEvent::Paste(
            "가나다라마바사 ".repeat(60),
        )));
    let picture = stage.picture();
    let cursor = picture.lines().last().expect("the last line is the cursor");
    let (column, row) = cursor
        .trim_start_matches("cursor (")
        .trim_end_matches(')')
        .split_once(", ")
        .expect("two numbers");
    assert!(column.parse::<u16>().expect("a number") < size.0);
    assert!(row.parse::<u16>().expect("a number") < size.1 - 2);
}
