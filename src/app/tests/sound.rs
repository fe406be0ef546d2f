//! Microphone and loudspeaker are picked, checked, lost and found again.

use std::time::Duration;

use super::*;
use crate::app::action::SilentMicrophone;
use crate::app::check::{CheckEvent, CheckStage, CheckWords, MicrophoneReport, MicrophoneVerdict};
use crate::app::devices::{DeviceItem, DeviceList, DevicePicker};
use crate::config::Channel;
use crate::preferences::SelectedDevices;
use crate::voice::DeviceEvent;

fn lobby() -> App {
    App::new(setup(Mode::Local)).0
}

fn device(name: &str, channels: u16, default: bool) -> DeviceItem {
    DeviceItem {
        name: name.to_owned(),
        label: name.to_owned(),
        channels,
        default,
        away: false,
    }
}

/// Returns the words of the notice.
fn notice_text(app: &App) -> Option<String> {
    app.ctx
        .notices
        .first()
        .map(|notice| notice.words(app.ctx.language))
}

fn list() -> DeviceList {
    DeviceList {
        microphones: vec![device("Built-in", 1, true), device("Studio", 2, false)],
        speakers: vec![device("Built-in", 2, true), device("Headset", 2, false)],
        ..DeviceList::default()
    }
}

/// Returns an app with the picker open, listed as turn 2.
fn picking(list: DeviceList) -> App {
    let mut app = lobby();
    assert_eq!(
        app.update(press(Code::F(7), 0)),
        [Effect::Device(DeviceEffect::List { turn: TurnId(2) })]
    );
    app.update(Action::Device(DeviceReport::Listed {
        turn: TurnId(2),
        devices: Ok(Box::new(list)),
    }));
    app
}

fn keys(app: &mut App, codes: &[Code]) -> Vec<Effect> {
    codes
        .iter()
        .flat_map(|code| app.update(press(*code, 0)))
        .collect()
}

fn use_devices(devices: SelectedDevices) -> Effect {
    Effect::Device(DeviceEffect::Use(devices))
}

#[test]
fn enter_uses_the_picked_microphone_channel_and_loudspeaker() {
    let mut app = picking(list());
    let codes = [
        Code::Right,
        Code::Right,
        Code::Down,
        Code::Left,
        Code::Down,
        Code::Left,
        Code::Enter,
    ];
    let effects = keys(&mut app, &codes);
    let expected = SelectedDevices {
        microphone: "Studio".into(),
        channel: Channel::Only(2),
        speaker: "Headset".into(),
    };
    assert_eq!(effects, [use_devices(expected)]);
    assert!(app.overlays.is_empty());
}

#[test]
fn the_channels_follow_the_microphone_and_a_single_one_is_no_choice() {
    let mut app = picking(DeviceList {
        microphone: Some(1),
        channel: Channel::Only(2),
        ..list()
    });
    let effects = keys(
        &mut app,
        &[Code::Left, Code::Down, Code::Right, Code::Enter],
    );
    let expected = SelectedDevices {
        microphone: "Built-in".into(),
        ..SelectedDevices::default()
    };
    assert_eq!(effects, [use_devices(expected)]);
}

#[test]
fn escape_leaves_the_devices_as_they_were() {
    let mut app = picking(list());
    assert!(keys(&mut app, &[Code::Right, Code::Esc]).is_empty());
    assert!(app.overlays.is_empty());
}

#[test]
fn a_device_list_that_comes_after_the_picker_closed_is_ignored() {
    let mut app = lobby();
    keys(&mut app, &[Code::F(7), Code::Esc]);
    app.update(Action::Device(DeviceReport::Listed {
        turn: TurnId(2),
        devices: Ok(Box::new(list())),
    }));
    assert!(app.overlays.is_empty());
    keys(&mut app, &[Code::F(7)]);
    app.update(Action::Device(DeviceReport::Listed {
        turn: TurnId(3),
        devices: Err("the sound system does not answer".to_owned()),
    }));
    let failed = DevicePicker::Failed("the sound system does not answer".to_owned());
    assert_eq!(app.overlays.front(), Some(&Overlay::Devices(failed)));
}

fn measured(verdict: MicrophoneVerdict) -> MicrophoneReport {
    MicrophoneReport {
        seconds: 3.0,
        level: -23.0,
        peak: -6.0,
        noise: -58.0,
        clipped: 0.0,
        verdict,
    }
}

fn stage(app: &App) -> &CheckStage {
    match app.overlays.front() {
        Some(Overlay::Check(check)) => &check.stage,
        other => panic!("no check but {other:?}"),
    }
}

