//! The keys of the forms, and what became of a form that was sent.

use super::super::action::Failure;
use super::super::ctx::Ctx;
use super::super::effect::{Effect, Password, SessionEffect};
use super::super::key::Key;
use super::super::keymap::{self, Command};
use super::super::turn_id::TurnId;
use super::{Entry, Form, SignIn, Status};

impl SignIn {
    pub(in super::super) fn key(&mut self, command: Option<Command>, key: &Key, ctx: &mut Ctx) {
        if matches!(self.status, Status::Sent(_)) {
            return;
        }
        match command {
            Some(Command::Next) => self.step(1),
            Some(Command::Previous) => self.step(-1),
            Some(Command::SwitchForm) => self.switch(),
            Some(Command::Accept) => self.accept(ctx),
            Some(Command::Cancel) => ctx.notice = None,
            Some(Command::Edit(edit)) => {
                let field = self.focused();
                self.entry_mut(field).edit(edit, usize::MAX);
            }
            _ => {
                if let Some(letter) = keymap::typed(key) {
                    self.insert(&letter.to_string());
                }
            }
        }
    }

    /// Goes to the next field, or sends the form from the last one.
    fn accept(&mut self, ctx: &mut Ctx) {
        if !self.is_last() {
            return self.step(1);
        }
        if let Some(empty) = self.missing() {
            self.focus = empty;
            self.status = Status::Incomplete;
            return;
        }
        let turn = ctx.fresh_turn();
        self.status = Status::Sent(turn);
        ctx.emit(request(self, turn));
        ctx.notice = None;
    }

    /// Shows why the server refused the form.
    pub(in super::super) fn failed(&mut self, turn: TurnId, failure: &Failure) {
        if self.status != Status::Sent(turn) {
            return;
        }
        let reason = match failure {
            Failure::Unauthorized => String::new(),
            Failure::LimitReached(reason) | Failure::Retry(reason) | Failure::Refused(reason) => {
                reason.clone()
            }
        };
        self.status = Status::Refused(reason);
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
