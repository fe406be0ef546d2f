//! The transcript, and how it is wrapped into rows.

use std::ops::Range;

use super::markdown::{self, Mark, MarkedLine};
use super::wrap;

/// The two people in an interview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Interviewer,
    Candidate,
}

/// One thing that somebody said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptEntry {
    pub who: Who,
    /// Markdown from the interviewer, plain text from the candidate.
    pub text: String,
}

/// Whether the newest row stays in sight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scroll {
    #[default]
    Follow,
    /// This row, counted from 0, is the topmost one.
    Top(usize),
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
