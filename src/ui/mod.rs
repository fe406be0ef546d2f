//! Draws the app. A pane is a function of its own file, of the state and an area; what all panes
//! need travels in a `Canvas`. Nothing here changes the state.

mod canvas;
mod check;
mod connection;
mod devices;
mod dialog;
mod draft;
mod header;
mod help;
mod hints;
mod interview;
mod labels;
mod lobby;
mod notice;
mod options;
mod popup;
mod sign_in;
mod status;
mod theme;
mod timings;
mod transcript;

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Paragraph, Wrap};
use rust_i18n::t;

pub use theme::{Theme, Tone};

use crate::app::geometry::SMALLEST;
use crate::app::overlay::Overlay;
use crate::app::{App, Screen};
use crate::printable::printable;
use canvas::Canvas;

/// Draws the whole screen and places the terminal's cursor.
pub fn draw(app: &App, frame: &mut Frame<'_>, theme: Theme) {
    let area = frame.area();
    let canvas = &mut Canvas::new(app, frame, theme);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return draw_too_small(canvas, area);
    }
    match &app.screen {
        Screen::Connecting => connection::draw_connecting(canvas, area),
        Screen::Unconnected(reason) => connection::draw_unconnected(canvas, reason, area),
        Screen::SignIn(form) => sign_in::draw(canvas, form, area),
        Screen::Lobby => lobby::draw(canvas, area),
        Screen::Interview(interview) => interview::draw(canvas, interview, area),
    }
    match app.overlays.front() {
        Some(Overlay::Help(top)) => help::draw(canvas, *top, area),
        Some(Overlay::Dialog(question, pick)) => dialog::draw(canvas, question, *pick, area),
        Some(Overlay::Devices(picker)) => devices::draw(canvas, picker, area),
        Some(Overlay::Timings) => timings::draw(canvas, area),
        Some(Overlay::Check(check)) => check::draw(canvas, check, area),
        None => {}
    }
    keep_printable(frame.buffer_mut());
}

/// Drops what a terminal would act on from every cell, whatever text it came from.
fn keep_printable(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if let Cow::Owned(clean) = printable(cell.symbol()) {
            cell.set_symbol(if clean.is_empty() { " " } else { &clean });
        }
    }
}

fn draw_too_small(canvas: &mut Canvas<'_, '_>, area: Rect) {
    let text = t!(
        "ui.too_small",
        locale = canvas.locale(),
        columns = SMALLEST.0,
        rows = SMALLEST.1,
        now_columns = area.width,
        now_rows = area.height
    );
    canvas.render(Paragraph::new(text).wrap(Wrap { trim: true }), area);
}

#[cfg(test)]
mod screens;
