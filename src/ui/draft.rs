//! The answer being written. The terminal's own cursor stands at the caret, because input methods
//! draw there.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType};

use super::canvas::{Canvas, row};
use super::theme::Tone;
use crate::app::geometry::Geometry;
use crate::app::interview::{Focus, Interview};

/// Draws the draft, in a box where there is room.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, interview: &Interview, area: Rect) {
    let app = canvas.app;
    let geometry = app.geometry();
    let focused = interview.focus == Focus::Draft;
    let text = if geometry.roomy {
        draw_box(canvas, focused, area)
    } else {
        draw_prompt(canvas, focused, area)
    };
    let shown = app.ctx.composer.shown();
    let height = usize::from(text.height);
    let (caret_row, caret_column) = shown.draft.position(geometry.draft_words());
    let top = (caret_row + 1).saturating_sub(height);
    let rows = shown.draft.rows(geometry.draft_words());
    for (number, range) in rows.into_iter().skip(top).take(height).enumerate() {
        let line = draft_line(canvas, shown.draft.text(), range, &shown.provisional);
        canvas.render(line, row(text, number as u16));
    }
    if focused {
        let x = text.x + caret_column as u16;
        let y = text.y + (caret_row - top) as u16;
        canvas.place_cursor(x, y);
    }
}

/// Returns one row, with the words that may still change set apart.
fn draft_line(
    canvas: &Canvas<'_, '_>,
    text: &str,
    row: Range<usize>,
    provisional: &Range<usize>,
) -> Line<'static> {
    let start = provisional.start.clamp(row.start, row.end);
    let end = provisional.end.clamp(start, row.end);
    Line::from(vec![
        Span::raw(text[row.start..start].to_owned()),
        Span::styled(text[start..end].to_owned(), canvas.style(Tone::Provisional)),
        Span::raw(text[end..row.end].to_owned()),
    ])
}

/// Returns the rows the draft takes, with its box.
pub(super) fn height(geometry: Geometry) -> u16 {
    if geometry.roomy && geometry.draft > 0 {
        geometry.draft + 2
    } else {
        geometry.draft
    }
}

/// Draws the box, and returns the area inside it.
fn draw_box(canvas: &mut Canvas<'_, '_>, focused: bool, area: Rect) -> Rect {
    let title = format!(" {} ", canvas.text("ui.draft.title"));
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(canvas.style(tone(focused)))
        .title(title);
    let inner = block.inner(area);
    canvas.render(block, area);
    Rect {
        x: inner.x + 1,
        width: inner.width.saturating_sub(1),
        ..inner
    }
}

/// Draws a prompt in place of the box, and returns the area behind it.
fn draw_prompt(canvas: &mut Canvas<'_, '_>, focused: bool, area: Rect) -> Rect {
    let prompt = Line::styled(" > ", canvas.style(tone(focused)));
    canvas.render(prompt, row(area, 0));
    Rect {
        x: area.x + 3,
        width: area.width.saturating_sub(3),
        ..area
    }
}

fn tone(focused: bool) -> Tone {
    if focused {
        Tone::Candidate
    } else {
        Tone::Faint
    }
}
