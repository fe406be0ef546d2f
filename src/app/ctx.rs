//! What every part of the app shares while it updates.

use std::collections::VecDeque;

use super::action::Failure;
use super::composer::Composer;
use super::effect::{Effect, TerminalEffect, VoiceEffect};
use super::notice::{Notice, RetryKey};
use super::notices::Notices;
use super::question::Question;
use super::setup::Setup;
use super::turn_id::TurnId;
use crate::interview::Language;

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

    /// Queues the draft to be saved before everything else, because quitting must not come first.
    pub(super) fn save_draft(&mut self, text: String) {
        self.effects.insert(0, Effect::SaveDraft(text));
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
            Failure::Retry(reason) => Notice::Retry(reason, again),
            Failure::Refused(reason) => Notice::Refused(reason),
        });
    }
}
