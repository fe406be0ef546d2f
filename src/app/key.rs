//! Keys as the app knows them, independent of any terminal library.

/// The key itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    Char(char),
    /// F1 to F12.
    F(u8),
    Enter,
    Esc,
    Tab,
    /// Shift and Tab together.
    BackTab,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
}

/// The kinds of key event that a terminal reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    Press,
    /// The key is held. Not every terminal can tell.
    Repeat,
    /// The key came up. Not every terminal can tell.
    Release,
}

/// A key event, with its time, so that `update` needs no clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub code: Code,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
    pub phase: Phase,
    /// The time of the event on the runtime's clock, in ms.
    pub at: u64,
}
