//! The interview screen: header, transcript, notice, draft, status, hints.
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use rust_i18n::t;

use super::theme::Theme;
use super::{draft, header, hints, notice, status, transcript, words};
use crate::app::App;
use crate::app::interview::{By, Focus, Interview, Mouth, Talk};

/// From this width on the state itself has room to say how listening ends.
const WIDE: u16 = 60;

/// Draws the screen.
pub(super) fn draw(
    app: &App,
    interview: &Interview,
    frame: &mut Frame<'_>,
    area: Rect,
    theme: Theme,
) {
    let geometry = app.geometry();
    let heights = [
        geometry.header(),
        geometry.transcript,
        geometry.notice,
        draft::height(geometry),
        1,
        1,
    ];
    let [top, said, told, written, state, keys] =
        Layout::vertical(heights.map(Constraint::Length)).areas(area);
    let unnamed = t!("ui.lobby.last_interview", locale = app.language.code());
    let topic = if interview.topic.is_empty() {
        unnamed.as_ref()
    } else {
        interview.topic.as_str()
    };
    header::draw(
        app,
        topic,
        beside(app, interview).as_deref(),
        frame,
        top,
        theme,
    );
    transcript::draw(app, interview, frame, said, theme);
    notice::draw(app, frame, told, theme);
    if !interview.is_over() {
        draft::draw(app, interview, frame, written, theme);
    }
    status::draw(app, interview, frame, state, theme);
    hints::draw(app, keys_for(app, interview), frame, keys, theme);
}

fn beside(app: &App, interview: &Interview) -> Option<String> {
    if interview.is_over() {
        return Some(t!("ui.who.over", locale = app.language.code()).into_owned());
    }
    interview
        .question
        .map(|progress| words::question(progress, app.language))
}

fn keys_for(app: &App, interview: &Interview) -> &'static [&'static str] {
    let speaks = matches!(interview.mouth, Mouth::Speaking { .. });
    if interview.is_over() {
        return if speaks {
            &["back", "help", "skip", "scroll", "quit"]
        } else {
            &["back", "help", "replay", "scroll", "quit"]
        };
    }
    match (
        interview.hearing.talk,
        interview.focus,
        app.composing.draft.is_empty(),
    ) {
        (Talk::Listening { by, .. }, ..) => match (by, app.voice.is_held()) {
            _ if app.size.0 >= WIDE => &["send", "help"],
            (By::Hold, _) => &["release", "cancel"],
            (By::Tap, true) => &["f2", "cancel"],
            (By::Tap, false) => &["space", "cancel"],
        },
        (_, Focus::Transcript, _) if speaks => {
            &["help", "write", "skip", "mute", "finish", "lobby", "quit"]
        }
        (_, Focus::Transcript, _) => {
            &["help", "write", "replay", "mute", "finish", "lobby", "quit"]
        }
        (_, Focus::Draft, false) => &["help", "send", "line", "talk", "read", "quit"],
        (_, Focus::Draft, true) if speaks => &[
            "help", "talk", "skip", "mute", "finish", "read", "lobby", "quit",
        ],
        (_, Focus::Draft, true) => &[
            "help", "talk", "replay", "mute", "finish", "read", "lobby", "quit",
        ],
    }
}
