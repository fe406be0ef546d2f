//! Invariants that hold under any sequence of actions.

use proptest::prelude::*;

use super::*;
use crate::app::action::SilentMicrophone;
use crate::app::check::CheckEvent;
use crate::voice::DeviceEvent;

/// Any key a person may press, and any result the runtime may report, in time or late.
fn any_action() -> impl Strategy<Value = Action> {
    let codes = vec![
        SPACE,
        SPACE,
        Code::F(1),
        Code::F(2),
        Code::F(2),
        Code::F(3),
        Code::F(4),
        Code::F(6),
        Code::F(7),
        Code::F(8),
        Code::F(9),
        Code::Enter,
        Code::Enter,
        Code::Esc,
        Code::Tab,
        Code::Backspace,
        Code::Left,
        Code::Up,
        Code::PageUp,
        Code::Char('a'),
        Code::Char('가'),
    ];
    let phases = vec![Phase::Press, Phase::Press, Phase::Repeat, Phase::Release];
    let keys = (
        prop::sample::select(codes),
        prop::sample::select(phases),
        0_u64..9000,
    );
    let results = (1_u64..12, 0_usize..13);
    prop_oneof![
        3 => keys.prop_map(|(code, phase, at)| key(code, phase, at)),
        2 => results.prop_map(|(turn, which)| result(TurnId(turn), which)),
        1 => prop::sample::select(vec![
            Action::Terminal(TerminalEvent::KeyReleases { reported: true }), Action::Terminal(TerminalEvent::KeyReleases { reported: false }), Action::Terminal(TerminalEvent::Paste("p\nq".to_owned())), Action::Session(SessionEvent::SignedOut),
            Action::Session(SessionEvent::SignedIn { user: "ada".to_owned() }), Action::Terminal(TerminalEvent::Resized { columns: 40, rows: 12 }), Action::Terminal(TerminalEvent::Resized { columns: 3, rows: 1 }), Action::Terminal(TerminalEvent::Scroll { rows: -3 }),
            ctrl('q', 0), Action::Voice(VoiceEvent::Level(0.3)), Action::Tick { now: 4000 },
            Action::Device(DeviceReport::Listed { turn: TurnId(3), devices: Ok(Box::default()) }), Action::Device(DeviceReport::Check { turn: TurnId(3), event: CheckEvent::Recording { microphone: "Desk".to_owned() } }),
            Action::Voice(VoiceEvent::Utterance { utterance: TurnId(3), event: UtteranceEvent::MicrophoneDead(SilentMicrophone::Device("Desk".to_owned())) }), Action::Voice(VoiceEvent::Utterance { utterance: TurnId(3), event: UtteranceEvent::MicrophoneAlive }),
            Action::Device(DeviceReport::Changed { part: Part::Microphone, event: DeviceEvent::Overrun(None) }), Action::Device(DeviceReport::MicrophoneOpened { name: "Desk".to_owned() }),
        ]),
    ]
}

fn result(turn: TurnId, which: usize) -> Action {
    match which {
        0 => Action::Turn {
            turn,
            event: BackendEvent::Loaded(Box::default()),
        },
        1 => Action::Turn {
            turn,
            event: BackendEvent::Delta("Well. ".to_owned()),
        },
        2 => Action::Turn {
            turn,
            event: BackendEvent::Done(Box::new(done("Well. And?"))),
        },
        3 => Action::Turn {
            turn,
            event: BackendEvent::Failed(Failure::Retry("late".to_owned())),
        },
        4 => Action::Turn {
            turn,
            event: BackendEvent::Failed(Failure::Unauthorized),
        },
        5 => heard(turn.0, "word", 1.0),
        6 => Action::Voice(VoiceEvent::Utterance {
            utterance: turn,
            event: UtteranceEvent::NoSpeech,
        }),
        7 => Action::Speech(SpeechEvent::Sentence {
            turn,
            index: 0,
            text: "Well.".to_owned(),
        }),
        8 => Action::Speech(SpeechEvent::Ended { turn }),
        10 => Action::Voice(VoiceEvent::Utterance {
            utterance: turn,
            event: UtteranceEvent::Partial {
                stable: "w".to_owned(),
                provisional: "d".to_owned(),
            },
        }),
        11 => Action::Voice(VoiceEvent::Utterance {
            utterance: turn,
            event: UtteranceEvent::NotTranscribed {
                reason: "broken".to_owned(),
            },
        }),
        9 => Action::Turn {
            turn,
            event: BackendEvent::Done(Box::new(CompletedTurn {
                finished: true,
                ..done("Bye.")
            })),
        },
        _ => Action::Voice(VoiceEvent::Utterance {
            utterance: turn,
            event: UtteranceEvent::Recorded(RecordingTail::default()),
        }),
    }
}

