//! The picker of microphone, channel and loudspeaker, over the middle of the screen.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use rust_i18n::t;

use super::canvas::Canvas;
use super::popup;
use super::theme::Tone;
use crate::app::devices::{DeviceItem, DevicePicker, DeviceSelection, PickerRow, picked};
use crate::app::wrap;
use crate::config::Channel;

/// Draws what is picked, and marks the row that the arrows change.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, picker: &DevicePicker, area: Rect) {
    let lines = match picker {
        DevicePicker::Loading(_) => {
            let text = canvas.text("ui.devices.loading");
            popup::wrapped(canvas, &text, Tone::Faint, area)
        }
        DevicePicker::Failed(reason) => {
            let locale = canvas.locale();
            let text = t!("ui.devices.failed", locale = locale, reason = reason);
            popup::wrapped(canvas, &text, Tone::Bad, area)
        }
        DevicePicker::Open(picking) => PickerRow::ALL
            .into_iter()
            .flat_map(|row| row_lines(canvas, picking, row, area))
            .collect(),
    };
    let keys: &[&str] = match picker {
        DevicePicker::Open(_) => &["keep", "close", "change", "check"],
        DevicePicker::Loading(_) | DevicePicker::Failed(_) => &["close"],
    };
    let title = canvas.text("ui.devices.title");
    popup::draw_with_hints(canvas, &title, lines, keys, area);
}

/// Returns `microphone ‹Desk Microphone›`, on two lines where one is too short.
fn row_lines(
    canvas: &Canvas<'_, '_>,
    picking: &DeviceSelection,
    row: PickerRow,
    area: Rect,
) -> Vec<Line<'static>> {
    let marked = picking.row == row;
    let (sign, name_tone, value_tone) = if marked {
        ("▸", Tone::Heading, Tone::Selected)
    } else {
        (" ", Tone::Faint, Tone::Text)
    };
    let (key, value) = key_and_value(canvas, picking, row);
    let name = format!("{sign} {}", canvas.text(key));
    let room = popup::text_width(area);
    let fits = wrap::columns(&name) + wrap::columns(&value) + 3 <= room;
    let name = Span::styled(name, canvas.style(name_tone));
    let bracketed = |value: &str| Span::styled(format!("‹{value}›"), canvas.style(value_tone));
    if fits {
        let spans = vec![name, Span::raw(" "), bracketed(&value)];
        return vec![Line::from(spans)];
    }
    let value = bracketed(&wrap::shorten(&value, room.saturating_sub(6)));
    vec![Line::from(name), Line::from(vec![Span::raw("    "), value])]
}

fn key_and_value(
    canvas: &Canvas<'_, '_>,
    picking: &DeviceSelection,
    row: PickerRow,
) -> (&'static str, String) {
    let list = &picking.list;
    match row {
        PickerRow::Microphone => (
            "ui.devices.microphone",
            device(canvas, &list.microphones, list.microphone),
        ),
        PickerRow::Channel => ("ui.devices.channel", channel(canvas, picking)),
        PickerRow::Speaker => (
            "ui.devices.speaker",
            device(canvas, &list.speakers, list.speaker),
        ),
    }
}

fn device(canvas: &Canvas<'_, '_>, devices: &[DeviceItem], selected: Option<usize>) -> String {
    let locale = canvas.locale();
    match (selected, picked(devices, selected)) {
        (None, Some(default)) => {
            let name = &default.label;
            t!("ui.devices.default_is", locale = locale, name = name).into_owned()
        }
        (None, None) if devices.is_empty() => canvas.text("ui.devices.none"),
        (_, None) => canvas.text("ui.devices.default"),
        (Some(_), Some(device)) if device.away => {
            let name = &device.label;
            t!("ui.devices.away", locale = locale, name = name).into_owned()
        }
        (Some(_), Some(device)) => device.label.clone(),
    }
}

fn channel(canvas: &Canvas<'_, '_>, picking: &DeviceSelection) -> String {
    match (picking.list.channel, picking.channels()) {
        (Channel::Only(number), _) => number.to_string(),
        (_, 0) => canvas.text("ui.devices.only"),
        (_, _) => canvas.text("ui.devices.mix"),
    }
}
