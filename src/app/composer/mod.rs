//! The answer being put together from typed and spoken words.
//!
//! The composer outlives screens: what is not sent is never lost. Words that are still being spoken
//! or transcribed are shown where they will stand, but are not part of the draft yet, so that
//! calling an utterance off leaves no trace of it.

pub mod draft;
mod history;
mod live_words;
pub mod talk_state;

use std::ops::Range;

use super::turn_id::TurnId;
use crate::interview::{Answer, Span, Spoken};
use draft::Draft;
use live_words::LiveWords;
use talk_state::{AfterWords, TalkState, TalkTrigger};

/// The draft, how its spoken part was spoken, and the utterances whose words are still to come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Composer {
    pub(crate) draft: Draft,
    pub(crate) talk: TalkState,
    pub(crate) then: AfterWords,
    spoken: Option<Spoken>,
    /// The recorded utterances whose words are still to come, oldest first.
    awaited: Vec<TurnId>,
    /// The words so far of utterances that are not complete, oldest first.
    live: Vec<LiveWords>,
    /// The answer that came back unsent.
    returned: Option<SentAnswer>,
    attempts: u64,
}

/// An answer on its way to the interviewer.
#[derive(Clone, Debug, PartialEq)]
pub struct SentAnswer {
    pub answer: Answer,
    /// Stays the same when the same answer is sent again.
    pub attempt: u64,
}

/// The draft as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownDraft {
    /// The draft with live words included, the caret behind them and what was typed after them.
    pub draft: Draft,
    /// The bytes of words that may still change.
    pub provisional: Range<usize>,
}

impl Composer {
    /// Whether the candidate talks, or words are still to come.
    pub(crate) fn is_hearing(&self) -> bool {
        self.talk != TalkState::Quiet || !self.awaited.is_empty()
    }

    /// The utterances whose words are still to come, oldest first.
    #[cfg(test)]
    pub(super) fn awaited(&self) -> &[TurnId] {
        &self.awaited
    }

    /// Whether this utterance is being recorded or transcribed.
    pub(super) fn expects(&self, utterance: TurnId) -> bool {
        self.talk.utterance() == Some(utterance) || self.awaited.contains(&utterance)
    }

    /// Begins a recording. Its words will stand at the caret.
    pub(super) fn start(&mut self, utterance: TurnId, since: u64, trigger: TalkTrigger) {
        self.talk = TalkState::Listening {
            utterance,
            since,
            level: 0.0,
            trigger,
        };
        self.then = AfterWords::Edit;
        self.draft.mark(utterance.0);
    }

    /// Ends the recording, whose words are awaited from now on, and returns its utterance.
    pub(super) fn stop(&mut self) -> Option<TurnId> {
        let utterance = self.talk.utterance()?;
        self.talk = TalkState::Quiet;
        self.awaited.push(utterance);
        Some(utterance)
    }

    /// Discards the recording and returns its utterance.
    pub(super) fn discard(&mut self) -> Option<TurnId> {
        let utterance = self.talk.utterance()?;
        self.talk = TalkState::Quiet;
        self.forget_live(utterance);
        Some(utterance)
    }

    /// Discards the newest utterance whose words are awaited.
    pub(super) fn discard_newest(&mut self) -> Option<TurnId> {
        let newest = self.awaited.pop()?;
        self.forget_live(newest);
        Some(newest)
    }

    pub(super) fn set_level(&mut self, loudness: f32) {
        if let TalkState::Listening { level, .. } = &mut self.talk {
            *level = loudness;
        }
    }

    /// Notes that a recording ended by itself, because its device is gone or its file is over.
    pub(super) fn recorded(&mut self, utterance: TurnId) {
        if self.talk.utterance() == Some(utterance) {
            self.stop();
        }
    }

    /// Stops waiting for an utterance. Returns `false` for one that was called off.
    pub(super) fn arrived(&mut self, utterance: TurnId) -> bool {
        self.recorded(utterance);
        let before = self.awaited.len();
        self.awaited.retain(|awaited| *awaited != utterance);
        self.forget_live(utterance);
        self.awaited.len() != before
    }

