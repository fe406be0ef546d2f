//! The lobby: the search, the topics, what speech lacks, and the options.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use rust_i18n::t;

use super::canvas::{Canvas, inset, row};
use super::theme::Tone;
use super::{header, hints, notice, options};
use crate::app::App;
use crate::app::action::{Conversation, Missing, Part};
use crate::app::lobby::{Choice, LobbyField};
use crate::app::{notice as notices, wrap};

/// The height from which on there is room for gaps and for everything that speech lacks.
const ROOMY: u16 = 18;

/// The most rows that say what speech lacks first.
const MISSING_ROWS: usize = 3;

const KEYS: [&str; 8] = [
    "help", "begin", "options", "devices", "check", "quit", "choose", "change",
];

pub(super) fn draw(canvas: &mut Canvas<'_, '_>, area: Rect) {
    let missing = missing_rows(canvas.app, area.width);
    let gap = Constraint::Length(u16::from(area.height >= ROOMY));
    let one = Constraint::Length(1);
    let constraints = [
        Constraint::Length(2),
        gap,
        one,
        gap,
        Constraint::Fill(1),
        Constraint::Length(missing.len() as u16),
        Constraint::Length(canvas.app.notice_rows(area.height)),
        gap,
        one,
        one,
    ];
    let areas = Layout::vertical(constraints).areas(area);
    let [
        header,
        _,
        search,
        _,
        topics,
        lacks,
        notice,
        _,
        options,
        hints,
    ] = areas;
    let title = canvas.text("ui.lobby.title");
    header::draw(canvas, &title, None, header);
    draw_search(canvas, inset(search, 1));
    draw_topics(canvas, inset(topics, 1));
    draw_missing(canvas, missing, inset(lacks, 1));
    notice::draw(canvas, notice);
    options::draw(canvas, inset(options, 1));
    hints::draw(canvas, &KEYS, hints);
}

fn draw_search(canvas: &mut Canvas<'_, '_>, area: Rect) {
    let search = &canvas.app.lobby.search;
    let text = search.text();
    let before_caret = &text[..search.caret()];
    let room = usize::from(area.width).saturating_sub(3);
    let shown = if text.is_empty() {
        Span::styled(canvas.text("ui.lobby.search"), canvas.style(Tone::Faint))
    } else {
        Span::raw(&text[tail(before_caret, room)..])
    };
    let prompt = Span::styled("› ", canvas.style(Tone::Candidate));
    canvas.render(Line::from(vec![prompt, shown]), area);
    if canvas.app.lobby.field == LobbyField::Topics {
        let column = wrap::columns(before_caret).min(room) as u16;
        canvas.place_cursor(area.x + 2 + column, area.y);
    }
}

/// Returns where to begin showing `text` so that its end is within `room` columns.
pub(super) fn tail(text: &str, room: usize) -> usize {
    text.char_indices()
        .map(|(at, _)| at)
        .find(|at| wrap::columns(&text[*at..]) <= room)
        .unwrap_or(text.len())
}

fn draw_topics(canvas: &mut Canvas<'_, '_>, area: Rect) {
    let app = canvas.app;
    let height = usize::from(area.height);
    let top = (app.lobby.selected + 1).saturating_sub(height);
    let choices = app.lobby.choices();
    let shown = choices.iter().enumerate().skip(top).take(height);
    for (number, choice) in shown {
        let text = choice_text(app, choice);
        let text = wrap::shorten(&text, usize::from(area.width).saturating_sub(4));
        let (sign, tone) = match (number == app.lobby.selected, app.lobby.field) {
            (true, LobbyField::Topics) => ("▸ ", Tone::Selected),
            (true, _) => ("▸ ", Tone::Heading),
            (false, _) => ("  ", Tone::Text),
        };
        let text = Span::styled(format!(" {text} "), canvas.style(tone));
        let line = Line::from(vec![Span::raw(sign), text]);
        canvas.render(line, row(area, (number - top) as u16));
    }
}

fn choice_text(app: &App, choice: &Choice<'_>) -> String {
    let locale = app.ctx.language.code();
    match choice {
        Choice::Topic(topic) => topic.title.clone(),
        Choice::Own(topic) => t!("ui.lobby.own", locale = locale, topic = topic).into_owned(),
        Choice::Continue(conversation) => continue_text(app, conversation),
    }
}

fn continue_text(app: &App, conversation: &Conversation) -> String {
    let locale = app.ctx.language.code();
    let language = conversation.language.unwrap_or(app.lobby.language);
    let unnamed = t!("ui.lobby.last_interview", locale = locale);
    let topic = match &conversation.topic {
        Some(topic) => app.lobby.title(topic.as_str(), language),
        None => unnamed.as_ref(),
    };
    let text = if let Some(question) = conversation.question {
        t!(
            "ui.lobby.continue_question",
            locale = locale,
            topic = topic,
            number = question.number
        )
    } else {
        t!("ui.lobby.continue", locale = locale, topic = topic)
    };
    text.into_owned()
}

/// Returns what speech lacks, with the command that mends it. A notice may say the same.
fn missing_rows(app: &App, width: u16) -> Vec<String> {
    if app.ctx.notices.first().is_some() || app.voice.download.is_some() {
        return Vec::new();
    }
    // What keeps the candidate from talking comes before what keeps the interviewer from it.
    let mut missing: Vec<&Missing> = app.voice.missing.iter().collect();
    missing.sort_by_key(|missing| matches!(missing.part, Part::Narrator | Part::Speaker));
    let mut parts = missing
        .into_iter()
        .map(|missing| folded(&notices::missing_words(missing, app.ctx.language), width));
    let mut rows = parts.next().unwrap_or_default();
    rows.truncate(MISSING_ROWS);
    // The first is shown always, and the others where the topics leave room.
    if app.ctx.size.1 >= ROOMY {
        rows.extend(parts.flatten());
    }
    rows
}

fn folded(text: &str, width: u16) -> Vec<String> {
    wrap::line(text, usize::from(width.saturating_sub(2)))
        .into_iter()
        .map(|range| text[range].to_owned())
        .collect()
}

fn draw_missing(canvas: &mut Canvas<'_, '_>, rows: Vec<String>, area: Rect) {
    let style = canvas.style(Tone::Faint);
    for (number, text) in rows.into_iter().enumerate() {
        canvas.render(Line::styled(text, style), row(area, number as u16));
    }
}
