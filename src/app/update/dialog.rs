//! What lies over the screen: help, and questions with two answers.
use super::super::effect::{Effect, ModelEffect, SessionEffect, TokenPlace};
use super::super::key::Key;
use super::super::keymap::{self, Command};
use super::super::overlay::{Overlay, Pick, Question};
use super::super::{App, Asks};

/// Rows a page of help has.
const PAGE: usize = 8;

impl App {
    pub(super) fn overlay_key(&mut self, command: Option<Command>, key: &Key) {
        match self.overlays.front_mut() {
            Some(Overlay::Help(top)) => {
                *top = match command {
                    Some(Command::Next) => *top + 1,
                    Some(Command::Previous) => top.saturating_sub(1),
                    Some(Command::PageDown) => *top + PAGE,
                    Some(Command::PageUp) => top.saturating_sub(PAGE),
                    Some(Command::Cancel | Command::Accept) => {
                        return drop(self.overlays.pop_front());
                    }
                    _ => *top,
                };
                *top = (*top).min(keymap::KEYMAP.len());
            }
            Some(Overlay::Dialog(question, pick)) => match command {
                Some(Command::Next | Command::Previous) => *pick = pick.other(),
                Some(Command::Accept) => {
                    let pick = *pick;
                    self.answer(pick);
                }
                Some(Command::Cancel) => self.put_off(),
                _ => {
                    if let Some(pick) =
                        keymap::typed(key).and_then(|letter| question.shortcut(letter))
                    {
                        self.answer(pick);
                    }
                }
            },
            Some(Overlay::Devices(_)) => self.picker_key(command),
            Some(Overlay::Check(_)) => self.check_key(command),
            Some(Overlay::Timings)
                if matches!(command, Some(Command::Cancel | Command::Accept)) =>
            {
                drop(self.overlays.pop_front());
            }
            Some(Overlay::Timings) | None => {}
        }
    }

    fn answer(&mut self, pick: Pick) {
        let Some(Overlay::Dialog(question, _)) = self.overlays.pop_front() else {
            return;
        };
        match (question, pick) {
            (Question::Consent(_), Pick::First) => {
                self.emit(Effect::Session(SessionEffect::Consent { granted: false }))
            }
            (Question::Consent(asked), Pick::Second) => {
                self.asks = Asks::Model {
                    model: asked.model,
                    host: asked.host,
                };
                self.emit(Effect::Session(SessionEffect::Consent { granted: true }));
            }
            (Question::Model(_), Pick::First) => self.download_model(),
            (Question::Model(_), Pick::Second) => self.emit(Effect::Model(ModelEffect::Decline)),
            (Question::NoKeyring(_), Pick::First) => self.emit(Effect::Session(
                SessionEffect::StoreToken(TokenPlace::Memory),
            )),
            (Question::NoKeyring(_), Pick::Second) => {
                self.emit(Effect::Session(SessionEffect::StoreToken(TokenPlace::File)))
            }
            (Question::Finish, Pick::First) => self.finish(),
            (Question::Finish, Pick::Second) => {}
        }
    }

    /// Esc: the question is not answered; nothing leaves the machine, nothing is kept.
    fn put_off(&mut self) {
        if let Some(Overlay::Dialog(Question::NoKeyring(_), _)) = self.overlays.pop_front() {
            self.emit(Effect::Session(SessionEffect::StoreToken(
                TokenPlace::Memory,
            )));
        }
    }
}
