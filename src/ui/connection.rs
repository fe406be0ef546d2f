//! The screens before there is a connection, and without one.

use ratatui::layout::{Alignment, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::canvas::{Canvas, row};
use super::theme::Tone;
use super::{hints, labels, notice};
use crate::app::{Mode, wrap};

/// The rows that a reason leaves free for the title, the way out, the notice and the hints.
const ROWS_AROUND_REASON: usize = 8;

pub(super) fn draw_connecting(canvas: &mut Canvas<'_, '_>, area: Rect) {
    let text = Paragraph::new(labels::connecting(canvas.app)).alignment(Alignment::Center);
    canvas.render(text, row(area, area.height / 2));
}

/// Draws why there is no connection, in the middle, and what can be done about it.
pub(super) fn draw_unconnected(canvas: &mut Canvas<'_, '_>, reason: &str, area: Rect) {
    let lines = unconnected_lines(canvas, reason, area);
    let height = lines.len() as u16;
    let middle = Rect {
        y: area.y + (area.height.saturating_sub(height + 1)) / 2,
        height,
        ..area
    };
    let text = Paragraph::new(lines).alignment(Alignment::Center);
    canvas.render(text, middle.intersection(area));
    let notice_rows = canvas.app.notice_rows(area.height);
    let notice = Rect {
        y: area.bottom().saturating_sub(notice_rows + 1),
        height: notice_rows,
        ..area
    };
    notice::draw(canvas, notice);
    let last_row = row(area, area.height - 1);
    hints::draw(canvas, &["help", "again", "quit"], last_row);
}

/// Returns how to practise without the server.
fn way_out(canvas: &Canvas<'_, '_>, width: u16) -> Vec<Line<'static>> {
    let text = canvas.text("ui.without_server");
    let rows = wrap::text(&text, usize::from(width).saturating_sub(4));
    let line = |range: std::ops::Range<usize>| Line::raw(text[range].trim_end().to_owned());
    rows.into_iter().map(line).collect()
}

fn unconnected_lines(canvas: &Canvas<'_, '_>, reason: &str, area: Rect) -> Vec<Line<'static>> {
    let title = canvas.text("ui.unconnected");
    let mut lines = vec![
        Line::styled(title, canvas.style(Tone::Bad)),
        Line::default(),
    ];
    let rows = wrap::text(reason, usize::from(area.width).saturating_sub(4));
    let room = usize::from(area.height).saturating_sub(ROWS_AROUND_REASON);
    for range in rows.into_iter().take(room) {
        lines.push(Line::raw(reason[range].trim_end().to_owned()));
    }
    lines.push(Line::default());
    lines.push(Line::raw(canvas.text("ui.connect_again")));
    if canvas.app.mode != Mode::Local {
        lines.extend(way_out(canvas, area.width));
    }
    lines
}
