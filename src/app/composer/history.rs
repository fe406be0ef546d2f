//! The undo history of a draft.

/// The number of undo steps that are kept.
const STEPS: usize = 200;

/// The earlier and later states of a draft, each with its text and caret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct History {
    undo: Vec<(String, usize)>,
    redo: Vec<(String, usize)>,
    typing: Typing,
}

/// What was typed last. The letters of a word are one step together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Typing {
    #[default]
    Between,
    Word,
    Blank,
}

impl History {
    /// Stores the state that is about to be changed.
    pub(super) fn remember(&mut self, text: &str, caret: usize) {
        self.undo.push((text.to_owned(), caret));
        if self.undo.len() > STEPS {
            self.undo.remove(0);
        }
        self.redo.clear();
        self.typing = Typing::Between;
    }

    /// Stores the state to which `typed` is about to be added, if a word begins there.
    pub(super) fn typing(&mut self, typed: char, text: &str, caret: usize) {
        let next = if typed.is_whitespace() {
            Typing::Blank
        } else {
            Typing::Word
        };
        if self.typing == Typing::Between || (self.typing == Typing::Blank && next == Typing::Word)
        {
            self.remember(text, caret);
        }
        self.redo.clear();
        self.typing = next;
    }

    /// Ends the step, because the caret moved.
    pub(super) fn end_of_word(&mut self) {
        self.typing = Typing::Between;
    }

    /// Returns the state before the last change, or the given one.
    pub(super) fn undo(&mut self, text: String, caret: usize) -> (String, usize) {
        Self::step(&mut self.undo, &mut self.redo, text, caret)
    }

    /// Returns the state that undo came from, or the given one.
    pub(super) fn redo(&mut self, text: String, caret: usize) -> (String, usize) {
        Self::step(&mut self.redo, &mut self.undo, text, caret)
    }

    fn step(
        from: &mut Vec<(String, usize)>,
        to: &mut Vec<(String, usize)>,
        text: String,
        caret: usize,
    ) -> (String, usize) {
        let Some(state) = from.pop() else {
            return (text, caret);
        };
        to.push((text, caret));
        state
    }
}
