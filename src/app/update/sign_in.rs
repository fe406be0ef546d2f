//! Signing in, registering, and coming back to where one was.
use super::super::action::{Failure, TurnId};
use super::super::effect::{Effect, Password, SessionEffect, VoiceEffect};
use super::super::form::{Entry, Form, SignIn, Status};
use super::super::key::Key;
use super::super::keymap::{self, Command};
use super::super::notice::Notice;
use super::super::{App, Screen};

impl App {
    pub(super) fn form_key(&mut self, command: Option<Command>, key: &Key) {
        let Screen::SignIn(sign_in) = &mut self.screen else {
            return;
        };
        if matches!(sign_in.status, Status::Sent(_)) {
            return;
        }
        match command {
            Some(Command::Next) => sign_in.step(1),
            Some(Command::Previous) => sign_in.step(-1),
            Some(Command::SwitchForm) => sign_in.switch(),
            Some(Command::Accept) => self.accept_form(),
            Some(Command::Cancel) => self.notice = None,
            Some(Command::Edit(edit)) => {
                let field = sign_in.focused();
                sign_in.entry_mut(field).edit(edit, usize::MAX);
            }
            _ => {
                if let Some(letter) = keymap::typed(key) {
                    sign_in.insert(&letter.to_string());
                }
            }
        }
    }

    /// Enter: to the next field, or off with it from the last one.
    fn accept_form(&mut self) {
        let Screen::SignIn(sign_in) = &mut self.screen else {
            return;
        };
        if !sign_in.is_last() {
            return sign_in.step(1);
        }
        if let Some(empty) = sign_in.missing() {
            sign_in.focus = empty;
            sign_in.status = Status::Incomplete;
            return;
        }
        let turn = self.fresh();
        if let Screen::SignIn(sign_in) = &mut self.screen {
            sign_in.status = Status::Sent(turn);
            let effect = request(sign_in, turn);
            self.emit(effect);
        }
        self.notice = None;
    }

    pub(super) fn sign_in_failed(&mut self, turn: TurnId, failure: &Failure) {
        let Screen::SignIn(sign_in) = &mut self.screen else {
            return;
        };
        if sign_in.status != Status::Sent(turn) {
            return;
        }
        sign_in.status = match failure {
            Failure::Unauthorized => Status::Refused(String::new()),
            Failure::LimitReached(reason) | Failure::Retry(reason) | Failure::Refused(reason) => {
                Status::Refused(reason.clone())
            }
        };
    }

    pub(super) fn signed_in(&mut self, name: String) {
        let before = std::mem::replace(&mut self.user, name);
        let screen = std::mem::replace(&mut self.screen, Screen::Connecting);
        let back = match screen {
            Screen::SignIn(sign_in) => sign_in.back.filter(|_| before == self.user),
            Screen::Connecting | Screen::Unconnected(_) => None,
            other => {
                self.screen = other;
                return;
            }
        };
        self.notice = self
            .notice
            .take()
            .filter(|notice| *notice != Notice::SignInAgain);
        if let Some(interview) = back {
            self.screen = Screen::Interview(interview);
            return self.emit(Effect::Voice(VoiceEffect::OpenMicrophone));
        }
        self.screen = Screen::Lobby;
        self.load();
    }

    pub(super) fn not_connected(&mut self, failure: Failure) {
        match (&self.screen, failure) {
            (_, Failure::Unauthorized) => self.signed_out(),
            (
                Screen::Connecting | Screen::Unconnected(_),
                Failure::Retry(reason) | Failure::Refused(reason) | Failure::LimitReached(reason),
            ) => self.screen = Screen::Unconnected(reason),
            // A request that is running tells its own failure.
            (Screen::Lobby, failure) if self.loading.is_none() => self.not_loaded(failure),
            _ => {}
        }
    }

    /// Enter, where there is no connection.
    pub(super) fn connect_again(&mut self, command: Option<Command>) {
        if command == Some(Command::Accept) {
            self.screen = Screen::Connecting;
            self.emit(Effect::Session(SessionEffect::Connect));
        }
    }

    pub(super) fn signed_out(&mut self) {
        if !matches!(self.screen, Screen::SignIn(_)) {
            // A request that is running will not be answered any more.
            self.cancel_request();
            self.notice = None;
            let form = self.first_form();
            self.show_sign_in(form);
        }
    }
}

fn request(sign_in: &SignIn, turn: TurnId) -> Effect {
    let text = |field| sign_in.entry(field).text().trim().to_owned();
    let password = Password::from(sign_in.entry(Entry::Password).text());
    match sign_in.form {
        Form::SignIn => Effect::Session(SessionEffect::SignIn {
            turn,
            username: text(Entry::Name),
            password,
        }),
        Form::Register => Effect::Session(SessionEffect::Register {
            turn,
            username: text(Entry::Name),
            email: text(Entry::Email),
            password,
        }),
    }
}
