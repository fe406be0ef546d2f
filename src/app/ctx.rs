//! What every part of the app shares while it updates.

use std::collections::VecDeque;

use super::action::Failure;
use super::composer::{self, Composer};
use super::effect::{Effect, TerminalEffect, VoiceEffect};
use super::notice::{Notice, RetryKey};
use super::notices::Notices;
use super::question::Question;
use super::setup::Setup;
use super::turn_id::TurnId;
use crate::interview::{Language, QuestionRef};

/// The shared state, and the queues through which a part asks for something outside itself.
#[derive(Debug)]
pub struct Ctx {
    /// The language of the interface.
    pub(crate) language: Language,
    /// Columns and rows of the terminal.
    pub(crate) size: (u16, u16),
    /// The runtime's clock as last reported, in ms.
    pub(crate) now: u64,
    pub(crate) notices: Notices,
    /// The answer being written. It outlives every screen, so that no word is lost.
    pub(crate) composer: Composer,
    /// The question that the answer being written belongs to.
    pub(super) draft_of: Option<QuestionRef>,
    /// Set during an update in which the answer was taken, so that its draft is over.
    pub(super) draft_taken: bool,
    /// The drafts that were set aside while some of their words were being transcribed.
    pub(super) left_behind: Vec<LeftDraft>,
    pub(crate) usage: Usage,
    /// Whether the backend can end an interview early.
    pub(super) can_finish: bool,
    /// The interview that was last on the screen, once its first question was asked.
    pub(super) last_interview: Option<LastInterview>,
    /// Whether the app quits as soon as the last words are transcribed.
    pub(super) leaving: bool,
    /// When Ctrl+C was pressed once, in ms; pressed again soon, it quits.
    pub(super) interrupted: Option<u64>,
    effects: Vec<Effect>,
    destinations: VecDeque<Destination>,
    questions: VecDeque<Question>,
    ids: u64,
}

/// The turns of today, where a server counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub count: Option<u64>,
    pub limit: Option<u64>,
}

/// What is worth knowing about an interview after the app has quit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastInterview {
    /// The title of the topic; empty where it is not known.
    pub topic: String,
    /// Whether it is over, so that it cannot be continued.
    pub over: bool,
    /// The path of its report, if one was written.
    pub report: Option<String>,
}

/// A draft that was set aside before all its words were there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LeftDraft {
    of: QuestionRef,
    draft: String,
    pub(super) awaited: Vec<TurnId>,
}

/// A screen that another one asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// The lobby, after the interview was closed.
    Lobby,
    /// The sign-in screen, because the session expired.
    SignIn,
}

