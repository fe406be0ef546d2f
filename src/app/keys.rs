//! Routes keys: first to what is the same everywhere, then to what lies on top, then to the screen.

use super::composer::talk_state::AfterWords;
use super::effect::{Effect, ModelEffect, SessionEffect, TerminalEffect, TokenPlace};
use super::interview::{Focus, Interview};
use super::key::{Code, Key, Phase};
use super::keymap::{self, KeyCommand, Scope};
use super::lobby::{LobbyField, LobbyOutcome};
use super::notice::Notice;
use super::overlay::{Overlay, OverlayOutcome};
use super::question::{Pick, Question};
use super::{App, InterviewerInfo, Screen};
use crate::app::action::Part;

/// The second Ctrl+C quits when it follows within this time, in ms.
const INTERRUPT_TWICE: u64 = 2000;

impl App {
    pub(super) fn key(&mut self, key: &Key) {
        self.ctx.now = self.ctx.now.max(key.at);
        if self.is_talk_key(key) && self.space(key) {
            return;
        }
        if key.phase == Phase::Release {
            return;
        }
        let command = keymap::lookup(&self.scopes(), key);
        if command != Some(KeyCommand::Interrupt) {
            self.forget_interrupt();
        }
        if command != Some(KeyCommand::Talk) && self.voice.keys.other_key() {
            self.late_tap();
        }
        match command {
            Some(command) if key.phase == Phase::Repeat && !command.repeats() => {}
            Some(command) if self.everywhere(command) => {}
            command => self.on_screen(command, key),
        }
    }

    fn is_talk_key(&self, key: &Key) -> bool {
        // What lies over the screen takes the press, but the release of a key held before must
        // still end the recording.
        let reaches = self.overlays.is_empty() || key.phase == Phase::Release;
        key.code == Code::Char(' ') && !key.ctrl && !key.alt && reaches
    }

    fn space(&mut self, key: &Key) -> bool {
        match &mut self.screen {
            Screen::Interview(interview) => interview.space(key, &mut self.voice, &mut self.ctx),
            Screen::Connecting | Screen::Unconnected(_) | Screen::SignIn(_) | Screen::Lobby => {
                false
            }
        }
    }

