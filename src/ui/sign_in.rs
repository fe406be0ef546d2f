//! The form to sign in or to register.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Wrap};
use rust_i18n::t;

use super::canvas::{Canvas, inset, row};
use super::theme::Tone;
use super::{header, hints, labels, lobby, notice};
use crate::app::sign_in::{Form, FormField, FormStatus, SignIn};
use crate::app::wrap;

/// The columns for the names of the fields.
const NAME_COLUMNS: u16 = 12;

/// The columns for the names, the sign behind them and the space around it.
const LABEL_COLUMNS: u16 = NAME_COLUMNS + 3;

/// The height from which on there is room for gaps.
const ROOMY: u16 = 18;

const KEYS: [&str; 5] = ["help", "next", "submit", "switch", "quit"];

pub(super) fn draw(canvas: &mut Canvas<'_, '_>, form: &SignIn, area: Rect) {
    let gap = u16::from(area.height >= ROOMY);
    let fields = form.form.fields().len() as u16;
    let constraints = [
        Constraint::Length(2),
        Constraint::Length(gap),
        Constraint::Length(fields * (1 + gap)),
        Constraint::Length(2),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Length(canvas.app.notice_rows(area.height)),
        Constraint::Length(1),
    ];
    let areas = Layout::vertical(constraints).areas(area);
    let [header, _, fields, status, switch, _, notice, hints] = areas;
    let title = title(canvas, form);
    header::draw(canvas, &title, None, header);
    for (number, field) in form.form.fields().iter().enumerate() {
        let area = row(inset(fields, 1), number as u16 * (1 + gap));
        draw_field(canvas, form, *field, area);
    }
    draw_status(canvas, form, inset(status, 1));
    draw_switch(canvas, form, inset(switch, 1));
    notice::draw(canvas, notice);
    hints::draw(canvas, &KEYS, hints);
}

fn title(canvas: &Canvas<'_, '_>, form: &SignIn) -> String {
    let key = match form.form {
        Form::SignIn => "ui.form.sign_in",
        Form::Register => "ui.form.register",
    };
    let host = labels::host(canvas.app);
    t!(key, locale = canvas.locale(), host = host).into_owned()
}

/// Draws how to switch between signing in and registering.
fn draw_switch(canvas: &mut Canvas<'_, '_>, form: &SignIn, area: Rect) {
    let text = canvas.text(match form.form {
        Form::SignIn => "ui.form.to_register",
        Form::Register => "ui.form.to_sign_in",
    });
    canvas.render(Line::styled(text, canvas.style(Tone::Faint)), area);
}

fn draw_field(canvas: &mut Canvas<'_, '_>, form: &SignIn, field: FormField, area: Rect) {
    let focused = form.focused() == field;
    let before_caret = masked_before_caret(form, field);
    let room = usize::from(area.width.saturating_sub(LABEL_COLUMNS));
    let start = lobby::tail(&before_caret, room);
    let label = field_label(canvas, field, focused);
    let value = field_value(canvas, form, field, start);
    canvas.render(Line::from(vec![label, value]), area);
    if focused {
        let column = LABEL_COLUMNS + wrap::columns(&before_caret[start..]) as u16;
        let column = column.min(area.width.saturating_sub(1));
        canvas.place_cursor(area.x + column, area.y);
    }
}

fn field_label(canvas: &Canvas<'_, '_>, field: FormField, focused: bool) -> Span<'static> {
    let name = canvas.text(match field {
        FormField::Name => "ui.form.name",
        FormField::Email => "ui.form.email",
        FormField::Password => "ui.form.password",
    });
    let tone = if focused {
        Tone::Candidate
    } else {
        Tone::Faint
    };
    let indent = usize::from(NAME_COLUMNS).saturating_sub(wrap::columns(&name));
    let label = format!("{}{name} › ", " ".repeat(indent));
    Span::styled(label, canvas.style(tone))
}

/// Returns the text of a field from `start` on; a new password shows its rule while it is empty.
fn field_value(
    canvas: &Canvas<'_, '_>,
    form: &SignIn,
    field: FormField,
    start: usize,
) -> Span<'static> {
    let text = masked(field, form.entry(field).text());
    if field == FormField::Password && form.form == Form::Register && text.is_empty() {
        let hint = canvas.text("ui.form.password_hint");
        return Span::styled(hint, canvas.style(Tone::Faint));
    }
    Span::raw(text[start..].to_owned())
}

fn masked_before_caret(form: &SignIn, field: FormField) -> String {
    let draft = form.entry(field);
    masked(field, &draft.text()[..draft.caret()])
}

/// Returns the text as it is shown: a password as dots.
fn masked(field: FormField, text: &str) -> String {
    if field == FormField::Password {
        "•".repeat(text.chars().count())
    } else {
        text.to_owned()
    }
}

/// Draws what became of the form, in the server's words where it has any.
fn draw_status(canvas: &mut Canvas<'_, '_>, form: &SignIn, area: Rect) {
    let (tone, text) = match &form.status {
        FormStatus::Open => return,
        FormStatus::Sent(_) => (Tone::Faint, canvas.text("ui.form.sending")),
        FormStatus::Incomplete => (Tone::Bad, canvas.text("ui.form.incomplete")),
        FormStatus::Refused(reason) if reason.is_empty() => {
            (Tone::Bad, canvas.text("ui.form.refused"))
        }
        FormStatus::Refused(reason) => (Tone::Bad, reason.clone()),
    };
    let text = Paragraph::new(text)
        .style(canvas.style(tone))
        .wrap(Wrap { trim: true });
    canvas.render(text, area);
}
