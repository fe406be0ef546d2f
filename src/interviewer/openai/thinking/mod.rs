//! Keeps a model's thinking from the candidate: nothing of it is shown, spoken or stored.
//!
//! ```text
//! deltas ─► scanner ──── marks removed ───► opening ─► visible text
//!           marker, code                    holds a beginning that reads like thinking
//! ```
//!
//! - A block such as `<think>…</think>` or `[THINK]…[/THINK]`, and every channel but the final one,
//!   is hidden. If it never ends, all of it is hidden.
//! - Before a lone closing tag everything was thinking, because the chat template opened it. What
//!   was already passed on is taken back with [`Visible::restart`]. A model that did so once is held
//!   back until its closing tag from then on.
//! - Special tokens vanish. Where the model goes on with the candidate's turn, its reply has ended.
//! - Code in backticks passes as it is: an interviewer may ask about `<think>`.

mod code;
mod marker;
mod opening;
mod scanner;

use std::mem;

use self::opening::Opening;
use self::scanner::Scanner;

/// What remains of one or more deltas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visible {
    /// True if all text passed on before was thinking and is to be forgotten.
    pub restart: bool,
    pub text: String,
}

/// Removes the thinking from one reply, which may be cut into deltas anywhere.
#[derive(Debug)]
pub struct ThinkingFilter {
    scanner: Scanner,
    hold: Hold,
    /// Text that may turn out to be thinking.
    held: String,
    has_shown: bool,
    thinks_aloud: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hold {
    /// The beginning is not judged yet.
    Undecided,
    /// The text is held until a closing tag or the end.
    UntilClosed,
    /// The text passes.
    Released,
}

impl ThinkingFilter {
    /// Creates the filter of one reply. `thinks_aloud` tells that an earlier reply of the same model
    /// closed its thinking without opening it.
    pub fn new(thinks_aloud: bool) -> Self {
        let hold = if thinks_aloud {
            Hold::UntilClosed
        } else {
            Hold::Undecided
        };
        Self {
            scanner: Scanner::new(),
            hold,
            held: String::new(),
            has_shown: false,
            thinks_aloud,
        }
    }

    /// Returns what the candidate may see after `delta`.
    pub fn feed(&mut self, delta: &str) -> Visible {
        let visible = self.scanner.feed(delta);
        self.pass(visible)
    }

    /// Returns the rest of the reply.
    pub fn finish(&mut self) -> Visible {
        let visible = self.scanner.finish();
        let mut visible = self.pass(visible);
        visible.text.push_str(&self.release());
        visible
    }

    /// Returns whether the model closed its thinking without opening it.
    pub fn thinks_aloud(&self) -> bool {
        self.thinks_aloud
    }

    /// Returns whether thinking was removed.
    pub fn has_hidden(&self) -> bool {
        self.scanner.has_hidden
    }

    fn pass(&mut self, Visible { restart, text }: Visible) -> Visible {
        let restart = restart && self.restart();
        self.held.push_str(&text);
        self.drop_unmarked_channels();
        if self.hold == Hold::Undecided {
            self.hold = match opening::judge(&self.held) {
                Opening::Undecided => Hold::Undecided,
                Opening::Thinking => Hold::UntilClosed,
                Opening::Speech => Hold::Released,
            };
        }
        let text = if self.hold == Hold::Released || self.has_hidden() {
            self.release()
        } else {
            String::new()
        };
        Visible { restart, text }
    }

    /// Forgets the text so far. Returns whether any of it was passed on.
    fn restart(&mut self) -> bool {
        self.thinks_aloud = true;
        self.held.clear();
        self.hold = Hold::Released;
        mem::take(&mut self.has_shown)
    }

    /// Some servers remove the marks between channels and leave their names.
    fn drop_unmarked_channels(&mut self) {
        const FINAL: &str = "assistantfinal";
        if self.hold == Hold::Released || !self.held.starts_with("analysis") {
            return;
        }
        if let Some(at) = self.held.find(FINAL) {
            self.held.drain(..at + FINAL.len());
            self.hold = Hold::Released;
        }
    }

    fn release(&mut self) -> String {
        self.has_shown |= !self.held.is_empty();
        mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests;