    fn late_tap(&mut self) {
        if let Screen::Interview(interview) = &mut self.screen {
            interview.late_tap(&self.voice, &mut self.ctx);
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        if !self.overlays.is_empty() {
            return;
        }
        match &mut self.screen {
            Screen::SignIn(sign_in) => sign_in.insert(text),
            Screen::Lobby => self.lobby.type_search(text, &mut self.ctx),
            Screen::Interview(interview) => interview.paste(text, &mut self.ctx),
            Screen::Connecting | Screen::Unconnected(_) => {}
        }
    }

    /// Takes in lines that arrived at once. An answer keeps them together. Anywhere else they are
    /// keys: a password manager that types a form ends its fields with Tab and Enter.
    pub(super) fn burst(&mut self, text: &str, at: u64) {
        if self.overlays.is_empty() && matches!(self.screen, Screen::Interview(_)) {
            return self.paste(text);
        }
        for character in text.chars() {
            let code = match character {
                '\n' => Code::Enter,
                '\t' => Code::Tab,
                other => Code::Char(other),
            };
            self.key(&Key {
                code,
                ctrl: false,
                alt: false,
                shift: character.is_uppercase(),
                phase: Phase::Press,
                at,
            });
            self.follow_up();
        }
    }

    /// Returns where the next key is looked up, the nearest scope first.
    pub(super) fn scopes(&self) -> Vec<Scope> {
        let mut scopes = match self.overlays.front() {
            Some(Overlay::Devices(_) | Overlay::Check(_)) => vec![Scope::Sound],
            Some(Overlay::Help(_) | Overlay::Dialog(..) | Overlay::Timings) => vec![Scope::Dialog],
            None => self.screen_scopes(),
        };
        scopes.push(Scope::Everywhere);
        scopes
    }

    fn screen_scopes(&self) -> Vec<Scope> {
        match &self.screen {
            Screen::Connecting => vec![],
            Screen::Unconnected(_) => vec![Scope::Dialog],
            Screen::SignIn(_) => vec![Scope::Form, Scope::Text],
            // Left and right move the caret in the search, and change the other fields.
            Screen::Lobby if self.lobby.field == LobbyField::Topics => {
                vec![Scope::Text, Scope::Lobby]
            }
            Screen::Lobby => vec![Scope::Lobby, Scope::Text],
            Screen::Interview(interview) => interview_scopes(interview),
        }
    }

    fn everywhere(&mut self, command: KeyCommand) -> bool {
        match command {
            KeyCommand::Quit => self.quit(),
            KeyCommand::Interrupt => self.interrupt(),
            KeyCommand::Suspend => {
                self.ctx.stop_listening();
                self.ctx.emit(Effect::Terminal(TerminalEffect::Suspend));
            }
            KeyCommand::Help => self.overlays.toggle_help(),
            KeyCommand::Timings => self.overlays.toggle_timings(),
            KeyCommand::FetchModel => self.fetch_model(),
            _ => return false,
        }
        true
    }

    fn fetch_model(&mut self) {
        self.voice.fetch_model(&mut self.ctx);
        if self.voice.download.is_some() {
            self.model_question = None;
            self.overlays.close_model_offer();
        }
    }

    /// Quits once the words that are still to come are there. Asked twice, it quits without them.
    fn quit(&mut self) {
        self.ctx.stop_listening();
        if self.ctx.leaving || !self.is_hearing() {
            self.ctx.leaving = false;
            return self.ctx.quit(0);
        }
        self.ctx.leaving = true;
        self.ctx.notify(Notice::Leaving);
        self.ctx.composer.then = AfterWords::Edit;
    }

    fn interrupt(&mut self) {
        let now = self.ctx.now;
        let first = self.ctx.interrupted.replace(now);
        if first.is_some_and(|first| now - first <= INTERRUPT_TWICE) {
            return self.ctx.quit(130);
        }
        self.ctx.notify(Notice::InterruptAgain);
    }

    /// Lets time go by, in which a first Ctrl+C is forgotten and a doubtful tap turns out to be
    /// one.
    pub(super) fn tick(&mut self, now: u64) {
        self.ctx.now = self.ctx.now.max(now);
        if self.voice.keys.settle(self.ctx.now) {
            self.late_tap();
        }
        self.ctx.notices.tick();
        let first = self.ctx.interrupted;
        if first.is_some_and(|first| self.ctx.now - first > INTERRUPT_TWICE) {
            self.forget_interrupt();
        }
    }

    fn forget_interrupt(&mut self) {
        self.ctx.interrupted = None;
        self.ctx
            .notices
            .remove(|notice| *notice == Notice::InterruptAgain);
    }

    fn on_screen(&mut self, command: Option<KeyCommand>, key: &Key) {
        if !self.overlays.is_empty() {
            let outcome = self.overlays.key(command, key, &mut self.ctx);
            return self.overlay_outcome(outcome);
        }
        match &mut self.screen {
            Screen::Connecting => {}
            Screen::Unconnected(_) => self.connect_again(command),
            Screen::SignIn(sign_in) => sign_in.key(command, key, &mut self.ctx),
            Screen::Lobby => {
                let outcome = self.lobby.key(command, key, &mut self.ctx);
                self.lobby_outcome(outcome);
            }
            Screen::Interview(interview) => {
                interview.key(command, key, &mut self.voice, &mut self.ctx);
            }
        }
    }

    fn lobby_outcome(&mut self, outcome: LobbyOutcome) {
        match outcome {
            LobbyOutcome::Stay => {}
            LobbyOutcome::Open(interview) => self.open_interview(interview),
            LobbyOutcome::PickDevices => self.pick_devices(),
            LobbyOutcome::CheckMicrophone => self.check_microphone(),
        }
    }

    fn overlay_outcome(&mut self, outcome: OverlayOutcome) {
        match outcome {
            OverlayOutcome::Stay => {}
            OverlayOutcome::Answered(question, pick) => self.answer(question, pick),
            OverlayOutcome::PickDevices => self.pick_devices(),
            OverlayOutcome::CheckMicrophone => self.check_microphone(),
        }
    }

    fn pick_devices(&mut self) {
        if self.has_voice() {
            self.overlays.pick_devices(&mut self.ctx);
        }
    }

    fn check_microphone(&mut self) {
        if self.has_voice() {
            let language = self.lobby.language;
            let aloud = !self.voice.muted;
            self.overlays
                .check_microphone(language, aloud, &mut self.ctx);
        }
    }

    /// Whether this build can use sound devices. A notice says so where it cannot.
    fn has_voice(&mut self) -> bool {
        let missing = self.voice.lacks_part(Part::Voice);
        if let Some(missing) = missing {
            self.ctx.notify(Notice::Missing(missing.clone()));
        }
        missing.is_none()
    }

    fn answer(&mut self, question: Question, pick: Pick) {
        match (question, pick) {
            (Question::Consent(_), Pick::First) => self.consent(false),
            (Question::Consent(asked), Pick::Second) => {
                self.interviewer = InterviewerInfo::Model {
                    model: asked.model,
                    host: asked.host,
                };
                self.consent(true);
            }
            (Question::Model(_), Pick::First) => self.voice.download_model(&mut self.ctx),
            (Question::Model(_), Pick::Second) => {
                self.ctx.emit(Effect::Model(ModelEffect::Decline));
            }
            (Question::NoKeyring(_), Pick::First) => self.store_token(TokenPlace::Memory),
            (Question::NoKeyring(_), Pick::Second) => self.store_token(TokenPlace::File),
            (Question::Finish, Pick::First) => {
                if let Screen::Interview(interview) = &mut self.screen {
                    interview.finish(&mut self.ctx);
                }
            }
            (Question::Finish, Pick::Second) => {}
        }
    }

    fn consent(&mut self, granted: bool) {
        let effect = SessionEffect::Consent { granted };
        self.ctx.emit(Effect::Session(effect));
    }

    fn store_token(&mut self, place: TokenPlace) {
        let effect = SessionEffect::StoreToken(place);
        self.ctx.emit(Effect::Session(effect));
    }
}

fn interview_scopes(interview: &Interview) -> Vec<Scope> {
    if interview.focus == Focus::Draft && !interview.is_over() {
        vec![Scope::Draft, Scope::Interview, Scope::Text]
    } else {
        vec![Scope::Transcript, Scope::Interview]
    }
}
