//! How the rows of the interview screen are shared out, known to the app because scrolling and the caret depend on it.
use super::App;
use super::interview::Interview;
use super::transcript::{self, Fold, Row, Scroll};
use super::wrap;

/// Fewest columns and rows the interface works with.
pub const SMALLEST: (u16, u16) = (40, 12);

/// From this height on there is room for labels, gaps and a box around the draft.
const ROOMY: u16 = 18;

/// Longer rows are hard to read.
const WIDEST: u16 = 96;

/// Rows of each part of the interview screen, top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Of the terminal, in columns.
    pub width: u16,
    /// High enough for labels and boxes.
    pub roomy: bool,
    /// What was said.
    pub transcript: u16,
    /// The notice, 0 without one.
    pub notice: u16,
    /// Rows of the draft's text, 0 when the interview is over.
    pub draft: u16,
}

impl Geometry {
    /// Rows of the header: two, and an empty one where there is room.
    pub fn header(&self) -> u16 {
        header(self.roomy)
    }

    /// Columns for words in the transcript.
    pub fn words(&self) -> usize {
        usize::from(self.width.saturating_sub(5).min(WIDEST))
    }

    /// Columns for words in the draft; the caret may stand behind the last one.
    pub fn draft_words(&self) -> usize {
        draft_words(self.width, self.roomy)
    }

    /// How the transcript is folded.
    pub fn fold(&self) -> Fold {
        Fold {
            width: self.words(),
            roomy: self.roomy,
        }
    }
}

fn header(roomy: bool) -> u16 {
    2 + u16::from(roomy)
}

fn draft_words(width: u16, roomy: bool) -> usize {
    usize::from(width.saturating_sub(if roomy { 5 } else { 4 }))
}

/// Columns for words in a notice.
pub fn notice_words(width: u16) -> usize {
    usize::from(width.saturating_sub(4)).max(1)
}

impl App {
    /// The geometry of the interview screen as it is now.
    pub fn geometry(&self) -> Geometry {
        let (width, height) = self.size;
        let roomy = height >= ROOMY;
        let over =
            matches!(&self.screen, super::Screen::Interview(interview) if interview.is_over());
        let most = if roomy { 6 } else { 3 };
        let draft_rows = self
            .composing
            .shown()
            .draft
            .rows(draft_words(width, roomy))
            .len() as u16;
        let draft = if over { 0 } else { draft_rows.clamp(1, most) };
        let notice = self.notice_rows(height);
        // Roomy: a box of two rows, status, hints. Else: status, hints.
        let around = header(roomy) + if roomy && !over { 4 } else { 2 };
        let transcript = height.saturating_sub(around + notice + draft);
        Geometry {
            width,
            roomy,
            transcript,
            notice,
            draft,
        }
    }

    /// Rows the notice takes; never more than a quarter of the screen.
    pub(crate) fn notice_rows(&self, height: u16) -> u16 {
        let told = self.told();
        let rows = told.map_or(0, |(_, words)| {
            wrap::text(&words, notice_words(self.size.0)).len() as u16
        });
        rows.min(height / 4)
    }

    /// The rows of the transcript and the first of them to show.
    pub fn transcript(&self, interview: &Interview) -> (Vec<Row>, usize) {
        let geometry = self.geometry();
        let rows = transcript::rows(&interview.said(), interview.spoken(), geometry.fold());
        let last = rows.len().saturating_sub(usize::from(geometry.transcript));
        let top = match interview.scroll {
            Scroll::Follow => last,
            Scroll::Top(top) => top.min(last),
        };
        (rows, top)
    }

    /// Moves the transcript by rows, down where positive, and follows again from the last row on.
    pub(super) fn scroll(&mut self, by: isize) {
        let super::Screen::Interview(interview) = &self.screen else {
            return;
        };
        let (rows, top) = self.transcript(interview);
        let last = rows
            .len()
            .saturating_sub(usize::from(self.geometry().transcript));
        let top = top.saturating_add_signed(by);
        let super::Screen::Interview(interview) = &mut self.screen else {
            return;
        };
        interview.scroll = if top >= last {
            Scroll::Follow
        } else {
            Scroll::Top(top)
        };
    }
}