#[test]
fn a_check_shows_the_level_then_the_measurements_and_the_words() {
    let mut app = lobby();
    assert_eq!(
        app.update(press(Code::F(8), 0)),
        [Effect::Device(DeviceEffect::Check {
            turn: TurnId(2),
            language: Language::English,
            aloud: true
        })]
    );
    let turn = TurnId(2);
    app.update(Action::Device(DeviceReport::Check {
        turn,
        event: CheckEvent::Recording {
            microphone: "Desk".to_owned(),
        },
    }));
    assert!(app.animates(), "the level moves");
    app.update(Action::Voice(VoiceEvent::Level(0.5)));
    assert!(
        matches!(stage(&app), CheckStage::Recording { level, .. } if (level - 0.5).abs() < 1e-6)
    );
    let recorded = CheckEvent::Recorded {
        measured: measured(MicrophoneVerdict::Good),
        playing: true,
        transcribing: true,
    };
    app.update(Action::Device(DeviceReport::Check {
        turn,
        event: recorded,
    }));
    assert!(!app.animates());
    app.update(Action::Device(DeviceReport::Check {
        turn,
        event: CheckEvent::Transcribed(Ok("Hello.".to_owned())),
    }));
    app.update(Action::Speech(SpeechEvent::Ended { turn }));
    let CheckStage::Done(outcome) = stage(&app) else {
        panic!()
    };
    assert_eq!(
        (&outcome.words, outcome.playing),
        (&CheckWords::Text("Hello.".to_owned()), false)
    );
    assert_eq!(
        app.update(press(Code::Enter, 0)),
        [
            Effect::Device(DeviceEffect::CancelCheck { turn: TurnId(2) }),
            Effect::Device(DeviceEffect::Check {
                turn: TurnId(3),
                language: Language::English,
                aloud: true
            })
        ],
        "once more"
    );
    assert_eq!(
        app.update(press(Code::Esc, 0)),
        [Effect::Device(DeviceEffect::CancelCheck {
            turn: TurnId(3)
        })]
    );
    app.update(Action::Device(DeviceReport::Check {
        turn: TurnId(3),
        event: CheckEvent::Failed("late".to_owned()),
    }));
    assert!(app.overlays.is_empty(), "nobody waits any more");
}

#[test]
fn a_recording_that_cannot_be_played_back_says_so() {
    let mut app = lobby();
    app.update(press(Code::F(8), 0));
    app.update(Action::Device(DeviceReport::Check {
        turn: TurnId(2),
        event: CheckEvent::Recording {
            microphone: "Desk".to_owned(),
        },
    }));
    let recorded = CheckEvent::Recorded {
        measured: measured(MicrophoneVerdict::Good),
        playing: true,
        transcribing: false,
    };
    app.update(Action::Device(DeviceReport::Check {
        turn: TurnId(2),
        event: recorded,
    }));
    let reason = "no loudspeaker was found".to_owned();
    app.update(Action::Speech(SpeechEvent::Unavailable(Missing {
        part: Part::Speaker,
        reason: reason.clone(),
        remedy: String::new(),
    })));
    let CheckStage::Done(outcome) = stage(&app) else {
        panic!()
    };
    assert_eq!(
        (outcome.unplayed.clone(), outcome.playing, &outcome.words),
        (Some(reason), false, &CheckWords::NoModel)
    );
}

#[test]
fn without_the_voice_feature_nothing_can_be_picked_or_checked() {
    let mut app = lobby();
    let missing = Missing {
        part: Part::Voice,
        reason: String::new(),
        remedy: String::new(),
    };
    app.update(Action::Voice(VoiceEvent::Unavailable(missing.clone())));
    assert!(keys(&mut app, &[Code::F(7), Code::F(8)]).is_empty());
    assert_eq!(
        (app.overlays.len(), app.ctx.notices.first().cloned()),
        (0, Some(Notice::Missing(missing)))
    );
}

#[rstest]
#[case::tapped(Code::F(2))]
#[case::held(SPACE)]
fn a_silent_microphone_shows_a_notice_until_a_signal_comes(#[case] talk: Code) {
    let mut app = asked();
    app.update(Action::Terminal(TerminalEvent::KeyReleases {
        reported: true,
    }));
    app.update(press(talk, 1000));
    let dead = SilentMicrophone::Device("Desk".to_owned());
    app.update(Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(3),
        event: UtteranceEvent::MicrophoneDead(dead.clone()),
    }));
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::SilentMicrophone(dead))
    );
    assert!(
        notice_text(&app).is_some_and(|words| words.contains("Desk") && words.contains("muted"))
    );
    app.update(Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(3),
        event: UtteranceEvent::MicrophoneAlive,
    }));
    assert_eq!(app.ctx.notices.first().cloned(), None);
}

