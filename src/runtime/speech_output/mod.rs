//! Speaking a reply while it is still being written: deltas → sentences → sound → loudspeaker.
//!
//! One task owns the loudspeaker. A few sentences are synthesised before they are heard, so that they follow each other
//! without a gap and an interruption wastes little.

mod reply;
mod task;

use tokio::sync::mpsc;

use crate::app::action::{Action, TurnId};
use crate::config::{Rate, Volume};
use crate::interview::Language;
use crate::narrator::{CachedNarrator, Speech};
use crate::voice::{Speaker, VoiceError};
use task::Task;

/// What the speech_output is told.
#[derive(Debug)]
enum Order {
    /// A reply is on its way.
    Expect,
    /// A new reply begins; whatever is left of an older one falls silent.
    Begin(TurnId, Language),
    /// The next piece of it.
    Delta(TurnId, String),
    /// No more pieces come.
    End(TurnId),
    /// A piece of it as sound made elsewhere; its text.
    Sound(TurnId, Speech, String),
    /// Nothing up to this turn is heard any more.
    Silence(TurnId),
    /// Nothing up to this sentence of the turn is.
    Skip(TurnId, usize),
    /// Replies are heard, or not.
    Mute(bool),
    /// How loud.
    Volume(Volume),
    /// How fast, from the next sentence on.
    Rate(Rate),
    /// The clip of this number ended.
    Ended(u64, Result<(), VoiceError>),
}

/// A handle to the task that speaks. Never blocks.
#[derive(Clone, Debug)]
pub struct SpeechOutput {
    orders: mpsc::UnboundedSender<Order>,
    narrates: bool,
}

impl SpeechOutput {
    /// Starts the task.
    pub fn start(
        reader: impl Into<CachedNarrator>,
        speaker: Box<dyn Speaker>,
        actions: mpsc::Sender<Action>,
    ) -> Self {
        let reader = reader.into();
        let (orders, inbox) = mpsc::unbounded_channel();
        let narrates = !reader.is_silent();
        tokio::spawn(Task::new(reader, speaker, actions, orders.downgrade()).run(inbox));
        Self { orders, narrates }
    }

    /// Whether text can be spoken here; sound made elsewhere can in any case.
    pub fn narrates(&self) -> bool {
        self.narrates
    }

    /// A reply was asked for: a loudspeaker that takes time to open is opened meanwhile, where there is one who speaks.
    pub fn expect(&self) {
        if self.narrates {
            self.order(Order::Expect);
        }
    }

    /// A new reply begins.
    pub fn begin(&self, turn: TurnId, language: Language) {
        self.order(Order::Begin(turn, language));
    }

    /// The next piece of a reply, markdown.
    pub fn delta(&self, turn: TurnId, text: &str) {
        self.order(Order::Delta(turn, text.to_owned()));
    }

    /// No more pieces of this reply come.
    pub fn end(&self, turn: TurnId) {
        self.order(Order::End(turn));
    }

    /// The whole reply as sound made elsewhere.
    pub fn sound(&self, turn: TurnId, speech: Speech, text: String) {
        self.order(Order::Sound(turn, speech, text));
    }

    /// Nothing of `turn` or older is heard any more.
    pub fn silence(&self, turn: TurnId) {
        self.order(Order::Silence(turn));
    }

    /// Nothing of the turn's sentences up to this one is heard any more; the next follows at once.
    pub fn skip(&self, turn: TurnId, sentence: usize) {
        self.order(Order::Skip(turn, sentence));
    }

    /// From now on replies are heard, or not.
    pub fn mute(&self, muted: bool) {
        self.order(Order::Mute(muted));
    }

    /// How loud, what sounds already included.
    pub fn set_volume(&self, volume: Volume) {
        self.order(Order::Volume(volume));
    }

    /// How fast, from the next sentence on.
    pub fn set_rate(&self, rate: Rate) {
        self.order(Order::Rate(rate));
    }

    fn order(&self, order: Order) {
        // The task lives as long as there is a handle.
        let _ = self.orders.send(order);
    }
}

#[cfg(test)]
mod tests;
