//! The two rows at the top: the place and the quota of the day, then the interviewer.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use rust_i18n::t;

use super::canvas::{Canvas, inset, row};
use super::labels;
use super::theme::Tone;
use crate::app::wrap;

/// Draws `title` with `detail` beside it, such as the number of the question. The title gives way
/// where room is short.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, title: &str, detail: Option<&str>, area: Rect) {
    let area = inset(area, 1);
    draw_title(canvas, title, detail, row(area, 0));
    draw_interviewer(canvas, row(area, 1));
}

fn draw_title(canvas: &mut Canvas<'_, '_>, title: &str, detail: Option<&str>, area: Rect) {
    let usage = labels::usage(canvas.app).unwrap_or_default();
    let detail = detail
        .map(|detail| format!(" · {detail}"))
        .unwrap_or_default();
    let room =
        usize::from(area.width).saturating_sub(wrap::columns(&detail) + wrap::columns(&usage) + 1);
    let title = wrap::shorten(title, room);
    let left = Line::from(vec![
        Span::styled(title, canvas.style(Tone::Heading)),
        Span::styled(detail, canvas.style(Tone::Text)),
    ]);
    canvas.render(left, area);
    canvas.render(Paragraph::new(usage).right_aligned(), area);
}

fn draw_interviewer(canvas: &mut Canvas<'_, '_>, area: Rect) {
    let name = labels::interviewer(canvas.app);
    let text = t!("ui.who.asks", locale = canvas.locale(), who = name);
    let shortened = wrap::shorten(&text, usize::from(area.width));
    let line = Line::styled(shortened, canvas.style(Tone::Faint));
    canvas.render(line, area);
    draw_activity(canvas, wrap::columns(&text), area);
}

/// Draws a running download, or that speech is muted, at the right where `used` columns leave room.
fn draw_activity(canvas: &mut Canvas<'_, '_>, used: usize, area: Rect) {
    let muted = canvas.app.voice.muted.then(|| canvas.text("ui.who.muted"));
    let Some(text) = labels::download(canvas.app).or(muted) else {
        return;
    };
    if used + wrap::columns(&text) + 2 <= usize::from(area.width) {
        let text = Paragraph::new(text)
            .style(canvas.style(Tone::Faint))
            .right_aligned();
        canvas.render(text, area);
    }
}
