//! Any sequence of actions keeps what must hold.
use proptest::prelude::*;

use super::*;
use crate::app::action::Dead;
use crate::app::check::Checked;
use crate::voice::News;

/// Any key a person may press, and any result the runtime may bring, timely or late.
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
            Action::KeyReleases(true), Action::KeyReleases(false), Action::Paste("p\nq".to_owned()), Action::SignedOut,
            Action::SignedIn("ada".to_owned()), Action::Resized(40, 12), Action::Resized(3, 1), Action::Scroll(-3),
            ctrl('q', 0), Action::Level(0.3), Action::Tick(4000),
            Action::Devices(TurnId(3), Ok(Box::default())), Action::Checked(TurnId(3), Checked::Hearing("Desk".to_owned())),
            Action::MicrophoneDead(TurnId(3), Dead::Device("Desk".to_owned())), Action::MicrophoneAlive(TurnId(3)),
            Action::Device(Part::Microphone, News::Overrun(None)), Action::MicrophoneOpened("Desk".to_owned()),
        ]),
    ]
}

fn result(turn: TurnId, which: usize) -> Action {
    match which {
        0 => Action::Loaded(turn, Box::default()),
        1 => Action::Replied(turn, "Well. ".to_owned()),
        2 => Action::Done(turn, Box::new(done("Well. And?"))),
        3 => Action::Failed(turn, Failure::Retry("late".to_owned())),
        4 => Action::Failed(turn, Failure::Unauthorized),
        5 => heard(turn.0, "word", 1.0),
        6 => Action::HeardNothing(turn),
        7 => Action::Speaking(turn, 0, "Well.".to_owned()),
        8 => Action::SpokeAll(turn),
        10 => Action::HeardSoFar(turn, "w".to_owned(), "d".to_owned()),
        11 => Action::NotTranscribed(turn, "broken".to_owned()),
        9 => Action::Done(
            turn,
            Box::new(Done {
                finished: true,
                ..done("Bye.")
            }),
        ),
        _ => Action::Recorded(turn, Tail::default()),
    }
}

/// The turns whose results may still change something.
fn awaited(app: &App) -> Vec<TurnId> {
    let held = match &app.screen {
        Screen::Interview(interview) => Some(interview.as_ref()),
        Screen::SignIn(sign_in) => sign_in.back.as_deref(),
        _ => None,
    };
    let words = app.composing.awaited.iter().copied();
    let Some(interview) = held else {
        return app.loading.into_iter().chain(words).collect();
    };
    let mouth = match interview.mouth {
        Mouth::Silent => None,
        Mouth::Expected(turn) | Mouth::Speaking { turn, .. } => Some(turn),
    };
    let talk = if let Talk::Listening { utterance, .. } = interview.hearing.talk {
        Some(utterance)
    } else {
        None
    };
    let end = if let End::Writing(turn) = interview.end {
        Some(turn)
    } else {
        None
    };
    let few = [app.loading, interview.asking.turn(), mouth, talk, end];
    few.into_iter().flatten().chain(words).collect()
}

/// Words being said move with the caret, and the blanks around them change.
fn letters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

proptest! {
    #[test]
    fn any_sequence_of_actions_keeps_the_words_and_the_order(actions in prop::collection::vec(any_action(), 0..60)) {
        let mut app = asked();
        let mut listening = None;
        for action in actions {
            let before = (app.screen.clone(), app.composing.clone());
            let (unsent, waits) = (app.unsent(), awaited(&app));
            let effects = app.update(action.clone());
            for effect in &effects {
                match effect {
                    Effect::StartListening(turn) => prop_assert_eq!(listening.replace(*turn), None),
                    Effect::StopListening(turn) | Effect::CancelListening(turn) if listening == Some(*turn) => {
                        listening = None;
                    }
                    _ => {}
                }
            }
            if let Action::Recorded(turn, _)
                | Action::Heard(turn, _)
                | Action::HeardNothing(turn)
                | Action::NotTranscribed(turn, _) = &action
                && listening == Some(*turn)
            {
                listening = None;
            }
            let stale = match &action {
                Action::Loaded(turn, _) | Action::Replied(turn, _) | Action::Done(turn, _) | Action::Failed(turn, _)
                | Action::Heard(turn, _) | Action::HeardNothing(turn) | Action::Speaking(turn, ..) | Action::SpokeAll(turn)
                | Action::Recorded(turn, _) | Action::HeardSoFar(turn, ..) | Action::NotTranscribed(turn, _) => !waits.contains(turn),
                _ => false,
            };
            if stale {
                prop_assert_eq!(&before, &(app.screen.clone(), app.composing.clone()));
                prop_assert!(effects.is_empty());
            }
            // Esc, and a hold too short, call off what was being said.
            let erases = matches!(&action, Action::Key(Key { code: Code::Backspace | Code::Esc | SPACE, .. }));
            if !erases && !matches!(action, Action::Done(..) | Action::HeardNothing(_)) {
                prop_assert!(letters(&app.unsent()) >= letters(&unsent), "lost {unsent:?} at {action:?}");
            }
            if app.unsent() != unsent {
                prop_assert!(matches!(effects.first(), Some(Effect::SaveDraft(_))));
            }
            let text = app.composing.draft.text();
            prop_assert!(text.is_char_boundary(app.composing.draft.caret()));
        }
    }
}
