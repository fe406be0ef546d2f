//! The table of keys, taken from the keymap.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, BorderType, Clear};

use super::canvas::Canvas;
use super::theme::Tone;
use crate::app::keymap::{self, Scope};
use crate::app::wrap;

/// The groups of keys, in the order they are shown.
const GROUPS: [(Scope, &str); 9] = [
    (Scope::Interview, "ui.help.interview"),
    (Scope::Draft, "ui.help.draft"),
    (Scope::Transcript, "ui.help.transcript"),
    (Scope::Text, "ui.help.text"),
    (Scope::Lobby, "ui.help.lobby"),
    (Scope::Sound, "ui.help.sound"),
    (Scope::Form, "ui.help.form"),
    (Scope::Dialog, "ui.help.dialog"),
    (Scope::Everywhere, "ui.help.everywhere"),
];

/// Draws the table from row `top` on, over the whole screen.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, top: usize, area: Rect) {
    let title = canvas.text("ui.help.title");
    let title = format!(" {title} · {} ", canvas.text("ui.hint.close"));
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .title(Line::styled(title, canvas.style(Tone::Heading)));
    let inner = block.inner(area);
    let mut lines = table(canvas, usize::from(inner.width));
    let last_top = lines.len().saturating_sub(usize::from(inner.height));
    let top = top.min(last_top);
    let more = if top < last_top { " ↓ " } else { "" };
    let block = block.title_bottom(Line::raw(more).right_aligned());
    canvas.render(Clear, area);
    canvas.render(block, area);
    canvas.render(Text::from(lines.split_off(top)), inner);
}

fn table(canvas: &Canvas<'_, '_>, width: usize) -> Vec<Line<'static>> {
    let mut lines = talking_lines(canvas, width);
    for (scope, title) in GROUPS {
        let title = format!(" {}", canvas.text(title));
        lines.push(Line::default());
        lines.push(Line::styled(title, canvas.style(Tone::Heading)));
        lines.extend(group_lines(canvas, scope, width));
    }
    lines
}

/// Returns how to talk, which depends on whether the terminal reports key releases.
fn talking_lines(canvas: &Canvas<'_, '_>, width: usize) -> Vec<Line<'static>> {
    let text = canvas.text(if canvas.app.voice.is_held() {
        "ui.help.hold"
    } else {
        "ui.help.tap"
    });
    wrap::line(&text, width.saturating_sub(2))
        .into_iter()
        .map(|range| Line::raw(format!(" {}", &text[range])))
        .collect()
}

fn group_lines(canvas: &Canvas<'_, '_>, scope: Scope, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (command, chords) in keymap::listed(scope) {
        let chords: Vec<String> = chords.iter().map(ToString::to_string).collect();
        let text = canvas.text(&format!("ui.command.{}", command.name()));
        lines.extend(command_lines(canvas, &chords.join(", "), &text, width));
    }
    lines
}

/// Returns the keys, then what they do: beside them where they are short, and below otherwise.
fn command_lines(
    canvas: &Canvas<'_, '_>,
    keys: &str,
    text: &str,
    width: usize,
) -> Vec<Line<'static>> {
    let indent = if width >= 60 { 26 } else { 16 };
    let keys = Span::styled(format!("  {keys}"), canvas.style(Tone::Interviewer));
    let mut rows = wrap::line(text, width.saturating_sub(indent + 1)).into_iter();
    let mut lines = Vec::new();
    let key_columns = keys.width();
    if key_columns < indent {
        let first = rows.next().unwrap_or_default();
        let gap = Span::raw(" ".repeat(indent - key_columns));
        let text = Span::raw(text[first].to_owned());
        lines.push(Line::from(vec![keys, gap, text]));
    } else {
        lines.push(Line::from(keys));
    }
    for range in rows {
        let indented = format!("{}{}", " ".repeat(indent), &text[range]);
        lines.push(Line::raw(indented));
    }
    lines
}
