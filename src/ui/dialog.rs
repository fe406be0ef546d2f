//! A question with two answers, over the middle of the screen.

use ratatui::layout::Rect;
use ratatui::text::Line;
use rust_i18n::t;

use super::canvas::Canvas;
use super::popup;
use super::theme::Tone;
use crate::app::question::{Pick, Question};
use crate::app::setup::ConsentQuestion;
use crate::app::wrap;
use crate::config::model_title;

/// The texts of one question.
struct DialogText {
    title: String,
    text: String,
    answers: [String; 2],
}

/// Draws the question, and marks the answer that Enter chooses.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, question: &Question, pick: Pick, area: Rect) {
    let dialog = dialog_text(canvas, question);
    let [first, second] = &dialog.answers;
    let mut answers = answer_lines(canvas, 1, first, pick == Pick::First, area);
    answers.extend(answer_lines(canvas, 2, second, pick == Pick::Second, area));
    // The answers are shown whole; the text makes room for them.
    let room = usize::from(area.height).saturating_sub(answers.len() + 2);
    let mut lines = popup::wrapped(canvas, &dialog.text, Tone::Text, area);
    lines.truncate(room);
    if room > lines.len() {
        lines.push(Line::default());
    }
    lines.extend(answers);
    popup::draw(canvas, &dialog.title, lines, area);
}

/// Returns the rows of one answer, each with the style of the first.
fn answer_lines(
    canvas: &Canvas<'_, '_>,
    number: usize,
    text: &str,
    picked: bool,
    area: Rect,
) -> Vec<Line<'static>> {
    let (sign, tone) = if picked {
        ("▸", Tone::Selected)
    } else {
        (" ", Tone::Text)
    };
    let mut lines = Vec::new();
    for range in wrap::line(text, popup::text_width(area).saturating_sub(5)) {
        let before = if lines.is_empty() {
            format!("{sign} {number} ")
        } else {
            "    ".to_owned()
        };
        let row = format!("{before}{} ", text[range].trim_end());
        lines.push(Line::styled(row, canvas.style(tone)));
    }
    lines
}

/// Returns the name of a model in a sentence, whether or not it is known yet.
fn model_name(canvas: &Canvas<'_, '_>, model: &str) -> String {
    if model.is_empty() {
        canvas.text("connect.some_model")
    } else {
        model_title(model).to_owned()
    }
}

fn dialog_text(canvas: &Canvas<'_, '_>, question: &Question) -> DialogText {
    let locale = canvas.locale();
    match question {
        Question::Consent(ConsentQuestion {
            model,
            host,
            found: Some(server),
        }) => DialogText {
            title: canvas.text("connect.found.title"),
            text: t!(
                "connect.found.text",
                locale = locale,
                server = server,
                model = model_title(model),
                host = host
            )
            .into_owned(),
            answers: [
                canvas.text("ui.consent.first"),
                t!(
                    "connect.found.second",
                    locale = locale,
                    model = model_title(model)
                )
                .into_owned(),
            ],
        },
        Question::Consent(asked) => DialogText {
            title: canvas.text("ui.consent.title"),
            text: t!(
                "ui.consent.text",
                locale = locale,
                model = model_name(canvas, &asked.model),
                host = asked.host
            )
            .into_owned(),
            answers: [
                canvas.text("ui.consent.first"),
                t!("ui.consent.second", locale = locale, host = asked.host).into_owned(),
            ],
        },
        Question::Model(offer) => DialogText {
            title: canvas.text("ui.model.title"),
            text: t!(
                "ui.model.text",
                locale = locale,
                reason = offer.reason,
                megabytes = (offer.bytes + 500_000) / 1_000_000
            )
            .into_owned(),
            answers: [
                canvas.text("ui.model.first"),
                canvas.text("ui.model.second"),
            ],
        },
        Question::NoKeyring(reason) => DialogText {
            title: canvas.text("ui.keyring.title"),
            text: with_reason(canvas.text("ui.keyring.text"), reason),
            answers: [
                canvas.text("ui.keyring.first"),
                canvas.text("ui.keyring.second"),
            ],
        },
        Question::Finish => DialogText {
            title: canvas.text("ui.finish.title"),
            text: canvas.text("ui.finish.text"),
            answers: [
                canvas.text("ui.finish.first"),
                canvas.text("ui.finish.second"),
            ],
        },
    }
}

fn with_reason(text: String, reason: &str) -> String {
    if reason.is_empty() {
        text
    } else {
        format!("{text} ({reason})")
    }
}
