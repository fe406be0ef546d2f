//! One reply on its way to the loudspeaker, sentence by sentence.

use std::collections::VecDeque;

use futures_util::future::{BoxFuture, FutureExt};

use crate::app::action::TurnId;
use crate::interview::Language;
use crate::narrator::sentences::SentenceSplitter;
use crate::narrator::{CachedNarrator, NarratorError, Speech};
use crate::voice::Playback;

/// The narrator's work on one sentence; it yields `None` for a sentence without anything to say.
type Synthesis = BoxFuture<'static, Result<Option<Speech>, NarratorError>>;

/// A sentence of a reply, with its place in it.
#[derive(Clone, Debug)]
pub(super) struct Sentence {
    pub(super) index: usize,
    pub(super) text: String,
}

/// A sentence that was handed to the loudspeaker.
pub(super) struct QueuedSentence {
    pub(super) sentence: Sentence,
    /// Tells two sounds of one sentence apart, which may be synthesised twice.
    pub(super) clip: u64,
    /// Keeps the sentence audible: dropping it silences the sentence.
    pub(super) _playback: Playback,
}

/// The reply being spoken.
pub(super) struct Reply {
    pub(super) turn: TurnId,
    pub(super) language: Language,
    pub(super) sentences: SentenceSplitter,
    /// No more text comes.
    pub(super) complete: bool,
    next_index: usize,
    pub(super) waiting: VecDeque<Sentence>,
    pub(super) synthesis: Option<(Sentence, Synthesis)>,
    /// The first of them is the one that sounds.
    pub(super) queued: VecDeque<QueuedSentence>,
    /// The reply cannot be spoken. That was reported once; what is still to come stays silent.
    pub(super) failed: bool,
}

impl Reply {
    pub(super) fn new(turn: TurnId, language: Language) -> Self {
        Self {
            turn,
            language,
            sentences: SentenceSplitter::default(),
            complete: false,
            next_index: 0,
            waiting: VecDeque::new(),
            synthesis: None,
            queued: VecDeque::new(),
            failed: false,
        }
    }

    /// Returns the place of the next sentence.
    pub(super) fn next_index(&mut self) -> usize {
        self.next_index += 1;
        self.next_index - 1
    }

    /// Adds sentences, unless the reply cannot be spoken.
    pub(super) fn add(&mut self, sentences: impl IntoIterator<Item = String>) {
        if self.failed {
            return;
        }
        for text in sentences {
            let index = self.next_index();
            self.waiting.push_back(Sentence { index, text });
        }
    }

    pub(super) fn start_next_synthesis(&mut self, narrator: &CachedNarrator) {
        let Some(sentence) = self.waiting.pop_front() else {
            return;
        };
        let narrator = narrator.clone();
        let text = sentence.text.clone();
        let language = self.language;
        let synthesis = async move { narrator.speak_markdown(&text, language).await }.boxed();
        self.synthesis = Some((sentence, synthesis));
    }

    /// Queues everything behind the sentence that sounds for another synthesis, at another rate.
    pub(super) fn restart_synthesis(&mut self) {
        let behind_the_first = self.queued.len().min(1);
        let queued = self.queued.drain(behind_the_first..);
        let mut sentences: VecDeque<Sentence> = queued.map(|queued| queued.sentence).collect();
        sentences.extend(self.synthesis.take().map(|(sentence, _)| sentence));
        sentences.append(&mut self.waiting);
        self.waiting = sentences;
    }

    pub(super) fn is_over(&self) -> bool {
        self.complete
            && self.waiting.is_empty()
            && self.synthesis.is_none()
            && self.queued.is_empty()
    }
}
