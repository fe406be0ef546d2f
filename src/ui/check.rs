//! The microphone check, over the middle of the screen.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use rust_i18n::t;

use super::canvas::Canvas;
use super::theme::Tone;
use super::{labels, popup, status};
use crate::app::check::{Check, CheckOutcome, CheckStage, CheckWords, MicrophoneVerdict};
use crate::app::wrap;

/// The cells of the level meter where there is room.
const METER_CELLS: usize = 16;

/// Draws how far the check is, or its outcome.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, check: &Check, area: Rect) {
    let locale = canvas.locale();
    let lines = match &check.stage {
        CheckStage::Opening => {
            let text = canvas.text("ui.check.opening");
            popup::wrapped(canvas, &text, Tone::Faint, area)
        }
        CheckStage::Recording {
            microphone,
            since,
            level,
        } => vec![
            microphone_line(canvas, microphone, area),
            level_line(canvas, *since, *level, area),
        ],
        CheckStage::Done(outcome) => outcome_lines(canvas, outcome, area),
        CheckStage::Failed(reason) => {
            let text = t!("ui.check.failed", locale = locale, reason = reason);
            popup::wrapped(canvas, &text, Tone::Bad, area)
        }
    };
    let keys: &[&str] = match &check.stage {
        CheckStage::Done(_) | CheckStage::Failed(_) => &["close", "retry", "devices"],
        CheckStage::Opening | CheckStage::Recording { .. } => &["close"],
    };
    let title = canvas.text("ui.check.title");
    popup::draw_with_hints(canvas, &title, lines, keys, area);
}

fn microphone_line(canvas: &Canvas<'_, '_>, name: &str, area: Rect) -> Line<'static> {
    let name = wrap::shorten(name, popup::text_width(area));
    Line::styled(name, canvas.style(Tone::Faint))
}

/// Returns a line such as `Say a sentence: ████▌··· 0:02`.
fn level_line(canvas: &Canvas<'_, '_>, since: u64, level: f32, area: Rect) -> Line<'static> {
    let prompt = format!("{} ", canvas.text("ui.check.say"));
    let time = labels::time(canvas.app.ctx.now.saturating_sub(since));
    let time = format!(" {time}");
    let room = popup::text_width(area)
        .saturating_sub(wrap::columns(&prompt))
        .saturating_sub(wrap::columns(&time));
    let bar = status::level_bar(level, room.min(METER_CELLS));
    Line::from(vec![
        Span::raw(prompt),
        Span::styled(bar, canvas.style(Tone::Listening)),
        Span::raw(time),
    ])
}

/// Returns the outcome, most important lines first: a small screen shows no more.
fn outcome_lines(
    canvas: &Canvas<'_, '_>,
    outcome: &CheckOutcome,
    area: Rect,
) -> Vec<Line<'static>> {
    let height = usize::from(area.height);
    let mut lines = verdict_lines(canvas, outcome, area);
    lines.extend(words_lines(canvas, outcome, area));
    let levels = levels(canvas, outcome);
    lines.extend(popup::wrapped(canvas, &levels, Tone::Text, area));
    if let Some(playback) = playback(canvas, outcome) {
        lines.extend(popup::wrapped(canvas, &playback, Tone::Faint, area));
    }
    if height > lines.len() + 4 {
        lines.insert(0, microphone_line(canvas, &outcome.microphone, area));
    }
    lines.truncate(height.saturating_sub(3));
    lines
}

fn verdict_lines(
    canvas: &Canvas<'_, '_>,
    outcome: &CheckOutcome,
    area: Rect,
) -> Vec<Line<'static>> {
    let verdict = outcome.measured.verdict;
    let tone = if verdict == MicrophoneVerdict::Good {
        Tone::Good
    } else {
        Tone::Bad
    };
    let mut text = canvas.text(verdict.key());
    if !verdict.is_usable() {
        text = format!("{text} {}", canvas.text("ui.check.other"));
    }
    popup::wrapped(canvas, &text, tone, area)
}

fn levels(canvas: &Canvas<'_, '_>, outcome: &CheckOutcome) -> String {
    let measured = &outcome.measured;
    t!(
        "voice.check.level",
        locale = canvas.locale(),
        level = whole_decibels(measured.level),
        peak = whole_decibels(measured.peak),
        noise = whole_decibels(measured.noise),
        clipped = format!("{:.1}", measured.clipped * 100.0)
    )
    .into_owned()
}

fn playback(canvas: &Canvas<'_, '_>, outcome: &CheckOutcome) -> Option<String> {
    if let Some(reason) = &outcome.unplayed {
        let locale = canvas.locale();
        let text = t!("ui.check.unplayed", locale = locale, reason = reason);
        return Some(text.into_owned());
    }
    outcome.playing.then(|| canvas.text("ui.check.playing"))
}

fn words_lines(canvas: &Canvas<'_, '_>, outcome: &CheckOutcome, area: Rect) -> Vec<Line<'static>> {
    if !outcome.measured.verdict.is_usable() {
        return Vec::new();
    }
    let locale = canvas.locale();
    let (tone, text) = match &outcome.words {
        CheckWords::NoModel => (Tone::Faint, t!("voice.check.no_model", locale = locale)),
        CheckWords::Awaited => (Tone::Faint, t!("ui.check.awaited", locale = locale)),
        CheckWords::Text(text) if text.is_empty() => {
            (Tone::Faint, t!("voice.check.no_words", locale = locale))
        }
        CheckWords::Text(text) => (
            Tone::Candidate,
            t!("voice.check.words", locale = locale, words = text),
        ),
        CheckWords::Failed(reason) => (
            Tone::Bad,
            t!("ui.check.words_failed", locale = locale, reason = reason),
        ),
    };
    popup::wrapped(canvas, &text, tone, area)
}

fn whole_decibels(decibels: f32) -> String {
    format!("{decibels:.0}").replace('-', "−")
}
