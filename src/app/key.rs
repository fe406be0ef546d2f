//! Keys as the app knows them, free of any terminal library.

/// One key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// Text.
    Char(char),
    /// F1…F12.
    F(u8),
    /// Others by name.
    Enter,
    /// Others by name.
    Esc,
    /// Others by name.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Others by name.
    Backspace,
    /// Others by name.
    Delete,
    /// Others by name.
    Left,
    /// Others by name.
    Right,
    /// Others by name.
    Up,
    /// Others by name.
    Down,
    /// Others by name.
    Home,
    /// Others by name.
    End,
    /// Others by name.
    PageUp,
    /// Others by name.
    PageDown,
}

/// What happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Went down.
    Press,
    /// Is held; sent by terminals that can tell.
    Repeat,
    /// Came up; sent by terminals that can tell.
    Release,
}

/// A key event. Times are milliseconds on the runtime's clock, so that `update` needs none of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Which.
    pub code: Code,
    /// Held.
    pub ctrl: bool,
    /// Held.
    pub alt: bool,
    /// Held.
    pub shift: bool,
    /// What happened.
    pub phase: Phase,
    /// When, in ms.
    pub at: u64,
}
