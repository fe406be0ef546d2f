//! What was said so far.
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use rust_i18n::t;

use super::row;
use super::theme::{Theme, Tone};
use crate::app::App;
use crate::app::interview::{Focus, Interview};
use crate::app::transcript::{Row, Who};

/// Draws the rows in sight.
pub(super) fn draw(
    app: &App,
    interview: &Interview,
    frame: &mut Frame<'_>,
    area: Rect,
    theme: Theme,
) {
    let (rows, top) = app.transcript(interview);
    for (at, shown) in rows
        .iter()
        .skip(top)
        .take(usize::from(area.height))
        .enumerate()
    {
        frame.render_widget(line(app, shown, theme), row(area, at as u16));
    }
    if top + usize::from(area.height) < rows.len() {
        mark(frame, row(area, area.height.saturating_sub(1)), "↓ ", theme);
    }
    if top > 0 && interview.focus == Focus::Transcript {
        mark(frame, row(area, 0), "↑ ", theme);
    }
}

/// There is more in that direction.
fn mark(frame: &mut Frame<'_>, area: Rect, sign: &'static str, theme: Theme) {
    frame.render_widget(
        Paragraph::new(sign)
            .style(theme.style(Tone::Interviewer))
            .right_aligned(),
        area,
    );
}

fn line(app: &App, row: &Row, theme: Theme) -> Line<'static> {
    match row {
        Row::Gap => Line::default(),
        Row::Label(who) => {
            let key = if *who == Who::Interviewer {
                "ui.who.interviewer"
            } else {
                "ui.who.candidate"
            };
            Line::styled(
                format!(" {}", t!(key, locale = app.language.code())),
                theme.style(tone(*who)),
            )
        }
        Row::Words { who, first, pieces } => {
            let gutter = match (who, first) {
                (Who::Interviewer, _) => " ┃ ",
                (Who::Candidate, true) => " › ",
                (Who::Candidate, false) => "   ",
            };
            let words = pieces.iter().map(|piece| {
                Span::styled(piece.text.clone(), theme.mark(piece.mark, piece.spoken))
            });
            std::iter::once(Span::styled(gutter, theme.style(tone(*who))))
                .chain(words)
                .collect()
        }
    }
}

fn tone(who: Who) -> Tone {
    match who {
        Who::Interviewer => Tone::Interviewer,
        Who::Candidate => Tone::Candidate,
    }
}
