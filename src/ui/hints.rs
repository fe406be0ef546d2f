//! The last row: which keys help here. Whole hints only; the ones that matter most come first.
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use rust_i18n::t;

use super::inset;
use super::theme::{Theme, Tone};
use crate::app::App;
use crate::app::wrap;

/// Between two hints.
const GAP: &str = "  ";

/// Draws as many of `keys` (names under `ui.hint`) as fit.
pub(super) fn draw(app: &App, keys: &[&str], frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let area = inset(area, 1);
    frame.render_widget(
        Line::from(spans(app, keys, usize::from(area.width), theme)),
        area,
    );
}

/// As many of `keys` as fit into `room` columns.
pub(super) fn spans(app: &App, keys: &[&str], room: usize, theme: Theme) -> Vec<Span<'static>> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut used = 0;
    for key in keys {
        let words = t!(format!("ui.hint.{key}"), locale = app.language.code()).into_owned();
        let gap = if spans.is_empty() { "" } else { GAP };
        used += wrap::columns(&words) + gap.len();
        if used > room {
            break;
        }
        let (name, does) = words.split_once(' ').unwrap_or((&words, ""));
        spans.push(Span::raw(format!("{gap}{name}")));
        spans.push(Span::styled(format!(" {does}"), theme.style(Tone::Faint)));
    }
    spans
}
