//! Separates what the model says from its thinking, mark by mark.

use std::mem;

use super::Visible;
use super::code::{self, CodeScan, Fence, LineScan};
use super::marker::{self, Marker, STARTS, Scan};

/// Where in the output of a model the scanner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Speech,
    /// A code block, whose text passes unread.
    Block(Fence),
    /// A block of thinking, up to its closing tag.
    Thinking,
    /// A channel that is not for the candidate.
    Channel,
    /// A turn of somebody else that the model repeats before its own.
    OtherTurn,
    /// The user's part of a prompt, up to `[/INST]`.
    Instruction,
    /// The name of a role, channel or format follows.
    Header(Header),
    /// The model went on to write the candidate's turn. Nothing after it is for anybody.
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Header {
    Role,
    Channel,
    Format,
}

/// Reads the output of a model in pieces of any size.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the text so far, not a state of the scanner"
)]
pub(super) struct Scanner {
    /// Text that may be the beginning of a mark.
    pending: String,
    mode: Mode,
    at_line_start: bool,
    /// True once something was said since the last restart.
    has_spoken: bool,
    pub(super) has_hidden: bool,
    in_wrapper: bool,
    in_struck_out: bool,
    /// True after `</s>`, which another `<s>` may follow.
    had_sequence_end: bool,
    had_final_channel: bool,
    /// The text of [`Mode::Instruction`], which is the reply if there is no other.
    instruction: String,
    visible: Visible,
}

impl Scanner {
    pub(super) fn new() -> Self {
        Self {
            pending: String::new(),
            mode: Mode::Speech,
            at_line_start: true,
            has_spoken: false,
            has_hidden: false,
            in_wrapper: false,
            in_struck_out: false,
            had_sequence_end: false,
            had_final_channel: false,
            instruction: String::new(),
            visible: Visible::default(),
        }
    }

    pub(super) fn feed(&mut self, delta: &str) -> Visible {
        self.pending.push_str(delta);
        while self.step(false) {}
        mem::take(&mut self.visible)
    }

    /// Reads what was pending. A mark that did not become whole is text.
    pub(super) fn finish(&mut self) -> Visible {
        while self.step(true) {}
        if !self.has_spoken && !self.has_hidden {
            let instruction = mem::take(&mut self.instruction);
            self.say(instruction.trim_end());
        }
        mem::take(&mut self.visible)
    }

    /// Reads the next part of the pending text. Returns false if more text has to come.
    fn step(&mut self, is_last: bool) -> bool {
        if self.pending.is_empty() {
            return false;
        }
        match self.mode {
            Mode::Speech => self.speech(is_last),
            Mode::Block(fence) => self.block(fence, is_last),
            Mode::Thinking | Mode::Channel | Mode::OtherTurn | Mode::Instruction => {
                self.hidden(is_last)
            }
            Mode::Header(header) => self.header(header, is_last),
            Mode::Ended => {
                self.pending.clear();
                false
            }
        }
    }

    fn speech(&mut self, is_last: bool) -> bool {
        let is_code = |c| matches!(c, '`' | '~');
        let next = self.pending.find(|c| is_code(c) || STARTS.contains(&c));
        match next {
            Some(0) if self.pending.starts_with(is_code) => self.code(is_last),
            Some(0) => self.mark(is_last),
            next => {
                let text = self.take(next.unwrap_or(self.pending.len()));
                self.say(&text);
                true
            }
        }
    }

    fn code(&mut self, is_last: bool) -> bool {
        match code::scan(&self.pending, self.at_line_start, is_last) {
            CodeScan::Incomplete => return false,
            CodeScan::Text(length) | CodeScan::Inline(length) => {
                let text = self.take(length);
                self.say(&text);
            }
            CodeScan::Block(length, fence) => {
                let text = self.take(length);
                self.say(&text);
                self.mode = Mode::Block(fence);
            }
        }
        true
    }

    fn block(&mut self, fence: Fence, is_last: bool) -> bool {
        if self.at_line_start {
            match fence.scan_line(&self.pending, is_last) {
                LineScan::Incomplete => return false,
                LineScan::Code => {}
                LineScan::Closing(length) => {
                    let text = self.take(length);
                    self.say(&text);
                    self.mode = Mode::Speech;
                    return true;
                }
            }
        }
        let line = self.pending.find('\n').map(|end| end + 1);
        let text = self.take(line.unwrap_or(self.pending.len()));
        self.say(&text);
        true
    }

    fn mark(&mut self, is_last: bool) -> bool {
        match marker::scan(&self.pending) {
            Scan::Incomplete if !is_last => return false,
            Scan::Incomplete | Scan::Text => self.say_first_character(),
            Scan::Found { marker, length } => {
                let written = self.take(length);
                self.apply(marker, &written);
            }
        }
        true
    }

    fn hidden(&mut self, is_last: bool) -> bool {
        let text = self.take(self.pending.find(STARTS).unwrap_or(self.pending.len()));
        self.hide(&text);
        match marker::scan(&self.pending) {
            _ if self.pending.is_empty() => return false,
            Scan::Incomplete if !is_last => return false,
            Scan::Incomplete | Scan::Text => {
                let text = self.take_character();
                self.hide(&text);
            }
            Scan::Found { marker, length } => {
                self.take(length);
                self.apply_hidden(marker);
            }
        }
        true
    }