/// Returns the turns whose results may still change something.
fn awaited(app: &App) -> Vec<TurnId> {
    let held = match &app.screen {
        Screen::Interview(interview) => Some(interview.as_ref()),
        Screen::SignIn(sign_in) => sign_in.back.as_deref(),
        _ => None,
    };
    let left = app.ctx.left_behind.iter().flat_map(|left| &left.awaited);
    let words = app.ctx.composer.awaited().iter().chain(left).copied();
    let Some(interview) = held else {
        return app.lobby.loading.into_iter().chain(words).collect();
    };
    let speech = match interview.speech {
        ReplySpeech::Silent => None,
        ReplySpeech::Expected(turn) | ReplySpeech::Speaking { turn, .. } => Some(turn),
    };
    let talk = if let TalkState::Listening { utterance, .. } = app.ctx.composer.talk {
        Some(utterance)
    } else {
        None
    };
    let end = if let InterviewEnd::Writing(turn) = interview.end {
        Some(turn)
    } else {
        None
    };
    let few = [
        app.lobby.loading,
        interview.request.turn(),
        speech,
        talk,
        end,
    ];
    few.into_iter().flatten().chain(words).collect()
}

fn voice(effect: &Effect) -> Option<&VoiceEffect> {
    match effect {
        Effect::Voice(effect) => Some(effect),
        Effect::Terminal(_)
        | Effect::Session(_)
        | Effect::Turn { .. }
        | Effect::Speech(_)
        | Effect::Device(_)
        | Effect::Model(_)
        | Effect::SaveDraft { .. }
        | Effect::LoadDraft { .. } => None,
    }
}

/// Returns the turn that an action answers.
fn answered(action: &Action) -> Option<TurnId> {
    match action {
        Action::Turn { turn, .. }
        | Action::Speech(SpeechEvent::Sentence { turn, .. } | SpeechEvent::Ended { turn }) => {
            Some(*turn)
        }
        Action::Voice(VoiceEvent::Utterance { utterance, .. }) => Some(*utterance),
        Action::Terminal(_)
        | Action::Tick { .. }
        | Action::Session(_)
        | Action::Voice(VoiceEvent::Level(_) | VoiceEvent::Unavailable(_))
        | Action::Speech(SpeechEvent::NotNarrated { .. } | SpeechEvent::Unavailable(_))
        | Action::Device(_)
        | Action::Model(_)
        | Action::Runtime(_) => None,
    }
}

/// Returns the utterance whose recording is over with this action.
fn ended(action: &Action) -> Option<TurnId> {
    let Action::Voice(VoiceEvent::Utterance { utterance, event }) = action else {
        return None;
    };
    match event {
        UtteranceEvent::Recorded(_)
        | UtteranceEvent::Transcribed(_)
        | UtteranceEvent::NoSpeech
        | UtteranceEvent::NotTranscribed { .. } => Some(*utterance),
        UtteranceEvent::MicrophoneDead(_)
        | UtteranceEvent::MicrophoneAlive
        | UtteranceEvent::Partial { .. } => None,
    }
}

/// Whether the action may take words away: they were sent, or nothing was said.
fn takes(action: &Action) -> bool {
    matches!(
        action,
        Action::Turn {
            event: BackendEvent::Done(_),
            ..
        } | Action::Voice(VoiceEvent::Utterance {
            event: UtteranceEvent::NoSpeech,
            ..
        })
    )
}

/// Counts letters only, because live words move with the caret and the blanks around them change.
fn letters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

proptest! {
    #[test]
    fn any_sequence_of_actions_keeps_the_words_and_the_order(actions in prop::collection::vec(any_action(), 0..60)) {
        let mut app = asked();
        let mut listening = None;
        for action in actions {
            let before = (app.screen.clone(), app.ctx.composer.clone());
            let (unsent, waits) = (app.unsent(), awaited(&app));
            let of = app.ctx.draft_of.clone();
            let effects = app.update(action.clone());
            for effect in effects.iter().filter_map(voice) {
                match effect {
                    VoiceEffect::Start { utterance } => prop_assert_eq!(listening.replace(*utterance), None),
                    VoiceEffect::Stop { utterance } | VoiceEffect::Cancel { utterance } => {
                        listening = listening.filter(|open| open != utterance);
                    }
                    VoiceEffect::OpenMicrophone | VoiceEffect::CloseMicrophone | VoiceEffect::SetLanguage(_) => {}
                }
            }
            if let Some(utterance) = ended(&action) {
                listening = listening.filter(|open| *open != utterance);
            }
            let stale = answered(&action).is_some_and(|turn| !waits.contains(&turn));
            if stale {
                prop_assert_eq!(&before, &(app.screen.clone(), app.ctx.composer.clone()));
                prop_assert!(effects.is_empty());
            }
            // Esc and a hold that is too short discard the recording.
            let erases = matches!(&action, Action::Terminal(TerminalEvent::Key(Key { code: Code::Backspace | Code::Esc | SPACE, .. })));
            let same = of == app.ctx.draft_of;
            if !erases && !takes(&action) && same {
                prop_assert!(letters(&app.unsent()) >= letters(&unsent), "lost {unsent:?} at {action:?}");
            }
            // What is set aside for another interview is on the disk.
            if app.unsent() != unsent && (of.is_some() || !same) {
                let is_saved = matches!(effects.first(), Some(Effect::SaveDraft { .. }));
                prop_assert!(is_saved);
            }
            let text = app.ctx.composer.draft.text();
            prop_assert!(text.is_char_boundary(app.ctx.composer.draft.caret()));
        }
    }
}
