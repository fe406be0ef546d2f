//! The last row: the keys that help here. Hints are shown whole, the most important ones first.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::canvas::{Canvas, inset};
use super::theme::Tone;
use crate::app::wrap;

/// The space between two hints.
const GAP: &str = "  ";

/// Draws as many of `keys` (names under `ui.hint` in the locale files) as fit.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, keys: &[&str], area: Rect) {
    let area = inset(area, 1);
    let spans = spans(canvas, keys, usize::from(area.width));
    canvas.render(Line::from(spans), area);
}

/// Returns as many of `keys` as fit into `room` columns.
pub(super) fn spans(canvas: &Canvas<'_, '_>, keys: &[&str], room: usize) -> Vec<Span<'static>> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut used = 0;
    for key in keys {
        let hint = canvas.text(&format!("ui.hint.{key}"));
        let gap = if spans.is_empty() { "" } else { GAP };
        used += wrap::columns(&hint) + gap.len();
        if used > room {
            break;
        }
        let (key, effect) = hint.split_once(' ').unwrap_or((&hint, ""));
        let effect = format!(" {effect}");
        spans.push(Span::raw(format!("{gap}{key}")));
        spans.push(Span::styled(effect, canvas.style(Tone::Faint)));
    }
    spans
}
