//! Notices appear when they matter, and disappear in time.

use super::*;
use crate::interview::Topic;

#[test]
fn escape_stops_a_reply_that_is_about_to_sound() {
    let mut app = asked();
    app.update(press(Code::F(3), 10));
    assert_eq!(open(&app).speech, ReplySpeech::Expected(TurnId(3)));
    assert_eq!(app.update(press(Code::Esc, 20)), [silence(3)]);
    app.update(Action::Speech(SpeechEvent::Sentence {
        turn: TurnId(3),
        index: 0,
        text: "Why Rust?".to_owned(),
    }));
    assert_eq!(open(&app).speech, ReplySpeech::Silent);
}

#[test]
fn a_replay_while_muted_names_the_key_that_unmutes() {
    let mut app = asked();
    app.update(press(Code::F(4), 10));
    assert!(app.update(press(Code::F(3), 20)).is_empty());
    assert_eq!(app.ctx.notices.first().cloned(), Some(Notice::MutedReplay));
}

#[test]
fn a_replay_says_why_replies_are_silent() {
    let mut app = asked();
    let missing = Missing {
        part: Part::Narrator,
        reason: "it failed".to_owned(),
        remedy: String::new(),
    };
    app.update(Action::Speech(SpeechEvent::Unavailable(missing.clone())));
    app.ctx.notices = Notices::default();
    assert_eq!(
        app.update(press(Code::F(3), 20)),
        [speak(3, "Why Rust?")],
        "it may have recovered"
    );
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::Missing(missing))
    );
    app.update(Action::Speech(SpeechEvent::Sentence {
        turn: TurnId(3),
        index: 0,
        text: "Why Rust?".to_owned(),
    }));
    assert_eq!(app.ctx.notices.first().cloned(), None);
}

#[test]
fn a_replay_without_a_speech_engine_shows_a_notice() {
    let mut app = asked();
    app.update(press(Code::F(3), 20));
    app.update(Action::Speech(SpeechEvent::NotNarrated { turn: TurnId(3) }));
    assert_eq!(
        (app.ctx.notices.first().cloned(), &open(&app).speech),
        (Some(Notice::Unspoken), &ReplySpeech::Silent)
    );
}

#[test]
fn a_topic_that_is_too_long_is_refused_with_the_allowed_length() {
    let (mut app, _) = App::new(setup(Mode::Local));
    app.update(Action::Terminal(TerminalEvent::Paste(
        "x".repeat(Topic::MAX_CHARS + 1),
    )));
    assert_eq!(app.lobby.search.text(), "");
    let most = Topic::MAX_CHARS.to_string();
    assert!(
        [Language::English, Language::Korean]
            .map(|of| app.ctx.notices.first().unwrap().words(of))
            .iter()
            .all(|words| words.contains(&most))
    );
}

#[test]
fn a_first_control_c_is_forgotten_after_two_seconds() {
    let (mut app, _) = App::new(setup(Mode::Local));
    app.update(ctrl('c', 100));
    assert!(app.animates(), "time must go by");
    app.update(Action::Tick { now: 2100 });
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::InterruptAgain)
    );
    app.update(Action::Tick { now: 2101 });
    assert_eq!(
        (app.ctx.notices.first().cloned(), app.animates()),
        (None, false)
    );
}

#[test]
fn a_first_control_c_is_forgotten_at_the_next_other_key() {
    let (mut app, _) = App::new(setup(Mode::Local));
    app.update(ctrl('c', 100));
    app.update(press(Code::Down, 200));
    assert_eq!(app.ctx.notices.first().cloned(), None);
    assert!(app.update(ctrl('c', 300)).is_empty());
}

