//! The interview screen: header, transcript, notice, draft, status and hints.

use ratatui::layout::{Constraint, Layout, Rect};

use super::canvas::Canvas;
use super::{draft, header, hints, labels, notice, status, transcript};
use crate::app::App;
use crate::app::composer::talk_state::{TalkState, TalkTrigger};
use crate::app::interview::{Focus, Interview, ReplySpeech};

/// The width from which on the status has room to say how to stop recording.
const WIDE: u16 = 60;

pub(super) fn draw(canvas: &mut Canvas<'_, '_>, interview: &Interview, area: Rect) {
    let geometry = canvas.app.geometry();
    let heights = [
        geometry.header(),
        geometry.transcript,
        geometry.notice,
        draft::height(geometry),
        1,
        1,
    ];
    let areas = Layout::vertical(heights.map(Constraint::Length)).areas(area);
    let [header, transcript, notice, draft, status, hints] = areas;
    draw_header(canvas, interview, header);
    transcript::draw(canvas, interview, transcript);
    notice::draw(canvas, notice);
    if !interview.is_over() {
        draft::draw(canvas, interview, draft);
    }
    status::draw(canvas, interview, status);
    hints::draw(canvas, keys(canvas.app, interview), hints);
}

fn draw_header(canvas: &mut Canvas<'_, '_>, interview: &Interview, area: Rect) {
    let topic = if interview.topic.is_empty() {
        canvas.text("ui.lobby.last_interview")
    } else {
        interview.topic.clone()
    };
    let detail = if interview.is_over() {
        Some(canvas.text("ui.who.over"))
    } else {
        interview
            .question
            .map(|progress| labels::question(progress, canvas.app.ctx.language))
    };
    header::draw(canvas, &topic, detail.as_deref(), area);
}

/// Returns the keys that help now, the most important ones first.
fn keys(app: &App, interview: &Interview) -> &'static [&'static str] {
    let speaks = matches!(interview.speech, ReplySpeech::Speaking { .. });
    if interview.is_over() {
        return if speaks {
            &["back", "help", "skip", "scroll", "quit"]
        } else {
            &["back", "help", "replay", "scroll", "quit"]
        };
    }
    if let TalkState::Listening { trigger, .. } = app.ctx.composer.talk {
        return recording_keys(app, trigger);
    }
    match (interview.focus, app.ctx.composer.draft.is_empty()) {
        (Focus::Transcript, _) if speaks => {
            &["help", "write", "skip", "mute", "finish", "lobby", "quit"]
        }
        (Focus::Transcript, _) => &["help", "write", "replay", "mute", "finish", "lobby", "quit"],
        (Focus::Draft, false) => &["help", "send", "line", "talk", "read", "quit"],
        (Focus::Draft, true) if speaks => &[
            "help", "talk", "skip", "mute", "finish", "read", "lobby", "quit",
        ],
        (Focus::Draft, true) => &[
            "help", "talk", "replay", "mute", "finish", "read", "lobby", "quit",
        ],
    }
}

fn recording_keys(app: &App, trigger: TalkTrigger) -> &'static [&'static str] {
    if app.ctx.size.0 >= WIDE {
        return &["send", "help"];
    }
    match (trigger, app.voice.is_held()) {
        (TalkTrigger::Hold, _) => &["release", "cancel"],
        (TalkTrigger::Tap, true) => &["f2", "cancel"],
        (TalkTrigger::Tap, false) => &["space", "cancel"],
    }
}
