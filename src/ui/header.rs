//! The two rows on top: where one is and how much of the day is used, and who asks.
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use rust_i18n::t;

use super::theme::{Theme, Tone};
use super::{inset, row, words};
use crate::app::App;
use crate::app::wrap;

/// `title` and what stands beside it, such as the question's number; the title gives way where room is short.
pub(super) fn draw(
    app: &App,
    title: &str,
    beside: Option<&str>,
    frame: &mut Frame<'_>,
    area: Rect,
    theme: Theme,
) {
    let area = inset(area, 1);
    let usage = words::usage(app).unwrap_or_default();
    let beside = beside
        .map(|words| format!(" · {words}"))
        .unwrap_or_default();
    let room =
        usize::from(area.width).saturating_sub(wrap::columns(&beside) + wrap::columns(&usage) + 1);
    let left = vec![
        Span::styled(wrap::shorten(title, room), theme.style(Tone::Heading)),
        Span::styled(beside, theme.style(Tone::Text)),
    ];
    frame.render_widget(Line::from(left), row(area, 0));
    frame.render_widget(Paragraph::new(usage).right_aligned(), row(area, 0));
    let asks = t!(
        "ui.who.asks",
        locale = app.language.code(),
        who = words::asks(app)
    );
    let left = wrap::shorten(&asks, usize::from(area.width));
    frame.render_widget(Line::styled(left, theme.style(Tone::Faint)), row(area, 1));
    aside(app, wrap::columns(&asks), frame, row(area, 1), theme);
}

/// Right of who asks: a download under way, or that speech is off.
fn aside(app: &App, taken: usize, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let muted = || {
        app.voice
            .muted
            .then(|| t!("ui.who.muted", locale = app.language.code()).into_owned())
    };
    let Some(words) = words::download(app).or_else(muted) else {
        return;
    };
    if taken + wrap::columns(&words) + 2 <= usize::from(area.width) {
        frame.render_widget(
            Paragraph::new(words)
                .style(theme.style(Tone::Faint))
                .right_aligned(),
            area,
        );
    }
}
