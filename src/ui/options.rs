//! The options of the lobby in one row: language, level, number of questions, spoken language.

use std::collections::VecDeque;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::canvas::Canvas;
use super::labels;
use super::theme::Tone;
use crate::app::lobby::LobbyField;

/// The width from which on every option shows its name.
const ROOMY: u16 = 60;

struct LobbyOption {
    field: LobbyField,
    line: Line<'static>,
}

/// Draws `language ‹English›    level ‹any›    questions ‹5›    speak in ‹English›`. Where that
/// does not fit, names are left out, and then the options far from the focused one.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, area: Rect) {
    let focused = canvas.app.lobby.field;
    let options = values(canvas)
        .into_iter()
        .filter(|(field, ..)| canvas.app.lobby.offers(*field))
        .map(|(field, key, value)| LobbyOption {
            field,
            line: option_line(canvas, field, key, &value, area),
        });
    let mut options: VecDeque<LobbyOption> = options.collect();
    let room = usize::from(area.width) + 1;
    while too_wide(&options, room) {
        let first_can_go = options.front().is_some_and(|first| first.field != focused);
        if first_can_go && is_on_the_right(focused) {
            options.pop_front();
        } else {
            options.pop_back();
        }
    }
    let row: Line<'_> = options.into_iter().flat_map(|option| option.line).collect();
    canvas.render(row, area);
}

fn values(canvas: &Canvas<'_, '_>) -> [(LobbyField, &'static str, String); 4] {
    let lobby = &canvas.app.lobby;
    let language = labels::language(lobby.language);
    let level = labels::level(lobby.level, canvas.app.ctx.language);
    let questions = lobby.questions.to_string();
    let spoken = canvas.text(labels::spoken_key(lobby.spoken));
    [
        (LobbyField::Language, "ui.lobby.language", language),
        (LobbyField::Level, "ui.lobby.level", level),
        (LobbyField::Questions, "ui.lobby.questions", questions),
        (LobbyField::Spoken, "ui.lobby.spoken", spoken),
    ]
}

fn option_line(
    canvas: &Canvas<'_, '_>,
    field: LobbyField,
    key: &str,
    value: &str,
    area: Rect,
) -> Line<'static> {
    let roomy = area.width >= ROOMY;
    let name = if roomy || is_on_the_right(field) {
        format!("{} ", canvas.text(key))
    } else {
        String::new()
    };
    let tone = if canvas.app.lobby.field == field {
        Tone::Selected
    } else {
        Tone::Text
    };
    Line::from(vec![
        Span::styled(name, canvas.style(Tone::Faint)),
        Span::styled(format!("‹{value}›"), canvas.style(tone)),
        Span::raw(if roomy { "    " } else { " " }),
    ])
}

fn too_wide(options: &VecDeque<LobbyOption>, room: usize) -> bool {
    let width: usize = options.iter().map(|option| option.line.width()).sum();
    width > room
}

/// Returns whether an option may be out of sight on a narrow screen, so that it keeps its name.
fn is_on_the_right(field: LobbyField) -> bool {
    matches!(field, LobbyField::Questions | LobbyField::Spoken)
}
