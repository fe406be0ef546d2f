//! Picking microphone, channel and loudspeaker, over the middle of the screen.
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use rust_i18n::t;

use super::dialog;
use super::theme::{Theme, Tone};
use crate::app::App;
use crate::app::devices::{DeviceItem, Picker, Picking, Row, picked};
use crate::app::wrap;
use crate::config::Channel;

/// Draws what is picked, and marks what the arrows change.
pub(super) fn draw(app: &App, picker: &Picker, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let locale = app.language.code();
    let width = dialog::width(area);
    let room = dialog::room(width);
    let mut lines = match picker {
        Picker::Loading(_) => dialog::folded(
            &t!("ui.devices.loading", locale = locale),
            room,
            theme,
            Tone::Faint,
        ),
        Picker::Failed(reason) => dialog::folded(
            &t!("ui.devices.failed", locale = locale, reason = reason),
            room,
            theme,
            Tone::Bad,
        ),
        Picker::Open(picking) => Row::ALL
            .into_iter()
            .flat_map(|row| lines_of(app, picking, row, room, theme))
            .collect(),
    };
    if usize::from(area.height) > lines.len() + 3 {
        lines.push(Line::default());
    }
    let open = matches!(picker, Picker::Open(_));
    let keys: &[&str] = if open {
        &["keep", "close", "change", "check"]
    } else {
        &["close"]
    };
    lines.push(dialog::hints(app, keys, room, theme));
    dialog::show(
        &t!("ui.devices.title", locale = locale),
        lines,
        width,
        frame,
        area,
        theme,
    );
}

/// `microphone ‹Desk Microphone›`, on two lines where one is too short.
fn lines_of(
    app: &App,
    picking: &Picking,
    row: Row,
    room: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let locale = app.language.code();
    let (key, value) = match row {
        Row::Microphone => (
            "ui.devices.microphone",
            device(app, &picking.list.microphones, picking.list.microphone),
        ),
        Row::Channel => ("ui.devices.channel", channel(app, picking)),
        Row::Speaker => (
            "ui.devices.speaker",
            device(app, &picking.list.speakers, picking.list.speaker),
        ),
    };
    let marked = picking.row == row;
    let name = format!(
        "{} {}",
        if marked { "▸" } else { " " },
        t!(key, locale = locale)
    );
    let tone = if marked { Tone::Selected } else { Tone::Text };
    let name_style = theme.style(if marked { Tone::Heading } else { Tone::Faint });
    let columns = wrap::columns(&name) + 1;
    if columns + wrap::columns(&value) + 2 <= room {
        let value = Span::styled(format!("‹{value}›"), theme.style(tone));
        return vec![Line::from(vec![
            Span::styled(name, name_style),
            Span::raw(" "),
            value,
        ])];
    }
    let value = wrap::shorten(&value, room.saturating_sub(6));
    let value = vec![
        Span::raw("    "),
        Span::styled(format!("‹{value}›"), theme.style(tone)),
    ];
    vec![Line::styled(name, name_style), Line::from(value)]
}

fn device(app: &App, devices: &[DeviceItem], at: Option<usize>) -> String {
    let locale = app.language.code();
    match (at, picked(devices, at)) {
        (None, Some(default)) => t!(
            "ui.devices.default_is",
            locale = locale,
            name = default.label
        )
        .into_owned(),
        (None, None) if devices.is_empty() => t!("ui.devices.none", locale = locale).into_owned(),
        (_, None) => t!("ui.devices.default", locale = locale).into_owned(),
        (_, Some(device)) if device.away => {
            t!("ui.devices.away", locale = locale, name = device.label).into_owned()
        }
        (_, Some(device)) => device.label.clone(),
    }
}

fn channel(app: &App, picking: &Picking) -> String {
    match (picking.list.channel, picking.channels()) {
        (Channel::Only(number), _) => number.to_string(),
        (_, 0) => t!("ui.devices.only", locale = app.language.code()).into_owned(),
        (_, _) => t!("ui.devices.mix", locale = app.language.code()).into_owned(),
    }
}
