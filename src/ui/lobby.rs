//! The lobby: search, topics, options.
use std::collections::VecDeque;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use rust_i18n::t;

use super::theme::{Theme, Tone};
use super::{header, hints, inset, notice, row, words};
use crate::app::App;
use crate::app::action::{Missing, Part};
use crate::app::lobby::{Choice, Field};
use crate::app::{notice as notices, wrap};

/// Draws the screen.
pub(super) fn draw(app: &App, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let gap = u16::from(area.height >= 18);
    let told = app.notice_rows(area.height);
    let lacking = missing(app, area.width).len() as u16;
    let heights = [2, gap, 1, gap].map(Constraint::Length);
    let below = [lacking, told, gap, 1, 1].map(Constraint::Length);
    let all = heights
        .into_iter()
        .chain([Constraint::Fill(1)])
        .chain(below);
    let areas: [Rect; 10] = Layout::vertical(all).areas(area);
    let title = t!("ui.lobby.title", locale = app.language.code());
    header::draw(app, &title, None, frame, areas[0], theme);
    search(app, frame, inset(areas[2], 1), theme);
    list(app, frame, inset(areas[4], 1), theme);
    lacks(app, frame, areas[5], theme);
    notice::draw(app, frame, areas[6], theme);
    options(app, frame, inset(areas[8], 1), theme);
    hints::draw(
        app,
        &[
            "help", "begin", "options", "devices", "check", "quit", "choose", "change",
        ],
        frame,
        areas[9],
        theme,
    );
}

fn search(app: &App, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let text = app.lobby.search.text();
    let room = usize::from(area.width).saturating_sub(3);
    let before = wrap::columns(&text[..app.lobby.search.caret()]);
    let from = tail(&text[..app.lobby.search.caret()], room);
    let words = match text {
        "" => Span::styled(
            t!("ui.lobby.search", locale = app.language.code()),
            theme.style(Tone::Faint),
        ),
        _ => Span::raw(text[from..].to_owned()),
    };
    frame.render_widget(
        Line::from(vec![
            Span::styled("› ", theme.style(Tone::Candidate)),
            words,
        ]),
        area,
    );
    if app.overlays.is_empty() && app.lobby.field == Field::Topics {
        frame.set_cursor_position((area.x + 2 + before.min(room) as u16, area.y));
    }
}

/// Where to begin showing `text` so that its end is within `room` columns.
pub(super) fn tail(text: &str, room: usize) -> usize {
    let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    starts
        .into_iter()
        .find(|at| wrap::columns(&text[*at..]) <= room)
        .unwrap_or(text.len())
}

fn list(app: &App, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let choices = app.lobby.choices();
    let height = usize::from(area.height);
    let top = (app.lobby.selected + 1).saturating_sub(height);
    for (at, choice) in choices.iter().enumerate().skip(top).take(height) {
        let selected = at == app.lobby.selected;
        let room = usize::from(area.width).saturating_sub(4);
        let words = wrap::shorten(&choice_words(app, choice), room);
        let (sign, style) = match (selected, app.lobby.field) {
            (true, Field::Topics) => ("▸ ", theme.style(Tone::Selected)),
            (true, _) => ("▸ ", theme.style(Tone::Heading)),
            (false, _) => ("  ", theme.style(Tone::Text)),
        };
        let line = Line::from(vec![
            Span::raw(sign),
            Span::styled(format!(" {words} "), style),
        ]);
        frame.render_widget(line, row(area, (at - top) as u16));
    }
}

fn choice_words(app: &App, choice: &Choice<'_>) -> String {
    let locale = app.language.code();
    match choice {
        Choice::Topic(topic) => topic.title.clone(),
        Choice::Own(words) => t!("ui.lobby.own", locale = locale, topic = words).into_owned(),
        Choice::Continue(conversation) => {
            let language = conversation.language.unwrap_or(app.lobby.language);
            let unnamed = t!("ui.lobby.last_interview", locale = locale);
            let topic = conversation
                .topic
                .as_ref()
                .map_or(unnamed.as_ref(), |topic| {
                    app.lobby.title(topic.as_str(), language)
                });
            match conversation.question {
                Some(question) => {
                    let number = question.number;
                    t!(
                        "ui.lobby.continue_question",
                        locale = locale,
                        topic = topic,
                        number = number
                    )
                    .into_owned()
                }
                None => t!("ui.lobby.continue", locale = locale, topic = topic).into_owned(),
            }
        }
    }
}

