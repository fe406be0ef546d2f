//! One reply on its way to the loudspeaker, sentence by sentence.

use std::collections::VecDeque;

use futures_util::future::{BoxFuture, FutureExt};

use crate::app::action::TurnId;
use crate::interview::Language;
use crate::narrator::sentences::{Sentences, speakable};
use crate::narrator::{Narrator, NarratorError, Speech};

/// A sentence being made into sound.
pub(super) type Synthesis = BoxFuture<'static, (Clip, Result<Option<Speech>, NarratorError>)>;

/// A sentence on its way to the loudspeaker.
#[derive(Clone, Debug)]
pub(super) struct Clip {
    pub(super) index: usize,
    pub(super) text: String,
}

/// The reply being spoken.
pub(super) struct Reply {
    pub(super) turn: TurnId,
    pub(super) language: Language,
    pub(super) sentences: Sentences,
    pub(super) written: bool,
    pub(super) next: usize,
    pub(super) waiting: VecDeque<Clip>,
    pub(super) making: Option<Synthesis>,
    pub(super) playing: VecDeque<Clip>,
    /// It cannot be spoken; that was said once, and what is still to come of it stays silent.
    pub(super) failed: bool,
}

pub(super) fn synthesis(narrator: Narrator, clip: Clip, language: Language) -> Synthesis {
    async move {
        let text = speakable(&clip.text, language);
        let made = narrator.speak(&text, language).await;
        (clip, made)
    }
    .boxed()
}

impl Reply {
    pub(super) fn new(turn: TurnId, language: Language) -> Self {
        Self {
            turn,
            language,
            sentences: Sentences::default(),
            written: false,
            next: 0,
            waiting: VecDeque::new(),
            making: None,
            playing: VecDeque::new(),
            failed: false,
        }
    }

    pub(super) fn take_index(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    /// More of it; nothing where it cannot be spoken.
    pub(super) fn add(&mut self, sentences: impl IntoIterator<Item = String>) {
        if self.failed {
            return;
        }
        for text in sentences {
            let index = self.take_index();
            self.waiting.push_back(Clip { index, text });
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.written && self.waiting.is_empty() && self.making.is_none() && self.playing.is_empty()
    }
}