#[test]
fn a_downloaded_model_is_announced_once_it_can_be_used() {
    let mut app = asked();
    assert_eq!(
        app.update(Action::Model(ModelEvent::Downloaded(Ok(())))),
        [Effect::Model(ModelEffect::Load)]
    );
    assert_eq!(app.ctx.notices.first().cloned(), None);
    app.update(Action::Model(ModelEvent::Loaded));
    assert_eq!(app.ctx.notices.first().cloned(), Some(Notice::ModelReady));
}

fn offered(how: OfferMode) -> (App, Vec<Effect>) {
    let offer = ModelOffer {
        name: "base.en".to_owned(),
        bytes: 148_000_000,
        begun: 0,
        reason: String::new(),
        how,
    };
    App::new(Setup {
        model_offer: Some(offer),
        ..setup(Mode::Local)
    })
}

/// Returns the text of the shown notice.
fn notice_text(app: &App) -> String {
    app.shown_notice()
        .map(|(_, words)| words)
        .unwrap_or_default()
}

#[test]
fn an_unfinished_download_resumes_by_itself_and_shows_its_rate() {
    let (mut app, effects) = offered(OfferMode::Resume);
    assert_eq!(effects, [load(1), Effect::Model(ModelEffect::Download)]);
    assert!(app.overlays.is_empty(), "nobody is asked twice");
    app.update(Action::Model(ModelEvent::Progress(TransferProgress {
        done: 74_000_000,
        all: 148_000_000,
        rate: Some(7_400_000),
    })));
    assert_eq!(
        notice_text(&app),
        "Speech model base.en: 50 % of 148 MB, 7.4 MB/s, 0:10 left"
    );
    app.ctx.draft_of = Some(question(1));
    app.update(Action::Runtime(RuntimeEvent::DraftFound {
        of: question(1),
        text: "so".to_owned(),
    }));
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::DraftFound),
        "a notice goes before it"
    );
    app.update(ctrl('g', 10));
    assert!(
        notice_text(&app).starts_with("Speech model base.en"),
        "the key brings it back"
    );
}

#[test]
fn the_talk_key_during_a_download_shows_its_progress() {
    let mut app = asked();
    let how = OfferMode::Resume;
    let offer = ModelOffer {
        name: "base.en".to_owned(),
        bytes: 148_000_000,
        begun: 0,
        reason: String::new(),
        how,
    };
    app.voice.offer = Some(offer);
    app.voice.download = Some(TransferProgress {
        done: 74_000_000,
        all: 148_000_000,
        rate: None,
    });
    let remedy = "mock-interviewer models download base.en".to_owned();
    app.update(Action::Voice(VoiceEvent::Unavailable(Missing {
        part: Part::Model,
        reason: String::new(),
        remedy,
    })));
    app.update(press(Code::F(2), 1000));
    assert!(
        notice_text(&app).starts_with("Speech model base.en: 50 %"),
        "{}",
        notice_text(&app)
    );
}

#[test]
fn a_failed_download_shows_why_and_which_key_retries() {
    let (mut app, _) = offered(OfferMode::Ask);
    assert_eq!(
        app.update(press(Code::Enter, 0)),
        [Effect::Model(ModelEffect::Download)]
    );
    app.update(Action::Model(ModelEvent::Downloaded(Err(
        "the server answers 503.".to_owned(),
    ))));
    assert_eq!(
        notice_text(&app),
        "No speech model (press ctrl+g to try again; the next start tries too): the server answers 503"
    );
    app.update(Action::Model(ModelEvent::Progress(TransferProgress::new(
        1, 2,
    ))));
    assert_eq!(app.voice.download, None, "a late step brings nothing back");
    assert_eq!(
        app.update(ctrl('g', 10)),
        [Effect::Model(ModelEffect::Download)]
    );
    assert!(app.update(ctrl('g', 20)).is_empty(), "once is enough");
}