    /// Adds the words of an utterance where the caret was when it began.
    pub(super) fn add_words(&mut self, utterance: TurnId, answer: &Answer) {
        self.draft.insert_words(utterance.0, &answer.text);
        self.spoken = joined(self.spoken.take(), answer.spoken.clone());
    }

    /// Shows the words of an utterance so far in place of those shown before.
    pub(super) fn set_live(&mut self, utterance: TurnId, stable: String, provisional: String) {
        self.forget_live(utterance);
        self.live.push(LiveWords {
            utterance,
            stable,
            provisional,
        });
        self.live.sort_by_key(|live| live.utterance);
    }

    /// Moves the words of a broken utterance into the draft, as far as they are known.
    pub(super) fn keep_live(&mut self, utterance: TurnId) {
        let live = self
            .live
            .iter()
            .find(|live| live.utterance == utterance)
            .map(LiveWords::text);
        self.forget_live(utterance);
        if let Some(text) = live.filter(|text| !text.is_empty()) {
            self.draft.insert_words(utterance.0, &text);
        }
    }

    fn forget_live(&mut self, utterance: TurnId) {
        self.live.retain(|live| live.utterance != utterance);
    }

    /// Returns the draft with the live words where they will stand.
    pub fn shown(&self) -> ShownDraft {
        let mut draft = self.draft.clone();
        let mut provisional = draft.caret()..draft.caret();
        for live in &self.live {
            let text = live.text();
            if !text.is_empty() {
                let end = draft.insert_words(live.utterance.0, &text);
                provisional = end - live.provisional.trim().len()..end;
            }
        }
        ShownDraft { draft, provisional }
    }

    /// Takes the answer out to be sent, or returns `None` when nothing is written. An answer that
    /// came back unchanged keeps its attempt.
    pub(super) fn take(&mut self) -> Option<SentAnswer> {
        let text = self.draft.text().trim().to_owned();
        if text.is_empty() {
            return None;
        }
        let again = self.returned.take().filter(|sent| sent.answer.text == text);
        self.draft.take();
        let spoken = self.spoken.take();
        Some(again.unwrap_or_else(|| {
            self.attempts += 1;
            SentAnswer {
                answer: Answer { text, spoken },
                attempt: self.attempts,
            }
        }))
    }

    /// Puts an answer that was not stored back, before the words written meanwhile.
    pub(super) fn give_back(&mut self, sent: SentAnswer) {
        self.draft
            .set(&with_rest(&sent.answer.text, self.draft.text()));
        self.spoken = joined(sent.answer.spoken.clone(), self.spoken.take());
        self.returned = Some(sent);
    }

    /// Takes out everything that was written and said, and the utterances whose words are still to
    /// come.
    pub(super) fn set_aside(&mut self) -> (String, Vec<TurnId>) {
        let attempts = self.attempts;
        let before = std::mem::take(self);
        self.attempts = attempts;
        let text = before.shown().draft.text().to_owned();
        (text, before.awaited)
    }

    /// Puts back the words of an earlier run.
    pub(super) fn found(&mut self, text: &str) {
        self.draft.set(&with_rest(text, self.draft.text()));
    }

    /// Forgets how the answer was spoken once none of its words are left.
    pub(super) fn edited(&mut self) {
        if self.draft.is_empty() {
            self.spoken = None;
        }
    }
}

/// Joins two texts, the second on a line of its own.
pub(super) fn with_rest(first: &str, rest: &str) -> String {
    if rest.trim().is_empty() {
        first.to_owned()
    } else {
        format!("{first}\n{rest}")
    }
}

/// Joins two utterances, of which the second begins where the first ended.
fn joined(first: Option<Spoken>, second: Option<Spoken>) -> Option<Spoken> {
    let (Some(mut first), Some(second)) = (first.clone(), second.clone()) else {
        return first.or(second);
    };
    let shift = first.seconds;
    first.words.extend(second.words.into_iter().map(|mut word| {
        word.start += shift;
        word.end += shift;
        word
    }));
    let later = |span: Span| Span {
        start: span.start + shift,
        end: span.end + shift,
    };
    first.voiced.extend(second.voiced.into_iter().map(later));
    first.seconds += second.seconds;
    Some(first)
}
