//! The geometry of the interview screen. The app knows it because scrolling and the position of the
//! caret depend on it.

use super::ctx::Ctx;
use super::notice::Severity;
use super::transcript::Fold;
use super::voice::Voice;
use super::wrap;
use crate::printable::printable;

/// The fewest columns and rows with which the interface works.
pub const SMALLEST: (u16, u16) = (40, 12);

/// The height from which there is room for labels, gaps and a box around the draft.
const ROOMY: u16 = 18;

/// Longer rows are hard to read.
const WIDEST: u16 = 96;

/// The rows of each part of the interview screen, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// The columns of the terminal.
    pub width: u16,
    /// Whether there is room for labels and boxes.
    pub roomy: bool,
    pub transcript: u16,
    /// The rows of the notice, 0 without one.
    pub notice: u16,
    /// The rows of the draft's text, 0 when the interview is over.
    pub draft: u16,
}

impl Geometry {
    /// Shares the rows out as they are needed now. An interview that is `over` has no draft.
    pub(super) fn new(ctx: &Ctx, voice: &Voice, over: bool) -> Self {
        let (width, height) = ctx.size;
        let roomy = height >= ROOMY;
        let draft = if over {
            0
        } else {
            let shown = ctx.composer.shown().draft;
            let rows = shown.rows(draft_words(width, roomy)).len() as u16;
            rows.clamp(1, if roomy { 6 } else { 3 })
        };
        let notice = notice_rows(ctx, voice, height);
        // A box takes two rows where there is room; the status and the hints take one each.
        let around = header(roomy) + if roomy && !over { 4 } else { 2 };
        let transcript = height.saturating_sub(around + notice + draft);
        Self {
            width,
            roomy,
            transcript,
            notice,
            draft,
        }
    }

    /// Returns the rows of the header: two, and an empty one where there is room.
    pub fn header(&self) -> u16 {
        header(self.roomy)
    }

    /// Returns the columns for words in the transcript.
    pub fn words(&self) -> usize {
        usize::from(self.width.saturating_sub(5).min(WIDEST))
    }

    /// Returns the columns for words in the draft. The caret may stand behind the last one.
    pub fn draft_words(&self) -> usize {
        draft_words(self.width, self.roomy)
    }

    /// Returns how the transcript is wrapped.
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

/// Returns the columns for words in a notice, beside its sign and how many notices wait.
pub fn notice_words(width: u16, waiting: usize) -> usize {
    let count = if waiting == 0 { 0 } else { 3 };
    usize::from(width.saturating_sub(4 + count)).max(1)
}

/// Returns how many of `height` rows the notice takes, which is a quarter at most.
pub(super) fn notice_rows(ctx: &Ctx, voice: &Voice, height: u16) -> u16 {
    let width = notice_words(ctx.size.0, ctx.notices.waiting());
    let rows =
        shown_notice(ctx, voice).map_or(0, |(_, words)| wrap::text(&words, width).len() as u16);
    rows.min(height / 4)
}

/// Returns the notice to show and how much it matters, or else how far the speech model is.
pub(super) fn shown_notice(ctx: &Ctx, voice: &Voice) -> Option<(Severity, String)> {
    match ctx.notices.first() {
        Some(notice) => {
            let words = notice.words(ctx.language);
            Some((notice.severity(), printable(&words).into_owned()))
        }
        None => voice
            .download_text(ctx.language)
            .map(|words| (Severity::Plain, words)),
    }
}
