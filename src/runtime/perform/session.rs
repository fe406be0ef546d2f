//! Performs what concerns the connection and who is signed in.

use super::{ModelInterviewer, Performer};
use crate::app::action::{Action, Failure, RuntimeEvent, SessionEvent, TurnId};
use crate::app::effect::{Password, SessionEffect, TokenPlace};
use crate::sync::lock;

impl Performer {
    pub(super) fn perform_session(&mut self, effect: SessionEffect) {
        match effect {
            SessionEffect::Connect => self.connect(),
            SessionEffect::SignIn {
                turn,
                username,
                password,
            } => self.sign_in(turn, username, None, password),
            SessionEffect::Register {
                turn,
                username,
                email,
                password,
            } => self.sign_in(turn, username, Some(email), password),
            SessionEffect::StoreToken(place) => self.store_token(place),
            SessionEffect::Consent { granted } => self.consent(granted),
        }
    }

    pub(super) fn connect(&mut self) {
        let failure = Failure::Retry(self.panic_message());
        let failure = Action::Session(SessionEvent::NotConnected(failure));
        self.spawn_background(failure, self.session.clone().connect());
    }

    /// Signs in, after registering if there is an address.
    fn sign_in(
        &mut self,
        turn: TurnId,
        username: String,
        email: Option<String>,
        password: Password,
    ) {
        let failure = Failure::Retry(self.panic_message());
        let failure = Action::Session(SessionEvent::SignInFailed { turn, failure });
        let session = self.session.clone();
        let sign_in = session.sign_in(turn, username, email, password.into_secret());
        self.spawn_request(turn, failure, sign_in);
    }

    fn store_token(&mut self, place: TokenPlace) {
        let failure = Action::Runtime(RuntimeEvent::Notice(self.panic_message()));
        self.spawn_background(failure, self.session.clone().store_token(place));
    }

    /// Remembers the answer, and connects to the model if it is yes.
    fn consent(&mut self, granted: bool) {
        let Some(model) = lock(&self.model_interviewer).take() else {
            return;
        };
        let ModelInterviewer { host, interviewer } = model;
        self.preferences
            .write(move |preferences| preferences.set_consent(&host, granted));
        if granted {
            self.session.set_interviewer(interviewer.clone());
            self.connect();
            self.prepare(interviewer);
        }
    }
}
