//! Screens about devices, the microphone check, and a microphone that fails in an interview.

use rstest::rstest;

use super::test_ui::{TestUi, setup};
use super::{LARGE, SMALL};
use crate::app::action::{
    Action, DeviceEvent, DeviceReport, Part, SilentMicrophone, TerminalEvent, TurnId,
    UtteranceEvent, VoiceEvent,
};
use crate::app::check::{CheckEvent, MicrophoneReport, MicrophoneVerdict};
use crate::app::devices::{DeviceItem, DeviceList};
use crate::app::key::Code;
use crate::config::Channel;
use crate::interview::Language;

/// The turn of the request that follows the lobby's own.
const TURN: TurnId = TurnId(2);

fn device(label: &str, default: bool) -> DeviceItem {
    DeviceItem {
        name: label.to_owned(),
        label: label.to_owned(),
        channels: 2,
        default,
        away: false,
    }
}

fn devices(ui: &mut TestUi) {
    let kitchen = DeviceItem {
        name: "Kitchen".into(),
        label: "Kitchen".into(),
        away: true,
        ..DeviceItem::default()
    };
    let list = DeviceList {
        microphones: vec![device("Built-in Audio Analog Stereo", true), kitchen],
        microphone: Some(1),
        channel: Channel::Unset,
        speakers: vec![
            device("Built-in Audio Analog Stereo", true),
            device("Headset", false),
        ],
        speaker: None,
    };
    ui.press(Code::F(7))
        .apply(Action::Device(DeviceReport::Listed {
            turn: TURN,
            devices: Ok(Box::new(list)),
        }))
        .press(Code::Down)
        .press(Code::Down);
}

fn check_goes_on(ui: &mut TestUi) {
    ui.press(Code::F(8))
        .apply(Action::Device(DeviceReport::Check {
            turn: TURN,
            event: CheckEvent::Recording {
                microphone: "Desk Microphone".to_owned(),
            },
        }));
    let now = ui.now + 2100;
    ui.apply(Action::Voice(VoiceEvent::Level(0.6)))
        .apply(Action::Tick { now });
}

fn recorded(ui: &mut TestUi, verdict: MicrophoneVerdict) {
    let good = MicrophoneReport {
        seconds: 3.1,
        level: -23.4,
        peak: -6.0,
        noise: -58.2,
        clipped: 0.0,
        verdict,
    };
    let dead = MicrophoneReport {
        level: -120.0,
        peak: -120.0,
        noise: -120.0,
        ..good
    };
    let measured = if verdict == MicrophoneVerdict::Dead {
        dead
    } else {
        good
    };
    check_goes_on(ui);
    let playing = verdict != MicrophoneVerdict::Dead;
    ui.apply(Action::Device(DeviceReport::Check {
        turn: TURN,
        event: CheckEvent::Recorded {
            measured,
            playing,
            transcribing: true,
        },
    }));
}

fn check_is_good(ui: &mut TestUi) {
    recorded(ui, MicrophoneVerdict::Good);
    let korean = ui.is_korean();
    let words = if korean {
        "프로젝트에서 비용이 정말 줄었습니다."
    } else {
        "I learned to write clear code."
    };
    ui.apply(Action::Device(DeviceReport::Check {
        turn: TURN,
        event: CheckEvent::Transcribed(Ok(words.to_owned())),
    }));
}

fn check_is_dead(ui: &mut TestUi) {
    recorded(ui, MicrophoneVerdict::Dead);
}

fn dead_microphone(ui: &mut TestUi) {
    ui.interview()
        .apply(Action::Terminal(TerminalEvent::KeyReleases {
            reported: true,
        }))
        .press(Code::Char(' '));
    let turn = ui.turn();
    ui.apply(Action::Voice(VoiceEvent::Utterance {
        utterance: turn,
        event: UtteranceEvent::MicrophoneDead(SilentMicrophone::Device(
            "Desk Microphone".to_owned(),
        )),
    }));
}

fn microphone_fell_back(ui: &mut TestUi) {
    ui.interview().press(Code::F(2));
    let event = DeviceEvent::Replaced {
        lost: "Desk Microphone".into(),
        reason: None,
        instead: "Built-in Audio".into(),
    };
    ui.apply(Action::Device(DeviceReport::Changed {
        part: Part::Microphone,
        event,
    }));
}

type Scene = (&'static str, fn(&mut TestUi));

const SCENES: [Scene; 6] = [
    ("devices", devices),
    ("check_goes_on", check_goes_on),
    ("check_is_good", check_is_good),
    ("check_is_dead", check_is_dead),
    ("dead_microphone", dead_microphone),
    ("microphone_fell_back", microphone_fell_back),
];

#[rstest]
fn screen(
    #[values(0, 1, 2, 3, 4, 5)] scene: usize,
    #[values(Language::English, Language::Korean)] language: Language,
    #[values(LARGE, SMALL)] size: (u16, u16),
) {
    let (name, scene) = SCENES[scene];
    let mut ui = TestUi::new(setup(language, size));
    scene(&mut ui);
    insta::assert_snapshot!(
        format!("{}_{}_{}x{}", name, language, size.0, size.1),
        ui.screenshot()
    );
}

#[rstest]
fn every_screen_can_be_drawn_in_a_window_of_any_size(
    #[values(1, 4, 39, 40, 41, 59, 60, 200)] columns: u16,
) {
    for rows in [1, 3, 11, 12, 13, 17, 18, 19, 60] {
        for (_, scene) in SCENES {
            let mut ui = TestUi::new(setup(Language::Korean, (columns, rows)));
            scene(&mut ui);
            assert_eq!(ui.screenshot().lines().count(), usize::from(rows) + 1);
        }
    }
}
