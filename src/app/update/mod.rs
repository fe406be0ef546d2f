//! What each action changes. Results that belong to no running request change nothing.
mod dialog;
mod keys;
mod lobby;
mod request;
mod sign_in;
mod sound;
mod speaking;
mod speech;
mod talk;

use super::action::{Action, BackendEvent, RuntimeEvent, SessionEvent, TerminalEvent, TurnId};
use super::effect::{Effect, TerminalEffect};
use super::form::Form;
use super::interview::{End, Interview};
use super::notice::Notice;
use super::overlay::{Overlay, Pick, Question};
use super::{App, Screen, TalkKeys, Usage};

impl App {
    /// Takes in one fact and says what is to be done about it.
    pub fn update(&mut self, action: Action) -> Vec<Effect> {
        let unsent = self.unsent();
        self.take_in(action);
        if self.leaving && !self.is_hearing() {
            self.leaving = false;
            self.emit(Effect::Terminal(TerminalEffect::Quit { code: 0 }));
        }
        let now = self.unsent();
        if now != unsent {
            // Before everything else: leaving must not come first.
            self.effects.insert(0, Effect::SaveDraft(now));
        }
        std::mem::take(&mut self.effects)
    }

    fn take_in(&mut self, action: Action) {
        match action {
            Action::Terminal(event) => self.terminal(event),
            Action::Tick { now } => self.tick(now),
            Action::Session(event) => self.session(event),
            Action::Turn { turn, event } => self.backend(turn, event),
            Action::Voice(event) => self.voice(event),
            Action::Speech(event) => self.speech(event),
            Action::Device(report) => self.device(report),
            Action::Model(event) => self.model(event),
            Action::Runtime(event) => self.runtime(event),
        }
    }

    fn terminal(&mut self, event: TerminalEvent) {
        match event {
            TerminalEvent::Key(key) => self.key(&key),
            TerminalEvent::Paste(text) => self.paste(&text),
            TerminalEvent::Scroll { rows } => self.scroll(isize::from(rows)),
            TerminalEvent::Resized { columns, rows } => self.size = (columns, rows),
            TerminalEvent::KeyReleases { reported } => self.key_releases(reported),
        }
    }

    fn session(&mut self, event: SessionEvent) {
        match event {
            SessionEvent::NotConnected(failure) => self.not_connected(failure),
            SessionEvent::SignedIn { user } => self.signed_in(user),
            SessionEvent::SignedOut => self.signed_out(),
            SessionEvent::SignInFailed { turn, failure } => self.sign_in_failed(turn, &failure),
            SessionEvent::NoKeyring { reason } => self.ask(Question::NoKeyring(reason)),
            SessionEvent::CanFinish(can_finish) => self.can_finish = can_finish,
        }
    }

    fn backend(&mut self, turn: TurnId, event: BackendEvent) {
        match event {
            BackendEvent::Loaded(conversation) => self.loaded(turn, conversation),
            BackendEvent::Delta(piece) => self.replied(turn, &piece),
            BackendEvent::Done(done) => self.done(turn, *done),
            BackendEvent::Failed(failure) => self.failed(turn, failure),
            BackendEvent::ReportWritten { path } => self.report_written(turn, path),
        }
    }

    fn runtime(&mut self, event: RuntimeEvent) {
        match event {
            RuntimeEvent::DraftFound(text) => self.draft_found(&text),
            RuntimeEvent::Timed(waterfall) => self.waterfall = waterfall,
            RuntimeEvent::Notice(words) => self.notice = Some(Notice::Words(words)),
            RuntimeEvent::Terminate => {
                self.emit(Effect::Terminal(TerminalEffect::Quit { code: 130 }));
            }
        }
    }

    pub(super) fn emit(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// A name for the next request.
    pub(super) fn fresh(&mut self) -> TurnId {
        self.ids += 1;
        TurnId(self.ids)
    }

    /// Puts a question over the screen, behind those that wait already; never the same one twice.
    pub(super) fn ask(&mut self, question: Question) {
        let asked =
            |overlay: &Overlay| matches!(overlay, Overlay::Dialog(other, _) if *other == question);
        if !self.overlays.iter().any(asked) {
            self.overlays
                .push_back(Overlay::Dialog(question, Pick::First));
        }
    }

    pub(super) fn interview(&mut self) -> Option<&mut Interview> {
        match &mut self.screen {
            Screen::Interview(interview) => Some(interview),
            _ => None,
        }
    }

    pub(super) fn count(&mut self, count: Option<u64>, limit: Option<u64>) {
        self.usage = Usage {
            count: count.or(self.usage.count),
            limit: limit.or(self.usage.limit),
        };
    }

    fn key_releases(&mut self, reported: bool) {
        self.voice.keys = if reported {
            TalkKeys::Hold {
                swallowed: false,
                seen: None,
            }
        } else {
            TalkKeys::default()
        };
    }

    fn draft_found(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.composing.found(text);
            self.notice = Some(Notice::DraftFound);
        }
    }

    fn report_written(&mut self, turn: TurnId, path: String) {
        let Some(interview) = self.interview() else {
            return;
        };
        if interview.end == End::Writing(turn) {
            interview.end = End::Over(Some(path.clone()));
            self.notice = Some(Notice::Report(path));
        }
    }

    fn first_form(&self) -> Form {
        if self.first_run {
            Form::Register
        } else {
            Form::SignIn
        }
    }
}

#[cfg(test)]
mod tests;
