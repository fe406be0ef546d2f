//! The state of the interview in words, with the level meter and the time while recording.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use rust_i18n::t;

use super::canvas::{Canvas, inset};
use super::labels;
use super::theme::Tone;
use crate::app::App;
use crate::app::composer::talk_state::{AfterWords, TalkState, TalkTrigger};
use crate::app::interview::{Focus, Interview, InterviewEnd, ReplySpeech, RequestState};
use crate::app::voice::TranscriberStatus;
use crate::app::wrap;

/// The cells of the level meter.
const METER_CELLS: usize = 8;

/// The state in words, and the keys of what can be done about it in the locale files.
struct StatusText {
    tone: Tone,
    text: String,
    hints: Vec<&'static str>,
}

/// Draws the state, then as many hints as fit, then the level meter.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, interview: &Interview, area: Rect) {
    let area = inset(area, 1);
    let width = usize::from(area.width);
    let mut status = status_text(canvas, interview);
    if has_more_below(canvas.app, interview) {
        status.hints.push("ui.status.more_below");
    }
    let meter = meter(canvas.app);
    let used = wrap::columns(&status.text) + wrap::columns(&meter);
    let mut room = width.saturating_sub(used);
    let text = wrap::shorten(&status.text, width);
    let mut spans = vec![Span::styled(text, canvas.style(status.tone))];
    for hint in status.hints {
        let text = format!(" · {}", canvas.text(hint));
        let columns = wrap::columns(&text);
        if columns > room {
            break;
        }
        room -= columns;
        spans.push(Span::styled(text, canvas.style(Tone::Faint)));
    }
    spans.push(Span::styled(meter, canvas.style(Tone::Listening)));
    canvas.render(Line::from(spans), area);
}

/// Whether rows of the transcript are out of sight below.
fn has_more_below(app: &App, interview: &Interview) -> bool {
    let geometry = app.geometry();
    let (rows, top) = interview.transcript(&geometry);
    top + usize::from(geometry.transcript) < rows.len()
}

/// Returns what goes on, the most pressing first.
fn status_text(canvas: &Canvas<'_, '_>, interview: &Interview) -> StatusText {
    if let TalkState::Listening { since, trigger, .. } = canvas.app.ctx.composer.talk {
        return recording(canvas, since, trigger);
    }
    if canvas.app.is_hearing() {
        return transcribing(canvas);
    }
    if matches!(interview.speech, ReplySpeech::Speaking { .. }) {
        return StatusText {
            tone: Tone::Interviewer,
            text: canvas.text("ui.status.speaking"),
            hints: vec!["ui.status.esc_silences", "ui.status.f5_skips"],
        };
    }
    match &interview.request {
        RequestState::Waiting { since, .. } => {
            let time = labels::time(canvas.app.ctx.now.saturating_sub(*since));
            let text = t!("ui.status.thinking", locale = canvas.locale(), time = time);
            answering(text.into_owned())
        }
        RequestState::Streaming { .. } => answering(canvas.text("ui.status.answering")),
        RequestState::Idle => idle(canvas, interview),
    }
}

fn recording(canvas: &Canvas<'_, '_>, since: u64, trigger: TalkTrigger) -> StatusText {
    let time = labels::time(canvas.app.ctx.now.saturating_sub(since));
    let text = t!("ui.status.listening", locale = canvas.locale(), time = time);
    StatusText {
        tone: Tone::Listening,
        text: text.into_owned(),
        hints: vec![stop_hint(canvas.app, trigger), "ui.status.esc_cancels"],
    }
}

fn transcribing(canvas: &Canvas<'_, '_>) -> StatusText {
    let key = match canvas.app.voice.transcriber {
        TranscriberStatus::Ready => "ui.status.transcribing",
        TranscriberStatus::Loading => "ui.status.loading",
    };
    let hints = match canvas.app.ctx.composer.then {
        AfterWords::Send => vec!["ui.status.then_send", "ui.status.esc_waits"],
        AfterWords::Finish => vec!["ui.status.then_finish", "ui.status.esc_goes_on"],
        AfterWords::Edit => vec!["ui.status.esc_cancels"],
    };
    StatusText {
        tone: Tone::Text,
        text: canvas.text(key),
        hints,
    }
}

fn answering(text: String) -> StatusText {
    StatusText {
        tone: Tone::Interviewer,
        text,
        hints: vec!["ui.status.esc_cancels"],
    }
}

fn idle(canvas: &Canvas<'_, '_>, interview: &Interview) -> StatusText {
    let (key, hints) = match (&interview.end, interview.focus) {
        (InterviewEnd::Writing(_), _) => {
            ("ui.status.writing_report", vec!["ui.status.enter_lobby"])
        }
        (InterviewEnd::Over(_), _) => ("ui.status.over", vec!["ui.status.enter_lobby"]),
        (InterviewEnd::Open, Focus::Transcript) => ("ui.status.transcript", vec![]),
        (InterviewEnd::Open, Focus::Draft) => idle_draft(canvas.app),
    };
    StatusText {
        tone: Tone::Text,
        text: canvas.text(key),
        hints,
    }
}

fn idle_draft(app: &App) -> (&'static str, Vec<&'static str>) {
    let can_talk = app.voice.can_talk().is_ok();
    if !app.ctx.composer.draft.is_empty() {
        let hints = if can_talk {
            vec!["ui.status.f2_adds"]
        } else {
            vec![]
        };
        return ("ui.status.enter_sends", hints);
    }
    let key = match (can_talk, app.voice.is_held()) {
        (false, _) => "ui.status.type_only",
        (true, true) => "ui.status.hold_space",
        (true, false) => "ui.status.tap_space",
    };
    (key, vec![])
}

fn stop_hint(app: &App, trigger: TalkTrigger) -> &'static str {
    match trigger {
        TalkTrigger::Hold => "ui.status.release_stops",
        TalkTrigger::Tap if app.voice.is_held() => "ui.status.f2_stops",
        TalkTrigger::Tap => "ui.status.space_stops",
    }
}

/// Returns a bar for the input level, which is empty unless the microphone records.
fn meter(app: &App) -> String {
    match app.ctx.composer.talk {
        TalkState::Listening { level, .. } => format!("  {}", level_bar(level, METER_CELLS)),
        TalkState::Quiet => String::new(),
    }
}

/// Returns `level` (0…1) as a bar of so many cells.
pub(super) fn level_bar(level: f32, cells: usize) -> String {
    let eighths = (level * (cells * 8) as f32).round() as usize;
    (0..cells)
        .map(|cell| partial_block(eighths.saturating_sub(cell * 8)))
        .collect()
}

/// Returns one cell of a bar, filled by eighths.
fn partial_block(eighths: usize) -> char {
    ['·', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'][eighths.min(8)]
}
