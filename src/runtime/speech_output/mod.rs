//! The port to the loudspeaker: commands go in, actions come out.
//!
//! ```text
//! SpeechCommand ─► SpeechOutput ─► task: text ─sentences► narrator ─speech► loudspeaker
//!                                    └─► Action: the sentence that sounds, the end, what failed
//! ```
//!
//! A reply is spoken while it is still being written. One task owns the loudspeaker and synthesises
//! a few sentences ahead, so that they follow each other without a gap and an interruption wastes
//! little.

mod reply;
mod task;

use tokio::sync::mpsc;

use super::panic_report;
use super::panics::{self, report_panic};
use crate::app::action::{Action, Missing, Part, SpeechEvent, TurnId};
use crate::config::{Rate, Volume};
use crate::interview::Language;
use crate::narrator::{CachedNarrator, Speech};
use crate::voice::Speaker;
use task::SpeechTask;

/// One thing to do on the loudspeaker side.
#[derive(Debug)]
pub enum SpeechCommand {
    /// Opens a loudspeaker that takes time to open, if a narrator will speak the reply that was
    /// asked for.
    Prepare,
    /// Begins a reply; whatever is left of an older one falls silent.
    Begin { turn: TurnId, language: Language },
    /// Adds a piece of the reply, as markdown.
    Text { turn: TurnId, text: String },
    /// Adds a piece of the reply as sound made elsewhere, with its text.
    Audio {
        turn: TurnId,
        speech: Speech,
        text: String,
    },
    /// Marks the reply as complete.
    End(TurnId),
    /// Silences every reply up to and including this turn's.
    Silence(TurnId),
    /// Silences the turn's sentences up to and including this one; the next follows at once.
    Skip { turn: TurnId, sentence: usize },
    /// Turns replies off or on.
    Mute(bool),
    /// Sets how loud replies are, the sentence that sounds included.
    SetVolume(Volume),
    /// Sets how fast replies are spoken, from the next sentence on.
    SetRate(Rate),
}

/// A handle to the task that speaks. Sending never blocks; clones share the task.
#[derive(Clone, Debug)]
pub struct SpeechOutput {
    commands: mpsc::UnboundedSender<SpeechCommand>,
    narrates: bool,
}

impl SpeechOutput {
    /// Starts the task that speaks with `narrator` on `speaker`. Needs a tokio runtime.
    pub fn start(
        narrator: impl Into<CachedNarrator>,
        speaker: Box<dyn Speaker>,
        actions: mpsc::Sender<Action>,
    ) -> Self {
        let narrator = narrator.into();
        let narrates = !narrator.is_silent();
        let (commands, inbox) = mpsc::unbounded_channel();
        let task = SpeechTask::new(narrator, speaker, actions.clone()).run(inbox);
        let failure = Action::Speech(SpeechEvent::Unavailable(Missing {
            part: Part::Speaker,
            reason: panics::message(panic_report::language()),
            remedy: String::new(),
        }));
        tokio::spawn(report_panic("speech", task, actions, failure));
        Self { commands, narrates }
    }

    /// Returns a port without a loudspeaker, which ignores every command.
    pub fn unavailable() -> Self {
        let (commands, _) = mpsc::unbounded_channel();
        Self {
            commands,
            narrates: false,
        }
    }

    /// Returns whether there is a loudspeaker.
    pub fn is_available(&self) -> bool {
        !self.commands.is_closed()
    }

    /// Returns whether text can be spoken here; sound made elsewhere can be played without it.
    pub fn narrates(&self) -> bool {
        self.narrates && self.is_available()
    }

    /// Queues one command.
    pub fn send(&self, command: SpeechCommand) {
        // Without a loudspeaker there is nothing to do.
        let _ = self.commands.send(command);
    }

    /// Queues a whole reply.
    pub fn speak(&self, turn: TurnId, language: Language, text: String) {
        self.send(SpeechCommand::Begin { turn, language });
        self.send(SpeechCommand::Text { turn, text });
        self.send(SpeechCommand::End(turn));
    }
}

#[cfg(test)]
mod tests;
