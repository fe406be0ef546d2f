//! Questions with two answers.

use super::setup::{ConsentQuestion, ModelOffer};

/// A question with two answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// May the answers leave this machine? The first answer is no.
    Consent(ConsentQuestion),
    /// Download a speech model? The first answer is yes.
    Model(ModelOffer),
    /// Where should the token be stored, as there is no keyring for this reason? The first answer
    /// is in memory.
    NoKeyring(String),
    /// End the interview now? The first answer is yes.
    Finish,
}

/// One of the two answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// The answer on top.
    #[default]
    First,
    Second,
}

impl Question {
    /// Returns the answer that a letter or digit gives.
    pub(super) fn shortcut(&self, letter: char) -> Option<Pick> {
        let yes = if matches!(self, Self::Consent(_)) {
            Pick::Second
        } else {
            Pick::First
        };
        match letter {
            '1' => Some(Pick::First),
            '2' => Some(Pick::Second),
            'y' if !matches!(self, Self::NoKeyring(_)) => Some(yes),
            'n' if !matches!(self, Self::NoKeyring(_)) => Some(yes.other()),
            _ => None,
        }
    }
}

impl Pick {
    pub(super) fn other(self) -> Self {
        if self == Self::First {
            Self::Second
        } else {
            Self::First
        }
    }
}
