//! Where the time of the last turn went, over the middle of the screen.
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use rust_i18n::t;

use super::dialog;
use super::theme::{Theme, Tone};
use crate::app::waterfall::Step;
use crate::app::{App, wrap};

/// Columns of the longest row of bars, where there is room.
const BARS: usize = 24;
/// Columns of a time: ` 12345 ms`.
const TIME: usize = 9;

/// Draws the bars, or says that there are none yet.
pub(super) fn draw(app: &App, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let locale = app.language.code();
    let width = dialog::width(area);
    let room = dialog::room(width);
    let parts = app.waterfall.steps();
    let label = |step: &Step| label(app, step);
    let column = parts
        .iter()
        .flatten()
        .map(|step| wrap::columns(&label(step)))
        .max()
        .unwrap_or(0)
        + 2;
    let mut lines = Vec::new();
    for (title, steps) in ["ui.timings.released", "ui.timings.sent"]
        .into_iter()
        .zip(&parts)
    {
        if !steps.is_empty() {
            lines.push(Line::styled(
                t!(title, locale = locale).into_owned(),
                theme.style(Tone::Faint),
            ));
            lines.extend(rows(app, steps, (column, room), theme));
        }
    }
    if lines.is_empty() {
        lines = dialog::folded(
            &t!("ui.timings.none", locale = locale),
            room,
            theme,
            Tone::Faint,
        );
    }
    if usize::from(area.height) > lines.len() + 3 {
        lines.push(Line::default());
    }
    lines.push(dialog::hints(app, &["close"], room, theme));
    dialog::show(
        &t!("ui.timings.title", locale = locale),
        lines,
        width,
        frame,
        area,
        theme,
    );
}

/// `microphone's tail   ████████··········   200 ms`
fn rows(
    app: &App,
    steps: &[Step],
    (column, room): (usize, usize),
    theme: Theme,
) -> Vec<Line<'static>> {
    let cells = room.saturating_sub(column + TIME).min(BARS);
    let whole = steps
        .last()
        .map_or(Duration::ZERO, |last| last.begin + last.length);
    let row = |step: &Step| {
        let label = label(app, step);
        let pad = " ".repeat(column - wrap::columns(&label));
        let bar = Span::styled(bar(step, whole, cells), theme.style(Tone::Interviewer));
        Line::from(vec![
            Span::raw(format!("{label}{pad}")),
            bar,
            Span::raw(time(step.length)),
        ])
    };
    steps.iter().map(row).collect()
}

fn label(app: &App, step: &Step) -> String {
    t!(
        format!("ui.timings.{}", step.name),
        locale = app.language.code()
    )
    .into_owned()
}

/// At least one cell, at its place in the whole.
fn bar(step: &Step, whole: Duration, cells: usize) -> String {
    let share = |time: Duration| time.as_secs_f64() / whole.as_secs_f64().max(f64::MIN_POSITIVE);
    let cell = |time: Duration| ((share(time) * cells as f64).round() as usize).min(cells);
    let begin = cell(step.begin).min(cells.saturating_sub(1));
    let length = (cell(step.begin + step.length).saturating_sub(begin))
        .max(1)
        .min(cells);
    format!(
        "{}{}{}",
        "·".repeat(begin),
        "█".repeat(length),
        "·".repeat(cells.saturating_sub(begin + length))
    )
}

/// To the millisecond; right-aligned.
fn time(length: Duration) -> String {
    format!(
        "{:>width$}",
        format!("{} ms", (length.as_secs_f64() * 1_000.0).round()),
        width = TIME
    )
}
