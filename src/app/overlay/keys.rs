//! The keys of overlays: scrolling help, and answering questions.

use super::super::ctx::Ctx;
use super::super::effect::{Effect, SessionEffect, TokenPlace};
use super::super::key::Key;
use super::super::keymap::{self, KEYMAP, KeyCommand};
use super::super::question::{Pick, Question};
use super::{Overlay, Overlays};

/// The number of rows in a page of help.
const PAGE: usize = 8;

/// The result of a key press in an overlay.
#[derive(Clone, Debug, PartialEq)]
pub enum OverlayOutcome {
    Stay,
    Answered(Question, Pick),
    PickDevices,
    CheckMicrophone,
}

impl Overlays {
    pub(in super::super) fn key(
        &mut self,
        command: Option<KeyCommand>,
        key: &Key,
        ctx: &mut Ctx,
    ) -> OverlayOutcome {
        match self.0.front_mut() {
            Some(Overlay::Help(top)) => match scrolled(*top, command) {
                Some(row) => *top = row,
                None => drop(self.0.pop_front()),
            },
            Some(Overlay::Dialog(..)) => return self.dialog_key(command, key, ctx),
            Some(Overlay::Devices(_)) => return self.picker_key(command, ctx),
            Some(Overlay::Check(_)) => return self.check_key(command, ctx),
            Some(Overlay::Timings) => {
                if matches!(command, Some(KeyCommand::Cancel | KeyCommand::Accept)) {
                    self.0.pop_front();
                }
            }
            None => {}
        }
        OverlayOutcome::Stay
    }

    fn dialog_key(
        &mut self,
        command: Option<KeyCommand>,
        key: &Key,
        ctx: &mut Ctx,
    ) -> OverlayOutcome {
        let Some(Overlay::Dialog(question, pick)) = self.0.front_mut() else {
            return OverlayOutcome::Stay;
        };
        let answer = match command {
            Some(KeyCommand::Next | KeyCommand::Previous) => {
                *pick = pick.other();
                None
            }
            Some(KeyCommand::Accept) => Some(*pick),
            Some(KeyCommand::Cancel) => {
                self.put_off(ctx);
                None
            }
            _ => keymap::typed(key).and_then(|letter| question.shortcut(letter)),
        };
        match answer {
            Some(pick) => self.answered(pick),
            None => OverlayOutcome::Stay,
        }
    }

    fn answered(&mut self, pick: Pick) -> OverlayOutcome {
        match self.0.pop_front() {
            Some(Overlay::Dialog(question, _)) => OverlayOutcome::Answered(question, pick),
            Some(Overlay::Help(_) | Overlay::Devices(_) | Overlay::Check(_) | Overlay::Timings)
            | None => OverlayOutcome::Stay,
        }
    }

    /// Closes a question without an answer: nothing leaves the machine, and nothing is stored.
    fn put_off(&mut self, ctx: &mut Ctx) {
        if let Some(Overlay::Dialog(Question::NoKeyring(_), _)) = self.0.pop_front() {
            let effect = SessionEffect::StoreToken(TokenPlace::Memory);
            ctx.emit(Effect::Session(effect));
        }
    }
}

/// Returns the first row of help after a command, or `None` when the command closes it.
fn scrolled(top: usize, command: Option<KeyCommand>) -> Option<usize> {
    let row = match command {
        Some(KeyCommand::Next) => top + 1,
        Some(KeyCommand::Previous) => top.saturating_sub(1),
        Some(KeyCommand::PageDown) => top + PAGE,
        Some(KeyCommand::PageUp) => top.saturating_sub(PAGE),
        Some(KeyCommand::Cancel | KeyCommand::Accept) => return None,
        _ => top,
    };
    Some(row.min(KEYMAP.len()))
}
