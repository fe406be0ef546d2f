//! What the app has to tell, folded, never cut before a quarter of the screen is full.
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::row;
use super::theme::Theme;
use crate::app::App;
use crate::app::geometry::notice_words;
use crate::app::notice::Weight;
use crate::app::wrap;

/// Draws the notice into an area as high as [`App::geometry`] says.
pub(super) fn draw(app: &App, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let Some((weight, words)) = app.told() else {
        return;
    };
    let rows = wrap::text(&words, notice_words(area.width));
    let shown = usize::from(area.height);
    for (at, range) in rows.iter().take(shown).enumerate() {
        let sign = if at == 0 { sign(weight) } else { "   " };
        let cut = if at + 1 == shown && rows.len() > shown {
            "…"
        } else {
            ""
        };
        let line = Line::styled(
            format!("{sign}{}{cut}", words[range.clone()].trim_end()),
            theme.notice(weight),
        );
        frame.render_widget(line, row(area, at as u16));
    }
}

/// Says without colour how much it matters.
fn sign(weight: Weight) -> &'static str {
    match weight {
        Weight::Good => " ✓ ",
        Weight::Plain => " · ",
        Weight::Bad => " ! ",
    }
}