    fn hide(&mut self, text: &str) {
        if self.mode == Mode::Instruction {
            self.instruction.push_str(text);
        }
    }

    fn apply(&mut self, marker: Marker, written: &str) {
        match marker {
            Marker::ThinkingStart => self.enter_hidden(Mode::Thinking),
            Marker::ThinkingEnd => self.restart(),
            Marker::RoleFollows => self.mode = Mode::Header(Header::Role),
            Marker::ChannelFollows => self.mode = Mode::Header(Header::Channel),
            Marker::FormatFollows => self.mode = Mode::Header(Header::Format),
            Marker::OtherTurn => self.other_turn(),
            Marker::InstructionStart if self.has_spoken => self.mode = Mode::Ended,
            Marker::InstructionStart => self.mode = Mode::Instruction,
            Marker::WrapperStart if !self.has_spoken => self.in_wrapper = true,
            Marker::WrapperEnd if self.in_wrapper => self.in_wrapper = false,
            Marker::SequenceStart if self.has_spoken && !self.had_sequence_end => {
                self.in_struck_out = true;
                self.say(written);
            }
            Marker::SequenceEnd if self.in_struck_out => {
                self.in_struck_out = false;
                self.say(written);
            }
            Marker::SequenceEnd => self.had_sequence_end = true,
            Marker::WrapperStart | Marker::WrapperEnd => self.say(written),
            Marker::AssistantTurn
            | Marker::MessageEnd
            | Marker::InstructionEnd
            | Marker::SequenceStart
            | Marker::Stray => {}
        }
    }

    fn apply_hidden(&mut self, marker: Marker) {
        match (self.mode, marker) {
            (Mode::Thinking, Marker::ThinkingEnd)
            | (Mode::Channel, Marker::MessageEnd | Marker::AssistantTurn)
            | (
                Mode::OtherTurn | Mode::Instruction,
                Marker::AssistantTurn | Marker::InstructionEnd,
            ) => {
                self.mode = Mode::Speech;
            }
            (Mode::Thinking, _) => {}
            (_, Marker::RoleFollows) => self.mode = Mode::Header(Header::Role),
            (_, Marker::ChannelFollows) => self.mode = Mode::Header(Header::Channel),
            _ => {}
        }
    }

    /// Reads a name after a mark, and the recipient that may follow it, as in `assistant to=tool`.
    fn header(&mut self, header: Header, is_last: bool) -> bool {
        let Some((name, length)) = header_name(&self.pending, is_last) else {
            return false;
        };
        self.mode = Mode::Speech;
        match (header, name.as_str()) {
            (Header::Role, "assistant" | "model" | "ai" | "bot" | "gpt") | (Header::Format, _) => {}
            (
                Header::Role,
                "user" | "human" | "system" | "tool" | "developer" | "function" | "ipython"
                | "observation" | "environment",
            ) => self.other_turn(),
            // The mark was a stray one, and what follows is speech.
            (Header::Role, _) => return true,
            (Header::Channel, "final" | "answer" | "response") => self.final_channel(),
            (Header::Channel, _) => self.enter_hidden(Mode::Channel),
        }
        self.take(length);
        true
    }

    fn final_channel(&mut self) {
        if !self.had_final_channel {
            self.restart();
        }
        self.had_final_channel = true;
    }

    fn enter_hidden(&mut self, mode: Mode) {
        self.mode = mode;
        self.has_hidden = true;
    }

    fn other_turn(&mut self) {
        self.mode = if self.has_spoken {
            Mode::Ended
        } else {
            Mode::OtherTurn
        };
    }

    /// Everything so far was thinking.
    fn restart(&mut self) {
        self.has_hidden = true;
        if self.has_spoken {
            self.visible = Visible {
                restart: true,
                text: String::new(),
            };
            self.has_spoken = false;
            self.in_struck_out = false;
        }
    }

    fn say_first_character(&mut self) {
        let text = self.take_character();
        self.say(&text);
    }

    /// Passes text on, without the white space before the first word.
    fn say(&mut self, text: &str) {
        match text.rsplit_once('\n') {
            Some((_, line)) => self.at_line_start = line.trim().is_empty(),
            None => self.at_line_start &= text.trim().is_empty(),
        }
        let text = if self.has_spoken {
            text
        } else {
            text.trim_start()
        };
        self.has_spoken |= !text.is_empty();
        self.visible.text.push_str(text);
    }

    fn take(&mut self, length: usize) -> String {
        self.pending.drain(..length).collect()
    }

    fn take_character(&mut self) -> String {
        let length = self.pending.chars().next().map_or(0, char::len_utf8);
        self.take(length)
    }
}

/// Returns the name at the beginning of `text` and its length with the recipient; `None` if more
/// text has to come.
fn header_name(text: &str, is_last: bool) -> Option<(String, usize)> {
    let trimmed = text.trim_start_matches(' ');
    let word = trimmed
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(trimmed.len());
    let (name, rest) = trimmed.split_at(word);
    let recipient = if " to=".starts_with(rest) && !is_last {
        return None;
    } else if rest.starts_with(" to=") {
        match rest[1..].find(['<', ' ', '\n']) {
            Some(end) => end + 1,
            None if is_last => rest.len(),
            None => return None,
        }
    } else {
        0
    };
    let length = text.len() - rest.len() + recipient;
    Some((name.to_ascii_lowercase(), length))
}
