//! A question with two answers, over the middle of the screen.
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, BorderType, Clear};
use rust_i18n::t;

use super::theme::{Theme, Tone};
use crate::app::App;
use crate::app::overlay::{Pick, Question};
use crate::app::wrap;
use crate::interview::Language;

/// Widest box, in columns.
const WIDEST: u16 = 64;

struct Words {
    title: String,
    text: String,
    answers: [String; 2],
}

/// Draws the question and marks the answer that Enter takes.
pub(super) fn draw(
    app: &App,
    question: &Question,
    pick: Pick,
    frame: &mut Frame<'_>,
    area: Rect,
    theme: Theme,
) {
    let words = words(question, app.language);
    let width = width(area);
    let room = room(width);
    let first = answer(1, &words.answers[0], pick == Pick::First, room, theme);
    let second = answer(2, &words.answers[1], pick == Pick::Second, room, theme);
    // Where it is too narrow for everything, the answers have to be seen.
    let left = usize::from(area.height).saturating_sub(first.len() + second.len() + 2);
    let rows = wrap::text(&words.text, room).into_iter().take(left);
    let mut lines: Vec<Line<'_>> = rows
        .map(|range| Line::raw(words.text[range].to_owned()))
        .collect();
    if usize::from(area.height) > lines.len() + first.len() + second.len() + 2 {
        lines.push(Line::default());
    }
    lines.extend(first.into_iter().chain(second));
    show(&words.title, lines, width, frame, area, theme);
}

/// The rows of one answer, each as marked as the first.
fn answer(
    number: usize,
    words: &str,
    picked: bool,
    room: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let sign = if picked { "▸" } else { " " };
    let style = theme.style(if picked { Tone::Selected } else { Tone::Text });
    let rows = wrap::line(words, room.saturating_sub(5))
        .into_iter()
        .enumerate();
    let row = |(at, range): (usize, std::ops::Range<usize>)| {
        let before = if at == 0 {
            format!("{sign} {number} ")
        } else {
            "    ".to_owned()
        };
        Line::styled(format!("{before}{} ", words[range].trim_end()), style)
    };
    rows.map(row).collect()
}

/// Columns of a box over the middle.
pub(super) fn width(area: Rect) -> u16 {
    area.width.saturating_sub(2).min(WIDEST)
}

/// Columns for words in a box.
pub(super) fn room(width: u16) -> usize {
    usize::from(width.saturating_sub(4))
}

/// The rows of a text.
pub(super) fn folded(text: &str, room: usize, theme: Theme, tone: Tone) -> Vec<Line<'static>> {
    let row = |range: std::ops::Range<usize>| {
        Line::styled(text[range].trim_end().to_owned(), theme.style(tone))
    };
    wrap::text(text, room).into_iter().map(row).collect()
}

/// As many of the hints `keys` as fit, most important first.
pub(super) fn hints(app: &App, keys: &[&str], room: usize, theme: Theme) -> Line<'static> {
    Line::from(super::hints::spans(app, keys, room, theme))
}

/// Draws a box of lines over the middle.
pub(super) fn show(
    title: &str,
    lines: Vec<Line<'_>>,
    width: u16,
    frame: &mut Frame<'_>,
    area: Rect,
    theme: Theme,
) {
    let height = (lines.len() as u16 + 2).min(area.height);
    let (x, y) = (
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
    );
    let place = Rect {
        x,
        y,
        width,
        height,
    };
    let block = Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.style(Tone::Interviewer));
    let block = block.title(Line::styled(
        format!(" {title} "),
        theme.style(Tone::Heading),
    ));
    let inner = block.inner(place);
    // One column more on either side: half of a wide character must not stick out.
    let around = Rect {
        x: place.x.saturating_sub(1),
        width: place.width + 2,
        ..place
    };
    frame.render_widget(Clear, around.intersection(area));
    frame.render_widget(block, place);
    frame.render_widget(
        Text::from(lines),
        Rect {
            x: inner.x + 1,
            width: inner.width.saturating_sub(2),
            ..inner
        },
    );
}

fn words(question: &Question, language: Language) -> Words {
    let locale = language.code();
    let own = |key: &str| t!(key, locale = locale).into_owned();
    match question {
        Question::Consent(asked) => Words {
            title: own("ui.consent.title"),
            text: t!(
                "ui.consent.text",
                locale = locale,
                model = asked.model,
                host = asked.host
            )
            .into_owned(),
            answers: [
                own("ui.consent.first"),
                t!("ui.consent.second", locale = locale, host = asked.host).into_owned(),
            ],
        },
        Question::Model(offer) => {
            let megabytes = (offer.bytes + 500_000) / 1_000_000;
            let told = t!(
                "ui.model.text",
                locale = locale,
                reason = offer.reason,
                megabytes = megabytes
            );
            Words {
                title: own("ui.model.title"),
                text: told.into_owned(),
                answers: [own("ui.model.first"), own("ui.model.second")],
            }
        }
        Question::NoKeyring(reason) => Words {
            title: own("ui.keyring.title"),
            text: with_reason(own("ui.keyring.text"), reason),
            answers: [own("ui.keyring.first"), own("ui.keyring.second")],
        },
        Question::Finish => Words {
            title: own("ui.finish.title"),
            text: own("ui.finish.text"),
            answers: [own("ui.finish.first"), own("ui.finish.second")],
        },
    }
}

fn with_reason(words: String, reason: &str) -> String {
    if reason.is_empty() {
        words
    } else {
        format!("{words} ({reason})")
    }
}