/// `language ‹English›    level ‹any›    questions ‹5›    answers ‹the same›`, without the names where they do not fit; where
/// not even the values do, those far from the focused one are left out.
fn options(app: &App, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let (lobby, locale) = (&app.lobby, app.language.code());
    let values = [
        (
            Field::Language,
            "ui.lobby.language",
            words::language(lobby.language),
        ),
        (
            Field::Level,
            "ui.lobby.level",
            words::level(lobby.level, app.language),
        ),
        (
            Field::Questions,
            "ui.lobby.questions",
            lobby.questions.to_string(),
        ),
        (
            Field::Spoken,
            "ui.lobby.spoken",
            t!(words::spoken(lobby.spoken), locale = locale).into_owned(),
        ),
    ];
    let roomy = area.width >= 60;
    let option = |(field, name, value): (Field, &str, String)| {
        let name = t!(name, locale = locale);
        let named = roomy || matches!(field, Field::Questions | Field::Spoken);
        let tone = if lobby.field == field {
            Tone::Selected
        } else {
            Tone::Text
        };
        let name = Span::styled(
            if named {
                format!("{name} ")
            } else {
                String::new()
            },
            theme.style(Tone::Faint),
        );
        let gap = Span::raw(if roomy { "    " } else { " " });
        (
            field,
            Line::from(vec![
                name,
                Span::styled(format!("‹{value}›"), theme.style(tone)),
                gap,
            ]),
        )
    };
    let mut options: VecDeque<_> = values
        .into_iter()
        .filter(|(field, ..)| lobby.offers(*field))
        .map(option)
        .collect();
    let too_wide = |options: &VecDeque<(Field, Line<'_>)>| {
        options.iter().map(|(_, line)| line.width()).sum::<usize>() > usize::from(area.width) + 1
    };
    while too_wide(&options)
        && options
            .front()
            .is_some_and(|(field, _)| *field != lobby.field)
        && is_right(lobby.field)
    {
        options.pop_front();
    }
    while too_wide(&options) {
        options.pop_back();
    }
    let row: Line<'_> = options.into_iter().flat_map(|(_, line)| line).collect();
    frame.render_widget(row, area);
}

/// Not always in sight on a narrow screen.
fn is_right(field: Field) -> bool {
    matches!(field, Field::Questions | Field::Spoken)
}

/// What is missing for speech, with the command that mends it; not while the notice says the same.
fn missing(app: &App, width: u16) -> Vec<String> {
    if app.notice.is_some() || app.voice.download.is_some() {
        return Vec::new();
    }
    // What keeps the candidate from talking comes before what keeps the interviewer from it.
    let mut missing: Vec<&Missing> = app.voice.missing.iter().collect();
    missing.sort_by_key(|missing| matches!(missing.part, Part::Narrator | Part::Speaker));
    let mut parts = missing
        .into_iter()
        .map(|missing| folded(&notices::missing_words(missing, app.language), width));
    let mut rows = parts.next().unwrap_or_default();
    rows.truncate(3);
    // The first is told whole, the others where they fit: the topics need the room.
    for part in parts.filter(|_| app.size.1 >= 18) {
        rows.extend(part);
    }
    rows
}

fn folded(words: &str, width: u16) -> Vec<String> {
    let rows = wrap::line(words, usize::from(width.saturating_sub(2)));
    rows.into_iter()
        .map(|range| words[range].to_owned())
        .collect()
}

fn lacks(app: &App, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    for (at, words) in missing(app, area.width).into_iter().enumerate() {
        frame.render_widget(
            Line::styled(words, theme.style(Tone::Faint)),
            row(inset(area, 1), at as u16),
        );
    }
}
