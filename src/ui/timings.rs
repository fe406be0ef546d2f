//! The time that each step of the last turn took, over the middle of the screen.

use std::time::Duration;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::canvas::Canvas;
use super::popup;
use super::theme::Tone;
use crate::app::waterfall::TurnStep;
use crate::app::wrap;

/// The columns of the bars where there is room.
const BAR_COLUMNS: usize = 24;
/// The columns of a time such as ` 12345 ms`.
const TIME_COLUMNS: usize = 9;

/// The titles of the two parts of a turn: the voice, and the reply.
const TITLES: [&str; 2] = ["ui.timings.released", "ui.timings.sent"];

/// Draws the bars, or says that there are none yet.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, area: Rect) {
    let parts = canvas.app.waterfall.steps();
    let labels = parts.iter().flatten().map(|step| label(canvas, step));
    let longest = labels.map(|label| wrap::columns(&label)).max();
    let label_columns = longest.unwrap_or(0) + 2;
    let mut lines = Vec::new();
    for (title, steps) in TITLES.into_iter().zip(&parts) {
        if steps.is_empty() {
            continue;
        }
        let title = canvas.text(title);
        lines.push(Line::styled(title, canvas.style(Tone::Faint)));
        lines.extend(step_lines(canvas, steps, label_columns, area));
    }
    if lines.is_empty() {
        let text = canvas.text("ui.timings.none");
        lines = popup::wrapped(canvas, &text, Tone::Faint, area);
    }
    let title = canvas.text("ui.timings.title");
    popup::draw_with_hints(canvas, &title, lines, &["close"], area);
}

/// Returns rows such as `microphone's tail   ████████··········   200 ms`.
fn step_lines(
    canvas: &Canvas<'_, '_>,
    steps: &[TurnStep],
    label_columns: usize,
    area: Rect,
) -> Vec<Line<'static>> {
    let room = popup::text_width(area).saturating_sub(label_columns + TIME_COLUMNS);
    let cells = room.min(BAR_COLUMNS);
    let total = steps
        .last()
        .map_or(Duration::ZERO, |last| last.begin + last.length);
    let mut lines = Vec::new();
    for step in steps {
        let label = label(canvas, step);
        let gap = " ".repeat(label_columns - wrap::columns(&label));
        let bar = bar(step, total, cells);
        lines.push(Line::from(vec![
            Span::raw(format!("{label}{gap}")),
            Span::styled(bar, canvas.style(Tone::Interviewer)),
            Span::raw(time(step.length)),
        ]));
    }
    lines
}

fn label(canvas: &Canvas<'_, '_>, step: &TurnStep) -> String {
    canvas.text(&format!("ui.timings.{}", step.name))
}

/// Returns a bar of at least one cell, at its place in the whole.
fn bar(step: &TurnStep, total: Duration, cells: usize) -> String {
    let total = total.as_secs_f64().max(f64::MIN_POSITIVE);
    let cell_at = |time: Duration| {
        let cell = (time.as_secs_f64() / total * cells as f64).round() as usize;
        cell.min(cells)
    };
    let begin = cell_at(step.begin).min(cells.saturating_sub(1));
    let end = cell_at(step.begin + step.length);
    let length = end.saturating_sub(begin).max(1).min(cells);
    let rest = cells.saturating_sub(begin + length);
    format!(
        "{}{}{}",
        "·".repeat(begin),
        "█".repeat(length),
        "·".repeat(rest)
    )
}

/// Returns a time in whole milliseconds, right-aligned.
fn time(length: Duration) -> String {
    let ms = (length.as_secs_f64() * 1_000.0).round();
    format!("{:>TIME_COLUMNS$}", format!("{ms} ms"))
}
