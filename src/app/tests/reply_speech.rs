//! The keys that change how replies are spoken.

use super::*;
use crate::config::{Rate, Volume};

fn volume(percent: u16) -> Volume {
    percent.try_into().unwrap()
}

fn rate(percent: u16) -> Rate {
    percent.try_into().unwrap()
}

/// Returns an interview in which the first of three sentences sounds.
fn speaking() -> App {
    let mut app = asked();
    type_text(&mut app, "because");
    app.update(press(Code::Enter, 0));
    app.update(Action::Turn {
        turn: TurnId(3),
        event: BackendEvent::Delta("Good. Good. Why?".to_owned()),
    });
    app.update(Action::Speech(SpeechEvent::Sentence {
        turn: TurnId(3),
        index: 0,
        text: "Good.".to_owned(),
    }));
    app
}

fn marked(app: &App) -> Option<&str> {
    let interview = open(app);
    let reply = interview.last_reply()?;
    interview
        .spoken()
        .map(|sentence| &reply[sentence.clone()])
        .filter(|words| !words.is_empty())
}

#[test]
fn a_skipped_sentence_loses_its_mark_to_the_next_one() {
    let mut app = speaking();
    assert_eq!(open(&app).spoken(), Some(&(0..5)));
    let skip = SpeechEffect::Skip {
        turn: TurnId(3),
        sentence: 0,
    };
    assert_eq!(app.update(press(Code::F(5), 1)), [Effect::Speech(skip)]);
    assert_eq!(marked(&app), None);
    app.update(Action::Speech(SpeechEvent::Sentence {
        turn: TurnId(3),
        index: 1,
        text: "Good.".to_owned(),
    }));
    assert_eq!(open(&app).spoken(), Some(&(6..11)));
    app.update(Action::Speech(SpeechEvent::Sentence {
        turn: TurnId(3),
        index: 2,
        text: "Why?".to_owned(),
    }));
    assert_eq!(marked(&app), Some("Why?"));
}

#[test]
fn the_marked_sentence_stays_marked_when_the_reply_is_complete() {
    let mut app = speaking();
    app.update(Action::Turn {
        turn: TurnId(3),
        event: BackendEvent::Done(Box::new(done("Good. Good. Why?"))),
    });
    assert_eq!(open(&app).spoken(), Some(&(0..5)));
    app.update(Action::Speech(SpeechEvent::Ended { turn: TurnId(3) }));
    assert_eq!(open(&app).spoken(), None);
    let replayed = app.update(press(Code::F(3), 1));
    assert_eq!(replayed, [speak(4, "Good. Good. Why?")]);
    app.update(Action::Speech(SpeechEvent::Sentence {
        turn: TurnId(4),
        index: 0,
        text: "Good.".to_owned(),
    }));
    assert_eq!(open(&app).spoken(), Some(&(0..5)));
}

#[test]
fn nothing_is_skipped_while_nothing_sounds() {
    let mut app = asked();
    assert!(app.update(press(Code::F(5), 0)).is_empty());
}

#[test]
fn a_function_key_or_a_letter_in_the_transcript_changes_the_volume() {
    let mut app = asked();
    let set = |percent| [Effect::Speech(SpeechEffect::SetVolume(volume(percent)))];
    assert_eq!(app.update(press(Code::F(7), 0)), set(90));
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::Volume(volume(90)))
    );
    app.update(press(Code::Tab, 0));
    assert_eq!(app.update(press(Code::Char('-'), 0)), set(80));
    assert_eq!(app.update(press(Code::Char('+'), 0)), set(90));
    app.update(press(Code::Tab, 0));
    app.update(press(Code::Char('-'), 0));
    assert_eq!(
        app.ctx.composer.draft.text(),
        "-",
        "with the draft focused letters type"
    );
}

#[test]
fn the_rate_changes_only_if_the_voice_has_a_choice() {
    let mut app = asked();
    app.update(press(Code::Tab, 0));
    assert_eq!(
        app.update(press(Code::Char('>'), 0)),
        [Effect::Speech(SpeechEffect::SetRate(rate(110)))]
    );
    app.voice.speaking.rate = None;
    assert!(app.update(press(Code::Char('<'), 0)).is_empty());
    assert_eq!(app.ctx.notices.first().cloned(), Some(Notice::FixedRate));
}

#[test]
fn a_lost_loudspeaker_ends_what_was_spoken() {
    let mut app = speaking();
    assert_eq!(open(&app).spoken(), Some(&(0..5)));
    app.update(Action::Speech(SpeechEvent::Unavailable(Missing {
        part: Part::Speaker,
        reason: "An internal error occurred.".to_owned(),
        remedy: String::new(),
    })));
    assert_eq!(open(&app).spoken(), None);
}
