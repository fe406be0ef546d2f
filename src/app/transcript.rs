//! The transcript, and how it is wrapped into rows.

use std::ops::Range;

use super::markdown::{self, Mark, MarkedLine};
use super::wrap;
use crate::interview::{Message, Role};

/// The two people in an interview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Interviewer,
    Candidate,
}

/// Returns what somebody said, and nothing for the instructions of the interview.
pub(super) fn entry(message: &Message) -> Option<TranscriptEntry> {
    let who = match message.role {
        Role::System => return None,
        Role::User => Who::Candidate,
        Role::Assistant => Who::Interviewer,
    };
    Some(TranscriptEntry {
        who,
        text: crate::printable::printable(&message.content).into_owned(),
    })
}

/// One thing that somebody said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptEntry {
    pub who: Who,
    /// Markdown from the interviewer, plain text from the candidate.
    pub text: String,
}

/// The rows that are in sight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scroll {
    /// The newest reply from its beginning, or the sentence of it that is being spoken.
    #[default]
    Reply,
    /// This row, counted from 0, is the topmost one.
    Top(usize),
    /// The last row stays in sight.
    Bottom,
}

/// One row of the transcript on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TranscriptRow {
    /// An empty row between two entries.
    Gap,
    /// The name of who speaks below.
    Label(Who),
    Words {
        who: Who,
        /// Whether this is the first row of the entry.
        first: bool,
        pieces: Vec<TextPiece>,
    },
}

/// A part of a row in one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPiece {
    pub text: String,
    pub mark: Mark,
    /// Whether the text is being spoken.
    pub spoken: bool,
}

/// How the transcript is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// The columns that words may take.
    pub width: usize,
    /// Whether there is room for labels and gaps.
    pub roomy: bool,
}

/// Returns the rows of `entries`. `spoken` is the part of the last entry being spoken, in bytes of
/// its text.
pub fn rows(
    entries: &[TranscriptEntry],
    spoken: Option<&Range<usize>>,
    fold: Fold,
) -> Vec<TranscriptRow> {
    let mut rows = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        if fold.roomy && index > 0 {
            rows.push(TranscriptRow::Gap);
        }
        if fold.roomy {
            rows.push(TranscriptRow::Label(entry.who));
        }
        let spoken = spoken.filter(|_| index + 1 == entries.len());
        rows.extend(entry_rows(entry, spoken, fold.width));
    }
    rows
}

/// Returns the row to begin with so that a long reply is read from its top, or from where it is
/// being spoken. `rows` are all rows, of which `height` are in sight, and `spoken` is the newest
/// sentence that sounded, in bytes of the last entry.
pub fn reply_top(
    rows: &[TranscriptRow],
    last: Option<&TranscriptEntry>,
    spoken: Option<&Range<usize>>,
    fold: Fold,
    height: usize,
) -> usize {
    let bottom = rows.len().saturating_sub(height);
    let Some(reply) = last.filter(|entry| entry.who == Who::Interviewer) else {
        return bottom;
    };
    let reply = entry_rows(reply, spoken, fold.width);
    let words = rows.len().saturating_sub(reply.len());
    let top = words.saturating_sub(usize::from(fold.roomy));
    let sentence = reply
        .iter()
        .position(TranscriptRow::is_spoken)
        .zip(reply.iter().rposition(TranscriptRow::is_spoken));
    let follow = sentence.map_or(top, |(first, last)| {
        sentence_top(words + first, words + last, height)
    });
    follow.max(top).min(bottom)
}

/// Returns the row to begin with so that a sentence stands below a third of the rows in sight, with
/// what comes next below it. A long one may move up, but its first row stays in sight.
fn sentence_top(first: usize, last: usize, height: usize) -> usize {
    let below_context = first.saturating_sub(height / 3);
    let whole = (last + 1).saturating_sub(height);
    below_context.max(whole).min(first)
}

impl TranscriptRow {
    fn is_spoken(&self) -> bool {
        match self {
            Self::Gap | Self::Label(_) => false,
            Self::Words { pieces, .. } => pieces.iter().any(|piece| piece.spoken),
        }
    }
}

fn entry_rows(
    entry: &TranscriptEntry,
    spoken: Option<&Range<usize>>,
    width: usize,
) -> Vec<TranscriptRow> {
    let lines = match entry.who {
        Who::Interviewer => markdown::parse(&entry.text),
        Who::Candidate => markdown::plain(&entry.text),
    };
    let pieces = lines.iter().flat_map(|line| fold_line(line, spoken, width));
    pieces
        .enumerate()
        .map(|(at, pieces)| TranscriptRow::Words {
            who: entry.who,
            first: at == 0,
            pieces,
        })
        .collect()
}

fn fold_line(
    line: &MarkedLine,
    spoken: Option<&Range<usize>>,
    width: usize,
) -> Vec<Vec<TextPiece>> {
    let indent = wrap::columns(&line.first).max(wrap::columns(&line.rest));
    let ranges = wrap::line(&line.text, width.saturating_sub(indent).max(2));
    let row = |(at, range): (usize, Range<usize>)| {
        let prefix = if at == 0 { &line.first } else { &line.rest };
        let mut pieces = Vec::new();
        push(&mut pieces, prefix, Mark::Plain, false);
        for run in &line.runs {
            let loud = spoken.map_or(0..0, |spoken| part(run, spoken));
            let parts = [
                (run.range.start..loud.start, false),
                (loud.clone(), true),
                (loud.end..run.range.end, false),
            ];
            let parts = if loud.is_empty() {
                vec![(run.range.clone(), false)]
            } else {
                parts.to_vec()
            };
            for (part, spoken) in parts {
                push(
                    &mut pieces,
                    &line.text[both(&part, &range)],
                    run.mark,
                    spoken,
                );
            }
        }
        pieces
    };
    ranges.into_iter().enumerate().map(row).collect()
}

