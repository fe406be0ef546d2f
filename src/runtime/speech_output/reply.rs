//! One reply on its way to the loudspeaker, sentence by sentence.

use std::collections::VecDeque;

use futures_util::future::{BoxFuture, FutureExt};

use crate::app::action::TurnId;
use crate::interview::Language;
use crate::narrator::sentences::SentenceSplitter;
use crate::narrator::{CachedNarrator, NarratorError, Speech};
use crate::voice::Playback;

/// A sentence being made into sound.
type Synthesis = BoxFuture<'static, Result<Option<Speech>, NarratorError>>;

/// A sentence on its way to the loudspeaker.
#[derive(Clone, Debug)]
pub(super) struct Clip {
    pub(super) index: usize,
    pub(super) text: String,
}

/// A sentence that the loudspeaker has.
pub(super) struct Sounding {
    pub(super) clip: Clip,
    /// Names its sound: a sentence may be made anew.
    pub(super) number: u64,
    /// Held for its side effect: without it the sentence is silent.
    pub(super) _playback: Playback,
}

/// The reply being spoken.
pub(super) struct Reply {
    pub(super) turn: TurnId,
    pub(super) language: Language,
    pub(super) sentences: SentenceSplitter,
    pub(super) written: bool,
    next: usize,
    pub(super) waiting: VecDeque<Clip>,
    pub(super) making: Option<(Clip, Synthesis)>,
    /// The first is being heard.
    pub(super) playing: VecDeque<Sounding>,
    /// It cannot be spoken; that was said once, and what is still to come of it stays silent.
    pub(super) failed: bool,
}

impl Reply {
    pub(super) fn new(turn: TurnId, language: Language) -> Self {
        Self {
            turn,
            language,
            sentences: SentenceSplitter::default(),
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

    pub(super) fn make_next(&mut self, reader: &CachedNarrator) {
        self.making = self.waiting.pop_front().map(|clip| {
            let (reader, text, language) = (reader.clone(), clip.text.clone(), self.language);
            (
                clip,
                async move { reader.speak_markdown(&text, language).await }.boxed(),
            )
        });
    }

    /// What is not heard yet is to be made again: another rate holds from the next sentence on.
    pub(super) fn make_anew(&mut self) {
        let made = self
            .playing
            .drain(self.playing.len().min(1)..)
            .map(|sounding| sounding.clip);
        let mut clips: VecDeque<Clip> = made
            .chain(self.making.take().map(|(clip, _)| clip))
            .collect();
        clips.append(&mut self.waiting);
        self.waiting = clips;
    }

    pub(super) fn is_over(&self) -> bool {
        self.written && self.waiting.is_empty() && self.making.is_none() && self.playing.is_empty()
    }
}
