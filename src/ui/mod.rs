//! Draws the app: one pane a file, each a function of the state and an area. Nothing here changes anything.
mod check;
mod devices;
mod dialog;
mod draft;
mod header;
mod help;
mod hints;
mod interview;
mod lobby;
mod notice;
mod sign_in;
mod status;
mod theme;
mod timings;
mod transcript;
mod words;

use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};
use rust_i18n::t;

pub use theme::{Theme, Tone};

use crate::app::geometry::SMALLEST;
use crate::app::overlay::Overlay;
use crate::app::{App, Screen, wrap};

/// Draws the whole screen and places the terminal's cursor.
pub fn draw(app: &App, frame: &mut Frame<'_>, theme: Theme) {
    let area = frame.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return too_small(app, frame, area);
    }
    match &app.screen {
        Screen::Connecting => connecting(app, frame, area),
        Screen::Unconnected(reason) => unconnected(app, reason, frame, area, theme),
        Screen::SignIn(form) => sign_in::draw(app, form, frame, area, theme),
        Screen::Lobby => lobby::draw(app, frame, area, theme),
        Screen::Interview(interview) => interview::draw(app, interview, frame, area, theme),
    }
    match app.overlays.front() {
        Some(Overlay::Help(top)) => help::draw(app, *top, frame, area, theme),
        Some(Overlay::Dialog(question, pick)) => {
            dialog::draw(app, question, *pick, frame, area, theme)
        }
        Some(Overlay::Devices(picker)) => devices::draw(app, picker, frame, area, theme),
        Some(Overlay::Timings) => timings::draw(app, frame, area, theme),
        Some(Overlay::Check(check)) => check::draw(app, check, frame, area, theme),
        None => {}
    }
}

fn too_small(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let words = t!(
        "ui.too_small",
        locale = app.language.code(),
        columns = SMALLEST.0,
        rows = SMALLEST.1,
        now_columns = area.width,
        now_rows = area.height
    );
    frame.render_widget(
        Paragraph::new(words.into_owned()).wrap(Wrap { trim: true }),
        area,
    );
}

fn connecting(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let words = Line::from(words::connecting(app));
    let middle = row(area, area.height / 2);
    frame.render_widget(Paragraph::new(words).alignment(Alignment::Center), middle);
}

/// Why there is no connection, in the middle, and what can be done.
fn unconnected(app: &App, reason: &str, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let locale = app.language.code();
    let title = t!("ui.unconnected", locale = locale);
    let again = t!("ui.connect_again", locale = locale);
    let rows = wrap::text(reason, usize::from(area.width).saturating_sub(4));
    let reason = rows
        .into_iter()
        .take(usize::from(area.height).saturating_sub(6))
        .map(|range| &reason[range]);
    let mut lines = vec![Line::styled(title, theme.style(Tone::Bad)), Line::default()];
    lines.extend(reason.map(|row| Line::raw(row.trim_end())));
    lines.extend([Line::default(), Line::raw(again)]);
    let height = lines.len() as u16;
    let middle = Rect {
        y: area.y + (area.height.saturating_sub(height + 1)) / 2,
        height,
        ..area
    };
    frame.render_widget(
        Paragraph::new(lines).alignment(Alignment::Center),
        middle.intersection(area),
    );
    let told = app.notice_rows(area.height);
    let below = Rect {
        y: area.bottom().saturating_sub(told + 1),
        height: told,
        ..area
    };
    notice::draw(app, frame, below, theme);
    hints::draw(
        app,
        &["help", "again", "quit"],
        frame,
        row(area, area.height - 1),
        theme,
    );
}

/// One row of an area, from its top.
fn row(area: Rect, at: u16) -> Rect {
    Rect {
        y: area.y + at.min(area.height.saturating_sub(1)),
        height: area.height.min(1),
        ..area
    }
}

/// An area without `columns` at its left and right.
fn inset(area: Rect, columns: u16) -> Rect {
    Rect {
        x: area.x + columns.min(area.width),
        width: area.width.saturating_sub(2 * columns),
        ..area
    }
}

#[cfg(test)]
mod screens;