#[test]
fn an_unplugged_microphone_is_no_longer_called_silent() {
    let mut app = asked();
    app.update(press(Code::F(2), 1000));
    app.update(Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(3),
        event: UtteranceEvent::MicrophoneDead(SilentMicrophone::Device("Desk".to_owned())),
    }));
    let event = DeviceEvent::Replaced {
        lost: "Desk".into(),
        reason: None,
        instead: "Built-in".into(),
    };
    app.update(Action::Device(DeviceReport::Changed {
        part: Part::Microphone,
        event: event.clone(),
    }));
    assert_eq!(
        app.ctx.notices.first(),
        Some(&Notice::Device(Part::Microphone, event))
    );
}

#[test]
fn the_notice_of_a_silent_microphone_stays_until_the_next_words() {
    let mut app = asked();
    app.update(press(Code::F(2), 1000));
    let dead = SilentMicrophone::Device("Desk".to_owned());
    app.update(Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(3),
        event: UtteranceEvent::MicrophoneDead(dead.clone()),
    }));
    app.update(press(Code::F(2), 4000));
    app.update(Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(3),
        event: UtteranceEvent::NoSpeech,
    }));
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::SilentMicrophone(dead.clone()))
    );
    app.update(Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(9),
        event: UtteranceEvent::MicrophoneDead(dead.clone()),
    }));
    app.update(press(Code::F(2), 6000));
    assert_eq!(app.ctx.notices.first().cloned(), None);
    app.update(Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(4),
        event: UtteranceEvent::MicrophoneDead(dead),
    }));
    app.update(press(Code::F(2), 9000));
    app.update(heard(4, "it is safe", 2.0));
    assert_eq!(app.ctx.notices.first().cloned(), None);
}

#[test]
fn lost_samples_show_a_notice_only_during_a_recording() {
    let mut app = asked();
    let lost = DeviceEvent::Overrun(Some(Duration::from_millis(420)));
    app.update(Action::Device(DeviceReport::Changed {
        part: Part::Microphone,
        event: lost.clone(),
    }));
    assert_eq!(app.ctx.notices.first().cloned(), None);
    app.update(press(Code::F(2), 1000));
    app.update(Action::Device(DeviceReport::Changed {
        part: Part::Microphone,
        event: lost,
    }));
    assert!(
        notice_text(&app).is_some_and(|words| words.starts_with("0.4 s")),
        "{:?}",
        notice_text(&app)
    );
}

#[test]
fn a_microphone_that_returns_shows_a_notice_and_can_be_used() {
    let mut app = asked();
    app.update(press(Code::F(2), 1000));
    let missing = Missing {
        part: Part::Microphone,
        reason: "Desk stopped".into(),
        remedy: String::new(),
    };
    app.update(Action::Voice(VoiceEvent::Unavailable(missing)));
    app.update(Action::Device(DeviceReport::MicrophoneOpened {
        name: "Desk".to_owned(),
    }));
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::Device(
            Part::Microphone,
            DeviceEvent::Returned("Desk".to_owned())
        ))
    );
    assert_eq!(app.update(press(Code::F(2), 5000)), [start_listening(4)]);
}

#[test]
fn a_fallback_microphone_goes_on_recording_and_shows_a_notice() {
    let mut app = asked();
    app.update(press(Code::F(2), 1000));
    let news = DeviceEvent::Replaced {
        lost: "Desk".into(),
        reason: None,
        instead: "Built-in".into(),
    };
    assert!(
        app.update(Action::Device(DeviceReport::Changed {
            part: Part::Microphone,
            event: news
        }))
        .is_empty()
    );
    assert_ne!(app.ctx.composer.talk, TalkState::Quiet);
    let words = notice_text(&app).unwrap_or_default();
    assert!(
        words.contains("Desk") && words.contains("Built-in"),
        "{words}"
    );
}

#[test]
fn the_talk_key_tries_a_missing_microphone_again() {
    let mut app = asked();
    let missing = Missing {
        part: Part::Microphone,
        reason: "it produced no sound".into(),
        remedy: String::new(),
    };
    app.update(Action::Voice(VoiceEvent::Unavailable(missing.clone())));
    assert_eq!(app.update(press(Code::F(2), 1_000)), [start_listening(3)]);
    app.update(Action::Voice(VoiceEvent::Unavailable(missing.clone())));
    app.update(Action::Voice(VoiceEvent::Utterance {
        utterance: TurnId(3),
        event: UtteranceEvent::NotTranscribed {
            reason: "it produced no sound".into(),
        },
    }));
    assert_eq!(
        (app.ctx.composer.talk, app.ctx.notices.first().cloned()),
        (TalkState::Quiet, Some(Notice::Missing(missing)))
    );

    assert_eq!(app.update(press(Code::F(2), 5_000)), [start_listening(4)]);
    app.update(Action::Device(DeviceReport::MicrophoneOpened {
        name: "Desk".to_owned(),
    }));
    assert_ne!(app.ctx.composer.talk, TalkState::Quiet);
    assert!(app.voice.can_talk().is_ok());
}
