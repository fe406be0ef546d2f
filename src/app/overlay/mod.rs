//! What lies over a screen until it is answered or closed.

mod keys;
mod sound_check;

use std::collections::VecDeque;

use super::check::Check;
use super::devices::DevicePicker;
use super::question::{Pick, Question};

pub use keys::OverlayOutcome;

/// One thing over the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlay {
    /// The keys, scrolled down by so many rows.
    Help(usize),
    Dialog(Question, Pick),
    /// The picker of microphone, channel and loudspeaker.
    Devices(DevicePicker),
    /// The check of the microphone.
    Check(Check),
    /// The timing of the last turn.
    Timings,
}

/// The overlays, of which the front one is shown and the others wait.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlays(VecDeque<Overlay>);

impl Overlays {
    pub(super) fn of_questions(questions: impl Iterator<Item = Question>) -> Self {
        let dialog = |question| Overlay::Dialog(question, Pick::First);
        Self(questions.map(dialog).collect())
    }

    pub fn front(&self) -> Option<&Overlay> {
        self.0.front()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Puts a question behind the overlays that wait already, unless it is among them.
    pub(super) fn ask(&mut self, question: Question) {
        let same =
            |overlay: &Overlay| matches!(overlay, Overlay::Dialog(other, _) if *other == question);
        if !self.0.iter().any(same) {
            self.0.push_back(Overlay::Dialog(question, Pick::First));
        }
    }

    /// Takes the offer of a speech model back.
    pub(super) fn close_model_offer(&mut self) {
        self.0
            .retain(|overlay| !matches!(overlay, Overlay::Dialog(Question::Model(_), _)));
    }

    pub(super) fn toggle_help(&mut self) {
        match self.0.front() {
            Some(Overlay::Help(_)) => drop(self.0.pop_front()),
            Some(
                Overlay::Dialog(..) | Overlay::Devices(_) | Overlay::Check(_) | Overlay::Timings,
            )
            | None => self.0.push_front(Overlay::Help(0)),
        }
    }

    pub(super) fn toggle_timings(&mut self) {
        match self.0.front() {
            Some(Overlay::Timings) => drop(self.0.pop_front()),
            Some(
                Overlay::Help(_) | Overlay::Dialog(..) | Overlay::Devices(_) | Overlay::Check(_),
            )
            | None => self.0.push_front(Overlay::Timings),
        }
    }

    /// Whether something in the front overlay moves by itself.
    pub(super) fn animates(&self) -> bool {
        matches!(self.0.front(), Some(Overlay::Check(check)) if check.animates())
    }
}
