//! What undo and redo go back to.

/// Steps kept; older ones are forgotten.
const STEPS: usize = 200;

/// Earlier and later states of a draft: its text and caret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct History {
    undo: Vec<(String, usize)>,
    redo: Vec<(String, usize)>,
    typing: Typing,
}

/// Letters typed one after the other are one step, up to the end of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Typing {
    #[default]
    Between,
    Word,
    Blank,
}

impl History {
    /// A change is about to be made to this state.
    pub(super) fn remember(&mut self, text: &str, caret: usize) {
        self.undo.push((text.to_owned(), caret));
        if self.undo.len() > STEPS {
            self.undo.remove(0);
        }
        self.redo.clear();
        self.typing = Typing::Between;
    }

    /// `typed` is about to be added to this state: a new step only where a word begins.
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

    /// The caret went elsewhere: what is typed next is a step of its own.
    pub(super) fn end_of_word(&mut self) {
        self.typing = Typing::Between;
    }

    /// The state before the last change, or the given one.
    pub(super) fn undo(&mut self, text: String, caret: usize) -> (String, usize) {
        Self::step(&mut self.undo, &mut self.redo, text, caret)
    }

    /// The state undo came from, or the given one.
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
