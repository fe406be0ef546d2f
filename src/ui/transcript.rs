//! The conversation so far.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::canvas::{Canvas, row};
use super::theme::Tone;
use crate::app::interview::{Focus, Interview};
use crate::app::transcript::{TranscriptRow, Who};

/// Draws the rows in sight, with arrows where there are more.
pub(super) fn draw(canvas: &mut Canvas<'_, '_>, interview: &Interview, area: Rect) {
    let (rows, top) = interview.transcript(&canvas.app.geometry());
    let height = usize::from(area.height);
    for (number, shown) in rows.iter().skip(top).take(height).enumerate() {
        let line = line(canvas, shown);
        canvas.render(line, row(area, number as u16));
    }
    if top + height < rows.len() {
        let last_row = row(area, area.height.saturating_sub(1));
        draw_arrow(canvas, "↓ ", last_row);
    }
    if top > 0 && interview.focus == Focus::Transcript {
        draw_arrow(canvas, "↑ ", row(area, 0));
    }
}

fn draw_arrow(canvas: &mut Canvas<'_, '_>, arrow: &'static str, area: Rect) {
    let arrow = Paragraph::new(arrow)
        .style(canvas.style(Tone::Interviewer))
        .right_aligned();
    canvas.render(arrow, area);
}

fn line(canvas: &Canvas<'_, '_>, row: &TranscriptRow) -> Line<'static> {
    match row {
        TranscriptRow::Gap => Line::default(),
        TranscriptRow::Label(who) => {
            let name = canvas.text(match who {
                Who::Interviewer => "ui.who.interviewer",
                Who::Candidate => "ui.who.candidate",
            });
            Line::styled(format!(" {name}"), canvas.style(tone(*who)))
        }
        TranscriptRow::Words { who, first, pieces } => {
            let gutter = match (who, first) {
                (Who::Interviewer, _) => " ┃ ",
                (Who::Candidate, true) => " › ",
                (Who::Candidate, false) => "   ",
            };
            let mut spans = vec![Span::styled(gutter, canvas.style(tone(*who)))];
            for piece in pieces {
                let style = canvas.theme.mark(piece.mark, piece.spoken);
                spans.push(Span::styled(piece.text.clone(), style));
            }
            Line::from(spans)
        }
    }
}

fn tone(who: Who) -> Tone {
    match who {
        Who::Interviewer => Tone::Interviewer,
        Who::Candidate => Tone::Candidate,
    }
}
