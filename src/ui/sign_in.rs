//! Signing in and registering.
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use rust_i18n::t;

use super::theme::{Theme, Tone};
use super::{header, hints, inset, lobby, notice, row, words};
use crate::app::App;
use crate::app::form::{Entry, Form, SignIn, Status};
use crate::app::wrap;

/// Columns for the names of the fields.
const NAMES: u16 = 12;

/// Draws the screen.
pub(super) fn draw(app: &App, form: &SignIn, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let gap = u16::from(area.height >= 18);
    let fields = form.form.fields().len() as u16;
    let heights = [2, gap, fields * (1 + gap), 2, 1].map(Constraint::Length);
    let below = [app.notice_rows(area.height), 1].map(Constraint::Length);
    let all = heights
        .into_iter()
        .chain([Constraint::Fill(1)])
        .chain(below);
    let areas: [Rect; 8] = Layout::vertical(all).areas(area);
    let locale = app.language.code();
    let title = match form.form {
        Form::SignIn => t!("ui.form.sign_in", locale = locale, host = words::host(app)),
        Form::Register => t!("ui.form.register", locale = locale, host = words::host(app)),
    };
    header::draw(app, &title, None, frame, areas[0], theme);
    for (at, field) in form.form.fields().iter().enumerate() {
        entry(
            app,
            form,
            *field,
            frame,
            row(inset(areas[2], 1), at as u16 * (1 + gap)),
            theme,
        );
    }
    answer(app, form, frame, inset(areas[3], 1), theme);
    let other = if form.form == Form::SignIn {
        "ui.form.to_register"
    } else {
        "ui.form.to_sign_in"
    };
    frame.render_widget(
        Line::styled(t!(other, locale = locale), theme.style(Tone::Faint)),
        inset(areas[4], 1),
    );
    notice::draw(app, frame, areas[6], theme);
    hints::draw(
        app,
        &["help", "next", "submit", "switch", "quit"],
        frame,
        areas[7],
        theme,
    );
}

fn entry(app: &App, form: &SignIn, field: Entry, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let locale = app.language.code();
    let focused = form.focused() == field;
    let name = match field {
        Entry::Name => t!("ui.form.name", locale = locale),
        Entry::Email => t!("ui.form.email", locale = locale),
        Entry::Password => t!("ui.form.password", locale = locale),
    };
    let text = shown(form, field);
    let caret = before_caret(form, field);
    let room = usize::from(area.width.saturating_sub(NAMES + 3));
    let from = lobby::tail(&caret, room);
    let hint = field == Entry::Password && form.form == Form::Register && text.is_empty();
    let value = if hint {
        Span::styled(
            t!("ui.form.password_hint", locale = locale),
            theme.style(Tone::Faint),
        )
    } else {
        Span::raw(text[from..].to_owned())
    };
    let tone = if focused {
        Tone::Candidate
    } else {
        Tone::Faint
    };
    let name = format!(
        "{}{}",
        " ".repeat(usize::from(NAMES).saturating_sub(wrap::columns(&name))),
        name
    );
    frame.render_widget(
        Line::from(vec![
            Span::styled(format!("{name} › "), theme.style(tone)),
            value,
        ]),
        area,
    );
    if focused && app.overlays.is_empty() {
        let column = NAMES + 3 + wrap::columns(&caret[from..]) as u16;
        frame.set_cursor_position((area.x + column.min(area.width.saturating_sub(1)), area.y));
    }
}

/// The text of a field as it is shown: a password as dots.
fn shown(form: &SignIn, field: Entry) -> String {
    masked(field, form.entry(field).text())
}

fn before_caret(form: &SignIn, field: Entry) -> String {
    let draft = form.entry(field);
    masked(field, &draft.text()[..draft.caret()])
}

fn masked(field: Entry, text: &str) -> String {
    if field == Entry::Password {
        "•".repeat(text.chars().count())
    } else {
        text.to_owned()
    }
}

/// What became of the form, in the server's words where it has any.
fn answer(app: &App, form: &SignIn, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let locale = app.language.code();
    let (tone, words) = match &form.status {
        Status::Open => return,
        Status::Sent(_) => (
            Tone::Faint,
            t!("ui.form.sending", locale = locale).into_owned(),
        ),
        Status::Incomplete => (
            Tone::Bad,
            t!("ui.form.incomplete", locale = locale).into_owned(),
        ),
        Status::Refused(reason) if reason.is_empty() => (
            Tone::Bad,
            t!("ui.form.refused", locale = locale).into_owned(),
        ),
        Status::Refused(reason) => (Tone::Bad, reason.clone()),
    };
    frame.render_widget(
        Paragraph::new(words)
            .style(theme.style(tone))
            .wrap(Wrap { trim: true }),
        area,
    );
}
