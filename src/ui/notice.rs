//! The notice, folded. It is cut only once it fills a quarter of the screen.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::canvas::{Canvas, row};
use crate::app::geometry::notice_words;
use crate::app::notice::Severity;
use crate::app::wrap;

/// Draws the notice into an area that is as high as [`crate::app::App::geometry`] says.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, area: Rect) {
    let Some((weight, text)) = canvas.app.shown_notice() else {
        return;
    };
    let style = canvas.theme.notice(weight);
    let waiting = canvas.app.ctx.notices.waiting();
    let rows = wrap::text(&text, notice_words(area.width, waiting));
    let height = usize::from(area.height);
    for (number, range) in rows.iter().take(height).enumerate() {
        let sign = if number == 0 { sign(weight) } else { "   " };
        let is_cut = number + 1 == height && rows.len() > height;
        let ellipsis = if is_cut { "…" } else { "" };
        let words = text[range.clone()].trim_end();
        let line = Line::styled(format!("{sign}{words}{ellipsis}"), style);
        canvas.render(line, row(area, number as u16));
    }
    if waiting > 0 {
        let count = Line::styled(format!("+{waiting} "), style).right_aligned();
        canvas.render(count, row(area, 0));
    }
}

/// Returns a sign that says how much the notice matters, for screens without colour.
fn sign(weight: Severity) -> &'static str {
    match weight {
        Severity::Good => " ✓ ",
        Severity::Plain => " · ",
        Severity::Bad => " ! ",
    }
}
