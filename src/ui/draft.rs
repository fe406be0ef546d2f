//! The answer being written, with the terminal's own cursor at the caret: input methods draw there.
use std::ops::Range;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType};
use rust_i18n::t;

use super::row;
use super::theme::{Theme, Tone};
use crate::app::App;
use crate::app::geometry::Geometry;
use crate::app::interview::{Focus, Interview};

/// Draws the draft; a box around it where there is room.
pub(super) fn draw(
    app: &App,
    interview: &Interview,
    frame: &mut Frame<'_>,
    area: Rect,
    theme: Theme,
) {
    let geometry = app.geometry();
    let focused = interview.focus == Focus::Draft;
    let text = if geometry.roomy {
        boxed(app, focused, frame, area, theme)
    } else {
        marked(focused, frame, area, theme)
    };
    let shown = app.composing.shown();
    let draft = &shown.draft;
    let (caret_row, caret_column) = draft.position(geometry.draft_words());
    let top = (caret_row + 1).saturating_sub(usize::from(text.height));
    for (at, range) in draft
        .rows(geometry.draft_words())
        .into_iter()
        .skip(top)
        .take(usize::from(text.height))
        .enumerate()
    {
        frame.render_widget(
            worded(draft.text(), range, &shown.provisional, theme),
            row(text, at as u16),
        );
    }
    if focused && app.overlays.is_empty() {
        frame.set_cursor_position((
            text.x + caret_column as u16,
            text.y + (caret_row - top) as u16,
        ));
    }
}

/// One row; words that may still change are set apart.
fn worded(
    text: &str,
    row: Range<usize>,
    provisional: &Range<usize>,
    theme: Theme,
) -> Line<'static> {
    let start = provisional.start.clamp(row.start, row.end);
    let end = provisional.end.clamp(start, row.end);
    let provisional = Span::styled(text[start..end].to_owned(), theme.style(Tone::Provisional));
    let plain = |range: Range<usize>| Span::raw(text[range].to_owned());
    Line::from(vec![
        plain(row.start..start),
        provisional,
        plain(end..row.end),
    ])
}

/// Rows the draft takes, the box included.
pub(super) fn height(geometry: Geometry) -> u16 {
    geometry.draft
        + if geometry.roomy && geometry.draft > 0 {
            2
        } else {
            0
        }
}

fn boxed(app: &App, focused: bool, frame: &mut Frame<'_>, area: Rect, theme: Theme) -> Rect {
    let title = format!(" {} ", t!("ui.draft.title", locale = app.language.code()));
    let style = theme.style(if focused {
        Tone::Candidate
    } else {
        Tone::Faint
    });
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(style)
        .title(title);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    Rect {
        x: inner.x + 1,
        width: inner.width.saturating_sub(1),
        ..inner
    }
}

fn marked(focused: bool, frame: &mut Frame<'_>, area: Rect, theme: Theme) -> Rect {
    let style = theme.style(if focused {
        Tone::Candidate
    } else {
        Tone::Faint
    });
    frame.render_widget(Line::styled(" > ", style), row(area, 0));
    Rect {
        x: area.x + 3,
        width: area.width.saturating_sub(3),
        ..area
    }
}
