//! The keys, from the keymap's own table.
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, BorderType, Clear};
use rust_i18n::t;

use super::theme::{Theme, Tone};
use crate::app::App;
use crate::app::keymap::{self, Scope};
use crate::app::wrap;

/// The groups, in the order shown.
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
pub(super) fn draw(app: &App, top: usize, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let locale = app.language.code();
    let title = format!(
        " {} · {} ",
        t!("ui.help.title", locale = locale),
        t!("ui.hint.close", locale = locale)
    );
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .title(Line::styled(title, theme.style(Tone::Heading)));
    let inner = block.inner(area);
    let mut lines = lines(app, usize::from(inner.width), theme);
    let last = lines.len().saturating_sub(usize::from(inner.height));
    let top = top.min(last);
    let more = if top < last { " ↓ " } else { "" };
    frame.render_widget(Clear, area);
    frame.render_widget(block.title_bottom(Line::raw(more).right_aligned()), area);
    frame.render_widget(Text::from(lines.split_off(top)), inner);
}

fn lines(app: &App, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let locale = app.language.code();
    let how = t!(
        if app.voice.is_held() {
            "ui.help.hold"
        } else {
            "ui.help.tap"
        },
        locale = locale
    );
    let folded = wrap::line(&how, width.saturating_sub(2)).into_iter();
    let mut lines: Vec<Line<'static>> = folded
        .map(|range| Line::raw(format!(" {}", &how[range])))
        .collect();
    for (scope, title) in GROUPS {
        lines.push(Line::default());
        lines.push(Line::styled(
            format!(" {}", t!(title, locale = locale)),
            theme.style(Tone::Heading),
        ));
        lines.extend(group(app, scope, width, theme));
    }
    lines
}

/// The rows of one scope: keys, then what they do, indented below where a row is too short.
fn group(app: &App, scope: Scope, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let column = if width >= 60 { 26 } else { 16 };
    let mut lines = Vec::new();
    for (command, chords) in keymap::listed(scope) {
        let keys = chords
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        let key = format!("ui.command.{}", command.name());
        let words = t!(key, locale = app.language.code()).into_owned();
        let keys = Span::styled(format!("  {keys}"), theme.style(Tone::Interviewer));
        let room = width.saturating_sub(column + 1);
        let fits = keys.width() < column;
        let mut first = vec![keys];
        for (at, range) in wrap::line(&words, room).into_iter().enumerate() {
            let pad = if at == 0 && fits {
                column - first[0].width()
            } else {
                column
            };
            if at > 0 || !fits {
                lines.extend((!first.is_empty()).then(|| Line::from(std::mem::take(&mut first))));
            }
            first.push(Span::raw(" ".repeat(pad)));
            first.push(Span::raw(words[range].to_owned()));
        }
        lines.push(Line::from(first));
    }
    lines
}
