//! The words of an utterance that is still being spoken or transcribed.

use super::super::turn_id::TurnId;

/// The words of one utterance so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LiveWords {
    pub(super) utterance: TurnId,
    /// The words that stay.
    pub(super) stable: String,
    /// The words after them, which may still change.
    pub(super) provisional: String,
}

impl LiveWords {
    pub(super) fn text(&self) -> String {
        [self.stable.as_str(), self.provisional.as_str()]
            .map(str::trim)
            .join(" ")
            .trim()
            .to_owned()
    }
}
