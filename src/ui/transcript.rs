//! The conversation so far.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

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

/// Draws an arrow at the end of a row. Only its own cells take its style, not the words before it.
fn draw_arrow(canvas: &mut Canvas<'_, '_>, arrow: &'static str, area: Rect) {
    let arrow = Span::styled(arrow, canvas.style(Tone::Interviewer));
    canvas.render(Line::from(arrow).right_aligned(), area);
}

fn line(canvas: &Canvas<'_, '_>, row: &TranscriptRow) -> Line<'static> {
    match row {
        TranscriptRow::Gap => Line::default(),
        TranscriptRow::Label(who) => {
            let name = canvas.text(match who {
                Who::Interviewer => "ui.who.interviewer",
                Who::Candidate => "ui.who.candidate",
            });
            Line::from(Span::styled(format!(" {name}"), canvas.style(tone(*who))))
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

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::buffer::Buffer;
    use ratatui::style::Modifier;
    use rstest::rstest;

    use super::super::screens::test_ui::{TestUi, setup};
    use super::super::{Theme, draw};
    use crate::app::App;
    use crate::app::action::{Action, BackendEvent, SpeechEvent, TerminalEvent};
    use crate::app::key::Code;
    use crate::interview::Language;

    fn buffer(app: &App) -> Buffer {
        let (width, height) = app.ctx.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("it opens");
        let drawn = terminal.draw(|frame| draw(app, frame, Theme::Colour));
        drawn.expect("it draws").buffer.clone()
    }

    /// Returns the cells of the words of a transcript that have a style, as text. The gutter and
    /// the arrows at the right do not belong to the words.
    fn styled(app: &App, modifier: Modifier) -> String {
        let buffer = buffer(app);
        let geometry = app.geometry();
        let rows = geometry.header()..geometry.header() + geometry.transcript;
        let cells = rows.flat_map(|y| (3..geometry.width - 2).map(move |x| (x, y)));
        cells
            .filter(|place| buffer[*place].modifier.contains(modifier))
            .map(|place| buffer[place].symbol())
            .collect()
    }

    fn long_reply(language: Language, size: (u16, u16), reply: &str) -> TestUi {
        let mut ui = TestUi::new(setup(language, size));
        ui.interview().type_text("so").press(Code::Enter);
        let turn = ui.turn();
        ui.apply(Action::Turn {
            turn,
            event: BackendEvent::Delta(reply.to_owned()),
        });
        ui
    }

    #[rstest]
    fn only_the_spoken_words_are_marked_in_a_scrolled_transcript(
        #[values((80, 24), (40, 12))] size: (u16, u16),
    ) {
        let sentences: Vec<String> = (1..=40)
            .map(|number| format!("문장 {number}은 소유권과 borrow를 다룹니다."))
            .collect();
        let mut ui = long_reply(Language::Korean, size, &sentences.join(" "));
        let turn = ui.turn();
        for (index, text) in sentences.iter().enumerate() {
            ui.apply(Action::Speech(SpeechEvent::Sentence {
                turn,
                index,
                text: text.clone(),
            }));
            let marked = styled(&ui.app, Modifier::UNDERLINED);
            let words = |text: &str| text.replace(' ', "");
            assert_eq!(
                words(&marked),
                words(text),
                "the sentence is in sight, and marked alone"
            );
            let label = styled(&ui.app, Modifier::BOLD);
            assert!(["", "접관"].contains(&label.as_str()), "{label}");
        }
    }

    #[rstest]
    fn the_first_and_the_last_row_of_a_scrolled_transcript_are_not_bold(
        #[values((80, 24), (40, 12))] size: (u16, u16),
    ) {
        let reply = "Every value has one owner. ".repeat(80);
        let mut ui = long_reply(Language::English, size, &reply);
        ui.press(Code::Tab)
            .apply(Action::Terminal(TerminalEvent::Scroll { rows: 3 }));
        assert_eq!(styled(&ui.app, Modifier::BOLD), "");
    }
}
