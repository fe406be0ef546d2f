//! The keys of the forms, and what became of a form that was sent.

use super::super::action::Failure;
use super::super::ctx::Ctx;
use super::super::effect::{Effect, Password, SessionEffect};
use super::super::key::Key;
use super::super::keymap::{self, KeyCommand};
use super::super::turn_id::TurnId;
use super::{Form, FormField, FormStatus, SignIn};

impl SignIn {
    pub(in super::super) fn key(&mut self, command: Option<KeyCommand>, key: &Key, ctx: &mut Ctx) {
        if matches!(self.status, FormStatus::Sent(_)) {
            return;
        }
        match command {
            Some(KeyCommand::Next) => self.step(1),
            Some(KeyCommand::Previous) => self.step(-1),
            Some(KeyCommand::SwitchForm) => self.switch(),
            Some(KeyCommand::Accept) => self.accept(ctx),
            Some(KeyCommand::Cancel) => ctx.notices.dismiss(),
            Some(KeyCommand::Edit(edit)) => {
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
            self.status = FormStatus::Incomplete;
            return;
        }
        let turn = ctx.fresh_turn();
        self.status = FormStatus::Sent(turn);
        ctx.emit(request(self, turn));
        ctx.notices.next_step();
    }

    /// Shows why the server refused the form.
    pub(in super::super) fn failed(&mut self, turn: TurnId, failure: &Failure) {
        if self.status != FormStatus::Sent(turn) {
            return;
        }
        let reason = match failure {
            Failure::Unauthorized | Failure::MovedOn => String::new(),
            Failure::LimitReached(reason) | Failure::Retry(reason) | Failure::Refused(reason) => {
                reason.clone()
            }
        };
        self.status = FormStatus::Refused(reason);
    }
}

fn request(sign_in: &SignIn, turn: TurnId) -> Effect {
    let text = |field| sign_in.entry(field).text().trim().to_owned();
    let password = Password::from(sign_in.entry(FormField::Password).text());
    match sign_in.form {
        Form::SignIn => Effect::Session(SessionEffect::SignIn {
            turn,
            username: text(FormField::Name),
            password,
        }),
        Form::Register => Effect::Session(SessionEffect::Register {
            turn,
            username: text(FormField::Name),
            email: text(FormField::Email),
            password,
        }),
    }
}
