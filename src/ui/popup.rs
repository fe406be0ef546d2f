//! A box over the middle of the screen, with a title, lines of text and hints.

use ratatui::layout::Rect;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, BorderType, Clear};

use super::canvas::{Canvas, inset};
use super::hints;
use super::theme::Tone;
use crate::app::wrap;

/// The width of the widest box, in columns.
const MAX_WIDTH: u16 = 64;

/// The rows of a box besides its lines: two for the border, and one for the hints.
const FRAME_ROWS: usize = 3;

fn width(area: Rect) -> u16 {
    area.width.saturating_sub(2).min(MAX_WIDTH)
}

/// Returns the columns for text in a box over `area`.
pub(super) fn text_width(area: Rect) -> usize {
    usize::from(width(area).saturating_sub(4))
}

/// Returns the rows of a text, folded to the width of a box over `area`.
pub(super) fn wrapped(
    canvas: &Canvas<'_, '_>,
    text: &str,
    tone: Tone,
    area: Rect,
) -> Vec<Line<'static>> {
    let style = canvas.style(tone);
    wrap::text(text, text_width(area))
        .into_iter()
        .map(|range| Line::styled(text[range].trim_end().to_owned(), style))
        .collect()
}

/// Draws a box with the hints `keys` in its last row, set apart where there is room.
pub(super) fn draw_with_hints(
    canvas: &mut Canvas<'_, '_>,
    title: &str,
    mut lines: Vec<Line<'static>>,
    keys: &[&str],
    area: Rect,
) {
    if usize::from(area.height) > lines.len() + FRAME_ROWS {
        lines.push(Line::default());
    }
    lines.push(Line::from(hints::spans(canvas, keys, text_width(area))));
    draw(canvas, title, lines, area);
}

/// Draws a box as high as its lines.
pub(super) fn draw(
    canvas: &mut Canvas<'_, '_>,
    title: &str,
    lines: Vec<Line<'static>>,
    area: Rect,
) {
    let place = centred(area, width(area), lines.len() as u16 + 2);
    let title = Line::styled(format!(" {title} "), canvas.style(Tone::Heading));
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(canvas.style(Tone::Interviewer))
        .title(title);
    // One more column on either side is cleared: half of a wide character must not stick out.
    let around = Rect {
        x: place.x.saturating_sub(1),
        width: place.width + 2,
        ..place
    };
    let inner = inset(block.inner(place), 1);
    canvas.render(Clear, around.intersection(area));
    canvas.render(block, place);
    canvas.render(Text::from(lines), inner);
}

fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let height = height.min(area.height);
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}
