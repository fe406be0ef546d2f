//! The text being written, edited by graphemes, with undo and the rows it takes on the screen.

use std::collections::BTreeMap;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::super::wrap;
use super::history::History;
use crate::printable::printable;

/// Editable text. The caret is a byte offset that always lies between two graphemes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    text: String,
    caret: usize,
    /// Where words that are still to come will stand, by the number of their utterance. They stay
    /// there, whatever is written before or behind them meanwhile.
    marks: BTreeMap<u64, usize>,
    history: History,
}

/// One editing command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edit {
    Left,
    Right,
    WordLeft,
    WordRight,
    /// Goes to the start of the line.
    Home,
    /// Goes to the end of the line.
    End,
    /// Goes one row up, as rows are on the screen.
    Up,
    Down,
    Backspace,
    Delete,
    /// Deletes back to the start of the word.
    DeleteWord,
    /// Deletes everything; undo brings it back.
    Clear,
    /// Inserts a line break.
    Break,
    Undo,
    Redo,
}

impl Draft {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the byte offset of the caret.
    pub fn caret(&self) -> usize {
        self.caret
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Replaces the text and puts the caret behind it. The change can be undone.
    pub fn set(&mut self, text: &str) {
        self.remember();
        self.text = clean(text);
        self.caret = self.text.len();
        self.marks.values_mut().for_each(|mark| *mark = self.caret);
    }

    /// Takes the text out. Nothing can be undone afterwards.
    pub fn take(&mut self) -> String {
        std::mem::take(self).text
    }

    /// Inserts one typed character.
    pub fn type_char(&mut self, typed: char) {
        let mut bytes = [0; 4];
        self.history.typing(typed, &self.text, self.caret);
        self.put(typed.encode_utf8(&mut bytes));
    }

    /// Inserts pasted text as one step.
    pub fn insert(&mut self, text: &str) {
        self.remember();
        self.put(&clean(text));
    }

    /// Marks the caret as the place of an utterance's words. Utterances are numbered in the order
    /// in which they are spoken.
    pub fn mark(&mut self, utterance: u64) {
        self.marks.insert(utterance, self.caret);
    }

    /// Inserts the words of an utterance at its mark, or else at the caret, with a blank between
    /// them and their neighbours. Returns where they end, in bytes.
    pub fn insert_words(&mut self, utterance: u64, words: &str) -> usize {
        let at = self.marks.remove(&utterance).unwrap_or(self.caret);
        let before = self.text[..at]
            .chars()
            .next_back()
            .is_some_and(|c| !c.is_whitespace());
        let after = self.text[at..]
            .chars()
            .next()
            .is_some_and(|c| !c.is_whitespace());
        let blank = |wanted| if wanted { " " } else { "" };
        let text = clean(&format!(
            "{}{}{}",
            blank(before),
            words.trim(),
            blank(after)
        ));
        self.remember();
        self.text.insert_str(at, &text);
        let behind = |other: u64, mark: usize| mark > at || (mark == at && other > utterance);
        self.marks
            .iter_mut()
            .filter(|(other, mark)| behind(**other, **mark))
            .for_each(|(_, mark)| *mark += text.len());
        if self.caret >= at {
            self.caret += text.len();
        }
        self.snap();
        at + text.len() - usize::from(after)
    }

    /// Carries out an edit. The rows on the screen are `width` columns wide.
    pub fn edit(&mut self, edit: Edit, width: usize) {
        match edit {
            Edit::Left => self.caret = self.before(self.caret),
            Edit::Right => self.caret = self.after(self.caret),
            Edit::WordLeft => self.caret = self.word_start(),
            Edit::WordRight => self.caret = self.word_end(),
            Edit::Home => self.caret = self.text[..self.caret].rfind('\n').map_or(0, |at| at + 1),
            Edit::End => {
                self.caret = self.text[self.caret..]
                    .find('\n')
                    .map_or(self.text.len(), |at| self.caret + at);
            }
            Edit::Up => self.move_rows(-1, width),
            Edit::Down => self.move_rows(1, width),
            Edit::Backspace => self.delete(self.before(self.caret)..self.caret),
            Edit::Delete => self.delete(self.caret..self.after(self.caret)),
            Edit::DeleteWord => self.delete(self.word_start()..self.caret),
            Edit::Clear => self.delete(0..self.text.len()),
            Edit::Break => self.insert("\n"),
            Edit::Undo => self.restore(History::undo),
            Edit::Redo => self.restore(History::redo),
        }
        if !matches!(edit, Edit::Undo | Edit::Redo) {
            self.history.end_of_word();
        }
        // The start of a word is sought in the text before the caret alone, which can split a flag.
        self.snap();
    }

    /// Returns the byte ranges of the rows at `width` columns.
    pub fn rows(&self, width: usize) -> Vec<Range<usize>> {
        wrap::text(&self.text, width.max(1))
    }

    /// Returns the row and column of the caret at `width` columns, both from 0.
    pub fn position(&self, width: usize) -> (usize, usize) {
        let rows = self.rows(width);
        let row = rows
            .iter()
            .rposition(|row| row.start <= self.caret)
            .unwrap_or(0);
        (
            row,
            wrap::columns(&self.text[rows[row].start..self.caret]).min(width),
        )
    }

    /// Inserts text at the caret. Words still to come stay before what is typed in their place.
    fn put(&mut self, text: &str) {
        self.text.insert_str(self.caret, text);
        let caret = self.caret;
        self.marks
            .values_mut()
            .filter(|mark| **mark > caret)
            .for_each(|mark| *mark += text.len());
        self.caret += text.len();
        self.snap();
    }

    fn delete(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        self.remember();
        self.caret = range.start;
        for mark in self.marks.values_mut() {
            *mark = if *mark >= range.end {
                *mark - range.len()
            } else {
                range.start.min(*mark)
            };
        }
        self.text.replace_range(range, "");
        self.snap();
    }

    /// Moves the caret to a grapheme boundary. A change can join what lies around the caret into
    /// one grapheme, as when an accent meets its letter.
    fn snap(&mut self) {
        let next = self.boundaries().find(|at| *at >= self.caret);
        self.caret = next.unwrap_or(self.text.len());
    }

    fn before(&self, at: usize) -> usize {
        self.boundaries()
            .take_while(|boundary| *boundary < at)
            .last()
            .unwrap_or(0)
    }

    fn after(&self, at: usize) -> usize {
        self.boundaries()
            .find(|boundary| *boundary > at)
            .unwrap_or(self.text.len())
    }

    /// Returns where graphemes begin, counted from the start each time, because flags and joined
    /// emoji depend on all that is before them.
    fn boundaries(&self) -> impl Iterator<Item = usize> {
        self.text.grapheme_indices(true).map(|(at, _)| at)
    }

    fn word_start(&self) -> usize {
        let words = self.text[..self.caret].split_word_bound_indices().rev();
        words
            .into_iter()
            .find(|(_, word)| !word.trim().is_empty())
            .map_or(0, |(at, _)| at)
    }

    fn word_end(&self) -> usize {
        let mut words = self.text[self.caret..].split_word_bound_indices();
        let end = words
            .find(|(_, word)| !word.trim().is_empty())
            .map(|(at, word)| self.caret + at + word.len());
        end.unwrap_or(self.text.len())
    }

    fn move_rows(&mut self, by: isize, width: usize) {
        let rows = self.rows(width);
        let (row, column) = self.position(width);
        let Some(target) = row
            .checked_add_signed(by)
            .and_then(|target| rows.get(target))
        else {
            self.caret = if by < 0 { 0 } else { self.text.len() };
            return;
        };
        self.caret = target.start + within(&self.text[target.clone()], column);
        let last = rows
            .get(row.saturating_add_signed(by) + 1)
            .is_none_or(|next| next.start > target.end);
        // The end of a wrapped row is the start of the next one, so the caret stays before it.
        if !last && self.caret == target.end && !target.is_empty() {
            self.caret = self.before(self.caret);
        }
    }

    fn remember(&mut self) {
        self.history.remember(&self.text, self.caret);
    }

    fn restore(&mut self, step: fn(&mut History, String, usize) -> (String, usize)) {
        let text = std::mem::take(&mut self.text);
        (self.text, self.caret) = step(&mut self.history, text, self.caret);
        // The places of words to come are not known in another text.
        self.marks.values_mut().for_each(|mark| *mark = self.caret);
    }
}

/// Returns the byte offset of the grapheme that covers `column`, or the end.
fn within(text: &str, column: usize) -> usize {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += wrap::columns(grapheme);
        if used > column {
            return at;
        }
    }
    text.len()
}

/// Cleans text for a draft: line breaks stay, tabs become blanks, what a terminal acts on goes.
fn clean(text: &str) -> String {
    printable(text).replace('\t', "    ")
}

#[cfg(test)]
mod tests;