impl Ctx {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            language: setup.language,
            size: setup.size,
            now: 0,
            notices: Notices::default(),
            composer: Composer::default(),
            draft_of: None,
            draft_taken: false,
            left_behind: Vec::new(),
            usage: Usage::default(),
            can_finish: setup.can_finish,
            last_interview: None,
            leaving: false,
            interrupted: None,
            effects: Vec::new(),
            destinations: VecDeque::new(),
            questions: VecDeque::new(),
            ids: 0,
        }
    }

    pub(super) fn emit(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Queues a draft to be saved before everything else, because quitting must not come first.
    pub(super) fn save_draft(&mut self, of: QuestionRef, text: String) {
        self.effects.insert(0, Effect::SaveDraft { of, text });
    }

    /// Gives the composer to another question. What was written for the last one stays on disk, and
    /// what was written for this one comes back.
    pub(super) fn write_for(&mut self, open: Option<QuestionRef>) {
        if self.draft_of == open {
            return;
        }
        self.set_draft_aside();
        self.draft_of.clone_from(&open);
        if let Some(of) = open {
            self.emit(Effect::LoadDraft { of });
        }
    }

    /// Empties the composer, for an interview that is about to begin. Words written before there was
    /// a question belong to none, and stay.
    pub(super) fn set_draft_aside(&mut self) {
        let Some(of) = self.draft_of.take() else {
            return;
        };
        let draft = self.composer.draft.text().to_owned();
        let (text, awaited) = self.composer.set_aside();
        if !awaited.is_empty() {
            self.left_behind.push(LeftDraft {
                of: of.clone(),
                draft,
                awaited,
            });
        }
        self.emit(Effect::SaveDraft { of, text });
    }

    /// Adds words to the draft that was set aside while they were being transcribed.
    pub(super) fn add_left_words(&mut self, utterance: TurnId, words: &str) {
        let waits = |left: &LeftDraft| left.awaited.contains(&utterance);
        let Some(place) = self.left_behind.iter().position(waits) else {
            return;
        };
        let left = &mut self.left_behind[place];
        left.awaited.retain(|awaited| *awaited != utterance);
        left.draft = if left.draft.is_empty() {
            words.to_owned()
        } else {
            composer::with_rest(&left.draft, words)
        };
        let of = left.of.clone();
        let text = left.draft.clone();
        if left.awaited.is_empty() {
            self.left_behind.remove(place);
        }
        self.emit(Effect::SaveDraft { of, text });
    }

    /// Lets the next question have what stands in the composer, because the last one was answered,
    /// here or elsewhere.
    pub(super) fn next_question_opened(&mut self, open: Option<QuestionRef>) {
        self.draft_of = open;
        self.draft_taken = true;
    }

    /// Shows a notice, as soon as no more pressing one stands before it.
    pub(super) fn notify(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    pub(super) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Returns a `TurnId` that no request has used before.
    pub(super) fn fresh_turn(&mut self) -> TurnId {
        self.ids += 1;
        TurnId(self.ids)
    }

    /// Asks for another screen, shown when the update is over.
    pub(super) fn go(&mut self, destination: Destination) {
        self.destinations.push_back(destination);
    }

    pub(super) fn next_destination(&mut self) -> Option<Destination> {
        self.destinations.pop_front()
    }

    /// Puts a question over the screen when the update is over.
    pub(super) fn ask(&mut self, question: Question) {
        self.questions.push_back(question);
    }

    pub(super) fn next_question(&mut self) -> Option<Question> {
        self.questions.pop_front()
    }

    pub(super) fn quit(&mut self, code: u8) {
        self.emit(Effect::Terminal(TerminalEffect::Quit { code }));
    }

    /// Adopts the figures that a server reported; an answer without them changes nothing.
    pub(super) fn count(&mut self, count: Option<u64>, limit: Option<u64>) {
        self.usage = Usage {
            count: count.or(self.usage.count),
            limit: limit.or(self.usage.limit),
        };
    }

    /// Ends the recording, if there is one; its words are still to come.
    pub(super) fn stop_listening(&mut self) {
        if let Some(utterance) = self.composer.stop() {
            self.emit(Effect::Voice(VoiceEffect::Stop { utterance }));
        }
    }

    /// Discards the recording and returns whether there was one. The draft stays.
    pub(super) fn cancel_listening(&mut self) -> bool {
        let Some(utterance) = self.composer.discard() else {
            return false;
        };
        self.forget_dead_microphone();
        self.emit(Effect::Voice(VoiceEffect::Cancel { utterance }));
        true
    }

    pub(super) fn forget_dead_microphone(&mut self) {
        self.notices
            .remove(|notice| matches!(notice, Notice::SilentMicrophone(_)));
    }

    /// Shows why a request failed, and asks for the sign-in screen where that is the remedy.
    pub(super) fn explain(&mut self, failure: Failure, again: RetryKey) {
        if failure == Failure::Unauthorized {
            self.go(Destination::SignIn);
        }
        self.notify(match failure {
            Failure::Unauthorized => Notice::SignInAgain,
            Failure::LimitReached(reason) => Notice::Limit(reason),
            Failure::MovedOn => Notice::MovedOn,
            Failure::Retry(reason) => Notice::Retry(reason, again),
            Failure::Refused(reason) => Notice::Refused(reason),
        });
    }
}
