//! Goes from one screen to another, as the session and the screens ask for it.

use super::action::Failure;
use super::composer::talk_state::AfterWords;
use super::ctx::Destination;
use super::effect::{Effect, SessionEffect, VoiceEffect};
use super::interview::Interview;
use super::keymap::KeyCommand;
use super::notice::Notice;
use super::sign_in::{Form, SignIn};
use super::{App, Screen};

impl App {
    /// Shows the screens that were asked for, in order.
    pub(super) fn navigate(&mut self) {
        while let Some(destination) = self.ctx.next_destination() {
            match destination {
                Destination::Lobby => self.back_to_lobby(),
                Destination::SignIn => self.show_sign_in(Form::SignIn),
            }
        }
    }

    fn back_to_lobby(&mut self) {
        if !matches!(self.screen, Screen::Interview(_)) {
            return;
        }
        self.ctx.emit(Effect::Voice(VoiceEffect::CloseMicrophone));
        self.lobby.select_best();
        self.show_lobby();
    }

    fn show_lobby(&mut self) {
        self.screen = Screen::Lobby;
        self.lobby.load(&mut self.ctx);
        self.ask_about_model();
    }

    /// Offers a speech model once, unless it is on its way already.
    pub(super) fn ask_about_model(&mut self) {
        let question = self.model_question.take();
        if let Some(question) = question.filter(|_| self.voice.download.is_none()) {
            self.overlays.ask(question);
        }
    }

    pub(super) fn open_interview(&mut self, interview: Box<Interview>) {
        self.ctx.composer.then = AfterWords::Edit;
        self.screen = Screen::Interview(interview);
    }

    /// Shows a form, unless one is shown already. An open interview waits behind it.
    fn show_sign_in(&mut self, form: Form) {
        self.cancel_request();
        let back = match std::mem::replace(&mut self.screen, Screen::Connecting) {
            Screen::Interview(mut interview) => {
                interview.suspend(&mut self.ctx);
                self.ctx.emit(Effect::Voice(VoiceEffect::CloseMicrophone));
                Some(interview)
            }
            shown @ Screen::SignIn(_) => {
                self.screen = shown;
                return;
            }
            Screen::Connecting | Screen::Unconnected(_) | Screen::Lobby => None,
        };
        self.screen = Screen::SignIn(Box::new(SignIn::new(form, &self.user, back)));
    }

    /// Cancels a request that will not be answered any more. The notice stays.
    fn cancel_request(&mut self) {
        if let Screen::Interview(interview) = &mut self.screen {
            interview.cancel_request(&mut self.ctx);
            self.ctx
                .notices
                .remove(|notice| *notice == Notice::Cancelled);
        }
        self.navigate();
    }

    pub(super) fn signed_in(&mut self, user: String) {
        let before = std::mem::replace(&mut self.user, user);
        let back = match std::mem::replace(&mut self.screen, Screen::Connecting) {
            Screen::SignIn(sign_in) => sign_in.back.filter(|_| before == self.user),
            Screen::Connecting | Screen::Unconnected(_) => None,
            shown @ (Screen::Lobby | Screen::Interview(_)) => {
                self.screen = shown;
                return;
            }
        };
        self.ctx
            .notices
            .remove(|notice| *notice == Notice::SignInAgain);
        match back {
            Some(interview) => {
                self.screen = Screen::Interview(interview);
                self.ctx.emit(Effect::Voice(VoiceEffect::OpenMicrophone));
            }
            None => self.show_lobby(),
        }
    }

    pub(super) fn signed_out(&mut self) {
        if matches!(self.screen, Screen::SignIn(_)) {
            return;
        }
        self.ctx.notices.next_step();
        self.show_sign_in(if self.first_run {
            Form::Register
        } else {
            Form::SignIn
        });
    }

    pub(super) fn not_connected(&mut self, failure: Failure) {
        match (&self.screen, failure) {
            (_, Failure::Unauthorized) => self.signed_out(),
            (
                Screen::Connecting | Screen::Unconnected(_),
                Failure::Retry(reason) | Failure::Refused(reason) | Failure::LimitReached(reason),
            ) => self.screen = Screen::Unconnected(reason),
            // A request that is running reports its own failure.
            (Screen::Lobby, failure) if self.lobby.loading.is_none() => {
                self.lobby.not_loaded(failure, true, &mut self.ctx);
            }
            (Screen::Lobby | Screen::SignIn(_) | Screen::Interview(_), _)
            | (Screen::Connecting | Screen::Unconnected(_), Failure::MovedOn) => {}
        }
    }

    /// Handles a key where there is no connection: Enter tries again.
    pub(super) fn connect_again(&mut self, command: Option<KeyCommand>) {
        if command == Some(KeyCommand::Accept) {
            self.screen = Screen::Connecting;
            self.ctx.emit(Effect::Session(SessionEffect::Connect));
        }
    }
}
