//! How the talk keys behave in this terminal.
//!
//! Not every terminal reports key releases, and the auto-repeat of a held key must not look like
//! taps.

/// Presses closer together come from a held key, in ms: the slowest common repeat rate is 15 a
/// second.
const REPEAT_GAP: u64 = 100;

/// A held key starts to repeat within this time, in ms (X11 waits longest, 660). A second press
/// before that is no tap.
const REPEAT_DELAY: u64 = 700;

/// The state of the talk keys. All times are in ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TalkKeys {
    /// The terminal reports releases.
    Hold {
        /// Whether the space bar that talked is still down.
        swallowed: bool,
        /// The time it was last seen, in ms.
        seen: Option<u64>,
    },
    /// The terminal does not: a tap starts, and a tap stops.
    Tap {
        /// The time a talk key was last seen, in ms; a held one repeats.
        seen: Option<u64>,
        /// The time a talk key last did something, in ms.
        acted: Option<u64>,
        /// A press soon after that: a second tap, unless more presses follow as from a held key.
        doubtful: Option<u64>,
    },
}

/// The meaning of a press of a talk key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    Tap,
    /// The key is held, or may be held.
    Repeat,
}

impl Default for TalkKeys {
    fn default() -> Self {
        Self::Tap {
            seen: None,
            acted: None,
            doubtful: None,
        }
    }
}

impl TalkKeys {
    pub(in super::super) fn new(releases_reported: bool) -> Self {
        if releases_reported {
            Self::Hold {
                swallowed: false,
                seen: None,
            }
        } else {
            Self::default()
        }
    }

    /// Whether a press may have been a tap, which only time can tell.
    pub(in super::super) fn is_doubtful(self) -> bool {
        matches!(
            self,
            Self::Tap {
                doubtful: Some(_),
                ..
            }
        )
    }

    pub(in super::super) fn released(&mut self) {
        *self = Self::new(true);
    }

    /// Whether a press is a repeat that the terminal reports as a press, though it reports
    /// releases. A press long after the last one means that the release was lost.
    pub(in super::super) fn is_plain_repeat(self, at: u64) -> bool {
        match self {
            Self::Hold { seen, .. } => within(seen, at, REPEAT_DELAY),
            Self::Tap { .. } => false,
        }
    }

    /// Says what a press is, in a terminal that cannot tell taps from a held key.
    pub(in super::super) fn tap(&mut self, at: u64) -> Press {
        let Self::Tap {
            seen,
            acted,
            doubtful,
        } = self
        else {
            return Press::Tap;
        };
        let held = within(*seen, at, REPEAT_GAP);
        let soon = within(*acted, at, REPEAT_DELAY);
        *seen = Some(at);
        *doubtful = (soon && !held).then_some(at);
        if held || soon {
            return Press::Repeat;
        }
        *acted = Some(at);
        Press::Tap
    }

    /// Returns whether a doubtful press is a tap after all, because no other followed it.
    pub(in super::super) fn settle(&mut self, now: u64) -> bool {
        let Self::Tap {
            acted, doubtful, ..
        } = self
        else {
            return false;
        };
        let settled = doubtful.take_if(|at| now.saturating_sub(*at) > REPEAT_GAP);
        if settled.is_some() {
            *acted = settled;
        }
        settled.is_some()
    }

    /// Notes that another key was pressed: no talk key is held, and the next press of one is a tap,
    /// however soon. Returns whether a doubtful press is a tap after all.
    pub(in super::super) fn other_key(&mut self) -> bool {
        let was_doubtful = self.is_doubtful();
        if let Self::Tap { .. } = self {
            *self = Self::default();
        }
        was_doubtful
    }
}

fn within(earlier: Option<u64>, at: u64, time: u64) -> bool {
    earlier.is_some_and(|earlier| at.saturating_sub(earlier) < time)
}
