//! Questions with two answers.

use super::setup::{ConsentQuestion, ModelOffer};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// May the answers leave this machine? First: no.
    Consent(ConsentQuestion),
    /// Download a speech model? First: yes.
    Model(ModelOffer),
    /// Where to keep the token without a keyring; why there is none. First: in memory.
    NoKeyring(String),
    /// End the interview now? First: yes.
    Finish,
}

/// Which answer is marked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pick {
    /// The one on top.
    #[default]
    First,
    /// The one below.
    Second,
}

impl Question {
    /// The answer that a letter or digit gives.
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
