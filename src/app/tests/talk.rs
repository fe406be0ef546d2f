//! Push to talk is held where releases are reported, and tapped elsewhere.

use super::*;

#[test]
fn a_held_space_talks_until_it_is_released() {
    let mut app = asked();
    app.update(Action::Terminal(TerminalEvent::KeyReleases {
        reported: true,
    }));
    assert_eq!(app.update(press(SPACE, 1000)), [start_listening(3)]);
    assert!(app.update(key(SPACE, Phase::Repeat, 1500)).is_empty());
    assert_eq!(
        app.update(key(SPACE, Phase::Release, 4000)),
        [stop_listening(3)]
    );
    assert_eq!(
        app.update(heard(3, "it is safe", 3.0)),
        [save_draft("it is safe")]
    );
    assert_eq!(app.ctx.composer.draft.text(), "it is safe");
}

#[test]
fn a_short_hold_types_a_space_and_discards_the_sound() {
    let mut app = asked();
    app.update(Action::Terminal(TerminalEvent::KeyReleases {
        reported: true,
    }));
    app.update(press(SPACE, 1000));
    assert_eq!(
        app.update(key(SPACE, Phase::Release, 1200)),
        [save_draft(" "), cancel_listening(3)]
    );
    assert_eq!(app.ctx.composer.draft.text(), " ");
}

#[test]
fn a_space_in_a_draft_with_text_is_a_letter() {
    let mut app = asked();
    app.update(Action::Terminal(TerminalEvent::KeyReleases {
        reported: true,
    }));
    type_text(&mut app, "so");
    app.update(press(SPACE, 9));
    assert_eq!(
        (app.ctx.composer.draft.text(), app.ctx.composer.talk),
        ("so ", TalkState::Quiet)
    );
}

#[test]
fn a_key_held_in_a_terminal_without_releases_is_one_tap() {
    let mut app = asked();
    assert_eq!(app.update(press(SPACE, 1000)), [start_listening(3)]);
    for at in (1500..3000).step_by(30) {
        assert!(app.update(press(SPACE, at)).is_empty(), "stopped at {at}");
    }
    assert_eq!(app.update(press(SPACE, 5000)), [stop_listening(3)]);
    assert!(app.update(press(SPACE, 5500)).is_empty(), "held once more");
    assert_eq!(app.ctx.composer.draft.text(), "");
}

#[test]
fn a_release_under_an_overlay_still_ends_the_recording() {
    let mut app = asked();
    app.update(Action::Terminal(TerminalEvent::KeyReleases {
        reported: true,
    }));
    app.update(press(SPACE, 1000));
    app.update(press(Code::F(1), 1500));
    assert_eq!(
        app.update(key(SPACE, Phase::Release, 2000)),
        [stop_listening(3)]
    );
}

#[test]
fn a_held_space_that_repeats_as_plain_presses_goes_on_listening() {
    let mut app = asked();
    app.update(Action::Terminal(TerminalEvent::KeyReleases {
        reported: true,
    }));
    assert_eq!(app.update(press(SPACE, 1000)), [start_listening(3)]);
    for at in (1500..3000).step_by(30) {
        assert!(app.update(press(SPACE, at)).is_empty(), "stopped at {at}");
    }
    assert_eq!(
        app.update(key(SPACE, Phase::Release, 3010)),
        [stop_listening(3)]
    );
}

#[test]
fn a_press_long_after_a_lost_release_stops_the_recording() {
    let mut app = asked();
    app.update(Action::Terminal(TerminalEvent::KeyReleases {
        reported: true,
    }));
    app.update(press(SPACE, 1000));
    assert_eq!(app.update(press(SPACE, 9000)), [stop_listening(3)]);
}

#[test]
fn a_tap_soon_after_another_key_is_no_repeat() {
    let mut app = asked();
    assert_eq!(app.update(press(SPACE, 1000)), [start_listening(3)]);
    assert_eq!(app.update(press(SPACE, 5000)), [stop_listening(3)]);
    app.update(heard(3, "", 1.0));
    app.update(press(Code::Left, 5100));
    assert_eq!(app.update(press(SPACE, 5200)), [start_listening(4)]);
}

#[test]
fn a_second_tap_soon_after_the_first_counts_unless_repeats_follow() {
    let mut app = asked();
    app.update(press(SPACE, 1000));
    assert_eq!(app.update(press(SPACE, 5000)), [stop_listening(3)]);
    assert!(app.update(press(SPACE, 5300)).is_empty());
    assert!(app.animates(), "time must go by");
    assert_eq!(app.update(Action::Tick { now: 5401 }), [start_listening(4)]);
    assert!(app.update(press(Code::F(2), 5600)).is_empty());
    assert_eq!(app.update(Action::Tick { now: 5750 }), [stop_listening(4)]);
}

#[test]
fn a_held_key_is_one_tap_even_with_ticks_between_its_repeats() {
    let mut app = asked();
    app.update(press(Code::F(2), 1000));
    for at in (1660..3000).step_by(90) {
        app.update(press(Code::F(2), at));
        assert!(
            app.update(Action::Tick { now: at + 80 }).is_empty(),
            "stopped at {at}"
        );
    }
}

#[test]
fn a_second_tap_counts_at_once_where_another_key_follows() {
    let mut app = asked();
    app.update(press(Code::F(2), 1000));
    app.update(press(Code::F(2), 5000));
    app.update(press(Code::F(2), 5200));
    assert_eq!(
        app.update(press(Code::Char('x'), 5250)),
        [save_draft("x"), start_listening(4)]
    );
}