#[test]
fn the_download_key_answers_the_offer_or_says_that_there_is_none() {
    let (mut app, _) = offered(OfferMode::Ask);
    assert_eq!(
        app.update(ctrl('g', 0)),
        [Effect::Model(ModelEffect::Download)]
    );
    assert!(app.overlays.is_empty());
    let (mut app, effects) = offered(OfferMode::OnRequest);
    assert_eq!((effects, app.overlays.len()), (vec![load(1)], 0));
    app.update(Action::Model(ModelEvent::Downloaded(Ok(()))));
    assert!(app.update(ctrl('g', 0)).is_empty());
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::NoModelToFetch)
    );
}

#[test]
fn an_installed_model_is_not_announced() {
    let mut app = asked();
    app.update(Action::Model(ModelEvent::Loaded));
    assert_eq!(app.ctx.notices.first().cloned(), None);
}

#[test]
fn a_report_that_cannot_be_written_shows_a_notice() {
    let mut app = asked();
    type_text(&mut app, "so");
    app.update(press(Code::Enter, 0));
    app.update(Action::Turn {
        turn: TurnId(3),
        event: BackendEvent::Done(Box::new(CompletedTurn {
            finished: true,
            ..done("Well done.")
        })),
    });
    app.update(Action::Turn {
        turn: TurnId(4),
        event: BackendEvent::Failed(Failure::Refused("the disk is full".to_owned())),
    });
    assert_eq!(open(&app).end, InterviewEnd::Over(None));
    assert_eq!(
        app.ctx.notices.first().cloned(),
        Some(Notice::Refused("the disk is full".to_owned()))
    );
}

fn no_speaker(reason: &str) -> Missing {
    Missing {
        part: Part::Speaker,
        reason: reason.to_owned(),
        remedy: String::new(),
    }
}

#[test]
fn a_missing_speaker_is_said_once_a_run() {
    let mut app = asked();
    let first = no_speaker("device busy");
    app.update(Action::Speech(SpeechEvent::Unavailable(first.clone())));
    assert_eq!(app.ctx.notices.first(), Some(&Notice::Missing(first)));
    app.update(Action::Speech(SpeechEvent::Sentence {
        turn: TurnId(2),
        index: 0,
        text: "Why Rust?".to_owned(),
    }));
    app.update(Action::Speech(SpeechEvent::Unavailable(no_speaker("gone"))));
    assert_eq!(app.ctx.notices.first(), None);
}

#[test]
fn a_missing_speaker_does_not_hide_the_report() {
    let mut app = asked();
    type_text(&mut app, "so");
    app.update(press(Code::Enter, 0));
    app.update(Action::Turn {
        turn: TurnId(3),
        event: BackendEvent::Done(Box::new(CompletedTurn {
            finished: true,
            ..done("Well done.")
        })),
    });
    app.update(Action::Turn {
        turn: TurnId(4),
        event: BackendEvent::ReportWritten {
            path: "r.md".to_owned(),
        },
    });
    let missing = no_speaker("none");
    app.update(Action::Speech(SpeechEvent::Unavailable(missing.clone())));
    let report = Notice::Report("r.md".to_owned());
    assert_eq!(app.ctx.notices.first(), Some(&report));
    assert_eq!((app.ctx.notices.waiting(), app.animates()), (1, false));
    app.update(press(Code::Esc, 10));
    assert_eq!(app.ctx.notices.first(), Some(&Notice::Missing(missing)));
}

#[test]
fn an_answer_to_a_key_makes_way_for_the_notice_behind_it() {
    let mut app = asked();
    let missing = no_speaker("none");
    app.update(Action::Speech(SpeechEvent::Unavailable(missing.clone())));
    app.update(press(Code::F(4), 10));
    assert_eq!(app.ctx.notices.first(), Some(&Notice::Muted(true)));
    let ticks = (1..1000).take_while(|tick| {
        let animates = app.animates();
        app.update(Action::Tick { now: tick * 100 });
        animates
    });
    assert!(ticks.count() < 999, "it comes to rest");
    assert_eq!(app.ctx.notices.first(), Some(&Notice::Missing(missing)));
}
