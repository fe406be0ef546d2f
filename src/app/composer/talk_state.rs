//! Whether the candidate is being recorded, and what follows when the words are there.

use super::super::turn_id::TurnId;

/// Whether the candidate is being recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum TalkState {
    #[default]
    Quiet,
    Listening {
        utterance: TurnId,
        /// The time it began, in ms.
        since: u64,
        /// The loudness now, 0 to 1.
        level: f32,
        trigger: TalkTrigger,
    },
}

/// How a recording was started, which decides how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TalkTrigger {
    /// The space bar is held, and its release ends the recording.
    Hold,
    /// A key was tapped, and the next tap ends the recording.
    Tap,
}

/// The step that follows when all words are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterWords {
    /// They wait in the draft.
    #[default]
    Edit,
    /// The draft is sent, because Enter was pressed before they came.
    Send,
    /// The question whether to end the interview follows, because F6 was pressed before they came.
    Finish,
}

impl TalkState {
    /// The utterance being recorded.
    pub(crate) fn utterance(self) -> Option<TurnId> {
        match self {
            Self::Quiet => None,
            Self::Listening { utterance, .. } => Some(utterance),
        }
    }
}
