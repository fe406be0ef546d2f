//! The words of utterances that are still being spoken or written down: shown where they will stand, not part of the
//! draft yet. Calling an utterance off leaves no trace of it.
use std::ops::Range;

use super::action::TurnId;
use super::composing::Composing;
use super::draft::Draft;

/// The words of one utterance so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    utterance: TurnId,
    /// These stay.
    written: String,
    /// These may still change.
    draft: String,
}

/// The draft as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Live words included, the caret behind them and what was typed after them.
    pub draft: Draft,
    /// The bytes of words that may still change.
    pub provisional: Range<usize>,
}

impl Live {
    fn text(&self) -> String {
        [self.written.as_str(), self.draft.as_str()]
            .map(str::trim)
            .join(" ")
            .trim()
            .to_owned()
    }
}

impl Composing {
    /// The words of an utterance so far, in place of those told before.
    pub(super) fn hear_partial(&mut self, utterance: TurnId, written: String, draft: String) {
        self.live.retain(|live| live.utterance != utterance);
        self.live.push(Live {
            utterance,
            written,
            draft,
        });
        self.live.sort_by_key(|live| live.utterance);
    }

    /// The utterance broke off: what is there of it goes into the draft.
    pub(super) fn keep_live(&mut self, utterance: TurnId) {
        let live = self
            .live
            .iter()
            .find(|live| live.utterance == utterance)
            .map(Live::text);
        self.forget_live(utterance);
        if let Some(text) = live.filter(|text| !text.is_empty()) {
            self.draft.insert_words(utterance.0, &text);
        }
    }

    /// The utterance is over, or called off.
    pub(super) fn forget_live(&mut self, utterance: TurnId) {
        self.live.retain(|live| live.utterance != utterance);
    }

    /// The draft with the live words where they will stand.
    pub fn shown(&self) -> Shown {
        let mut draft = self.draft.clone();
        let mut provisional = draft.caret()..draft.caret();
        for live in &self.live {
            let text = live.text();
            if !text.is_empty() {
                let end = draft.insert_words(live.utterance.0, &text);
                provisional = end - live.draft.trim().len()..end;
            }
        }
        Shown { draft, provisional }
    }
}
