//! The answer being put together, from typed and spoken words. It outlives screens: what is not sent is never lost.
use super::action::TurnId;
use super::draft::Draft;
use super::interview::Sent;
use super::live::Live;
use crate::interview::{Answer, Span, Spoken};

/// The draft, how its spoken part was spoken, the utterances whose words are still to come, and the answer that came
/// back unsent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Composing {
    pub(crate) draft: Draft,
    spoken: Option<Spoken>,
    /// Oldest first.
    pub(super) awaited: Vec<TurnId>,
    /// What is being said, oldest first.
    pub(super) live: Vec<Live>,
    returned: Option<Sent>,
    attempts: u64,
}

impl Composing {
    /// Words are still to come.
    pub(crate) fn awaits_words(&self) -> bool {
        !self.awaited.is_empty()
    }

    /// The words of this utterance are to come.
    pub(super) fn await_words(&mut self, utterance: TurnId) {
        self.awaited.push(utterance);
    }

    /// Takes an utterance off the list; false when it was not on it (called off).
    pub(super) fn arrived(&mut self, utterance: TurnId) -> bool {
        let before = self.awaited.len();
        self.awaited.retain(|awaited| *awaited != utterance);
        self.forget_live(utterance);
        self.awaited.len() != before
    }

    /// The newest of the awaited words are not waited for any more.
    pub(super) fn forget_newest(&mut self) -> Option<TurnId> {
        let newest = self.awaited.pop()?;
        self.forget_live(newest);
        Some(newest)
    }

    /// Somebody begins to speak: the words will stand at the caret.
    pub(super) fn begin(&mut self, utterance: TurnId) {
        self.draft.mark(utterance.0);
    }

    /// Adds the words of an utterance where the caret was when it began.
    pub(super) fn hear(&mut self, utterance: TurnId, answer: &Answer) {
        self.draft.insert_words(utterance.0, &answer.text);
        self.spoken = joined(self.spoken.take(), answer.spoken.clone());
    }

    /// Takes the answer out to be sent; `None` when nothing is written. The same words get the same attempt again.
    pub(super) fn take(&mut self) -> Option<Sent> {
        let text = self.draft.text().trim().to_owned();
        if text.is_empty() {
            return None;
        }
        let again = self.returned.take().filter(|sent| sent.answer.text == text);
        self.draft.take();
        let spoken = self.spoken.take();
        Some(again.unwrap_or_else(|| {
            self.attempts += 1;
            Sent {
                answer: Answer { text, spoken },
                attempt: self.attempts,
            }
        }))
    }

    /// An answer was not taken: its words come back, before those written meanwhile.
    pub(super) fn give_back(&mut self, sent: Sent) {
        self.draft
            .set(&with_rest(&sent.answer.text, self.draft.text()));
        self.spoken = joined(sent.answer.spoken.clone(), self.spoken.take());
        self.returned = Some(sent);
    }

    /// Words of an earlier run.
    pub(super) fn found(&mut self, text: &str) {
        self.draft.set(&with_rest(text, self.draft.text()));
    }

    /// After an edit: without words there is no speech either.
    pub(super) fn edited(&mut self) {
        if self.draft.is_empty() {
            self.spoken = None;
        }
    }
}

/// `first`, and what follows on a line of its own.
pub(super) fn with_rest(first: &str, rest: &str) -> String {
    if rest.trim().is_empty() {
        first.to_owned()
    } else {
        format!("{first}\n{rest}")
    }
}

/// Two utterances as one: the second begins where the first ended.
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