/// Returns the bytes of a run's text that come from `spoken` in the source.
fn part(run: &markdown::MarkedRun, spoken: &Range<usize>) -> Range<usize> {
    let source = both(&run.source, spoken);
    if source.is_empty() {
        return 0..0;
    }
    if run.source.len() != run.range.len() {
        return run.range.clone();
    }
    let shift = |at: usize| at - run.source.start + run.range.start;
    shift(source.start)..shift(source.end)
}

fn both(a: &Range<usize>, b: &Range<usize>) -> Range<usize> {
    let start = a.start.max(b.start);
    start..a.end.min(b.end).max(start)
}

fn push(pieces: &mut Vec<TextPiece>, text: &str, mark: Mark, spoken: bool) {
    if !text.is_empty() {
        pieces.push(TextPiece {
            text: text.to_owned(),
            mark,
            spoken,
        });
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn entry(who: Who, text: &str) -> TranscriptEntry {
        TranscriptEntry {
            who,
            text: text.to_owned(),
        }
    }

    fn shown(row: &TranscriptRow) -> String {
        match row {
            TranscriptRow::Gap => "-".to_owned(),
            TranscriptRow::Label(who) => format!("{who:?}:"),
            TranscriptRow::Words { pieces, .. } => pieces
                .iter()
                .map(|piece| {
                    if piece.spoken {
                        format!("[{}]", piece.text)
                    } else {
                        piece.text.clone()
                    }
                })
                .collect(),
        }
    }

    fn all(entries: &[TranscriptEntry], spoken: Option<&Range<usize>>, fold: Fold) -> Vec<String> {
        rows(entries, spoken, fold).iter().map(shown).collect()
    }

    #[test]
    fn entries_have_labels_and_gaps_where_there_is_room() {
        let entries = [
            entry(Who::Interviewer, "Why **Rust**?"),
            entry(Who::Candidate, "Because *I*\nlike it"),
        ];
        let roomy = all(
            &entries,
            None,
            Fold {
                width: 20,
                roomy: true,
            },
        );
        assert_eq!(
            roomy,
            [
                "Interviewer:",
                "Why Rust?",
                "-",
                "Candidate:",
                "Because *I*",
                "like it"
            ]
        );
        let tight = all(
            &entries,
            None,
            Fold {
                width: 20,
                roomy: false,
            },
        );
        assert_eq!(tight, ["Why Rust?", "Because *I*", "like it"]);
    }

    #[test]
    fn the_spoken_sentence_is_marked_across_rows_and_styles() {
        let text = "Good. Now **tell** me more. End.";
        let spoken = 6..text.find(" End").expect("is there");
        let rows = all(
            &[entry(Who::Interviewer, text)],
            Some(&spoken),
            Fold {
                width: 14,
                roomy: false,
            },
        );
        assert_eq!(rows, ["Good. [Now ][tell][ ]", "[me more.] End."]);
    }

    /// Returns the words of the rows in sight of a conversation that ends with a long reply.
    fn in_sight(spoken: Option<&str>, height: usize, roomy: bool) -> Vec<String> {
        let text = "One one.\n\nTwo two.\n\nThree three.\n\nFour four.\n\nFive five.";
        let entries = [
            entry(Who::Candidate, "So\nit\nis."),
            entry(Who::Interviewer, text),
        ];
        let spoken = spoken.map(|words| {
            let start = text.find(words).expect("it is a part of the reply");
            start..start + words.len()
        });
        let fold = Fold { width: 14, roomy };
        let all = rows(&entries, None, fold);
        let top = reply_top(&all, entries.last(), spoken.as_ref(), fold, height);
        all.iter().skip(top).take(height).map(shown).collect()
    }

    #[rstest]
    #[case::not_spoken(None, 3, &["One one.", "", "Two two."])]
    #[case::its_first_sentence(Some("One one."), 3, &["One one.", "", "Two two."])]
    #[case::a_later_sentence(Some("Three three."), 3, &["", "Three three.", ""])]
    #[case::its_last_sentence(Some("Five five."), 3, &["Four four.", "", "Five five."])]
    #[case::several_rows(Some("Two two.\n\nThree three."), 3, &["Two two.", "", "Three three."])]
    #[case::more_than_fits(Some("Two two.\n\nThree three.\n\nFour four."), 2, &["Two two.", ""])]
    #[case::all_of_it_fits(None, 10, &["is.", "One one.", "", "Two two."])]
    fn a_long_reply_opens_at_its_top_and_follows_its_speech(
        #[case] spoken: Option<&str>,
        #[case] height: usize,
        #[case] expected: &[&str],
    ) {
        let mut rows = in_sight(spoken, height, false);
        rows.truncate(expected.len());
        assert_eq!(rows, expected);
    }

    #[test]
    fn a_long_reply_opens_with_its_label_where_there_is_room_for_labels() {
        assert_eq!(
            in_sight(None, 4, true),
            ["Interviewer:", "One one.", "", "Two two."]
        );
    }

    #[test]
    fn wrapped_list_items_stay_indented() {
        let rows = all(
            &[entry(Who::Interviewer, "- one two three")],
            None,
            Fold {
                width: 10,
                roomy: false,
            },
        );
        assert_eq!(rows, ["• one two ", "  three"]);
    }
}
