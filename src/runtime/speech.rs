//! Speaking a reply while it is still being written: deltas → sentences → sound → loudspeaker.
//!
//! One task owns the loudspeaker. At most [`AHEAD`] sentences are synthesised before they are heard,
//! so that they follow each other without a gap and an interruption wastes little.

mod reply;

use futures_util::future::OptionFuture;
use tokio::sync::mpsc;

use crate::app::action::{Action, Missing, Part, TurnId};
use crate::interview::Language;
use crate::narrator::{Narrator, NarratorError, Speech};
use crate::voice::{Speaker, VoiceError};
use reply::{Clip, Reply, synthesis};

/// Sentences synthesised ahead of the one being heard.
const AHEAD: usize = 2;

/// What the mouth is told.
#[derive(Debug)]
enum Order {
    /// A new reply begins; whatever is left of an older one falls silent.
    Begin(TurnId, Language),
    /// The next piece of it.
    Delta(TurnId, String),
    /// No more pieces come.
    End(TurnId),
    /// The reply as one piece of sound made elsewhere; its text.
    Sound(TurnId, Speech, String),
    /// Nothing up to this turn is heard any more.
    Silence(TurnId),
    /// Replies are heard, or not.
    Mute(bool),
    /// The clip of this generation and place was heard to its end.
    Heard(u64, Result<(), VoiceError>),
}

/// A handle to the task that speaks. Never blocks.
#[derive(Clone, Debug)]
pub struct Mouth {
    orders: mpsc::UnboundedSender<Order>,
    narrates: bool,
}

impl Mouth {
    /// Starts the task.
    pub fn start(narrator: Narrator, speaker: Box<dyn Speaker>, actions: mpsc::Sender<Action>) -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        let narrates = !matches!(narrator, Narrator::None);
        let task = Task {
            narrator,
            speaker,
            actions,
            own: orders.downgrade(),
            reply: None,
            muted: false,
            generation: 0,
            silenced: TurnId::default(),
        };
        tokio::spawn(task.run(inbox));
        Self { orders, narrates }
    }

    /// Whether text can be spoken here; sound made elsewhere can in any case.
    pub fn narrates(&self) -> bool {
        self.narrates
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

    /// From now on replies are heard, or not.
    pub fn mute(&self, muted: bool) {
        self.order(Order::Mute(muted));
    }

    fn order(&self, order: Order) {
        // The task lives as long as there is a handle.
        let _ = self.orders.send(order);
    }
}

struct Task {
    narrator: Narrator,
    speaker: Box<dyn Speaker>,
    actions: mpsc::Sender<Action>,
    own: mpsc::WeakUnboundedSender<Order>,
    reply: Option<Reply>,
    muted: bool,
    /// Counts silences: a clip of an older generation ends unheard.
    generation: u64,
    /// Nothing up to this turn is heard, also when it was silenced before its first words came.
    silenced: TurnId,
}

impl Task {
    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Order>) {
        loop {
            let making = self.reply.as_mut().and_then(|reply| reply.making.as_mut());
            tokio::select! {
                // An interruption goes before everything else.
                biased;
                order = inbox.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                Some((clip, made)) = OptionFuture::from(making) => self.made(clip, made).await,
            }
            self.go_on().await;
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Begin(turn, language) => self.begin(turn, language),
            Order::Delta(turn, text) => {
                if let Some(reply) = self.reply_of(turn) {
                    let sentences = reply.sentences.push(&text);
                    reply.add(sentences);
                }
            }
            Order::End(turn) => {
                if let Some(reply) = self.reply_of(turn) {
                    let rest = reply.sentences.finish();
                    reply.add(rest);
                    reply.written = true;
                }
            }
            Order::Sound(turn, speech, text) => {
                if let Some(reply) = self.reply_of(turn) {
                    reply.written = true;
                    let clip = Clip { index: reply.take_index(), text };
                    self.play(clip, speech).await;
                }
            }
            Order::Silence(turn) => self.silence(turn).await,
            Order::Mute(muted) => self.mute(muted).await,
            Order::Heard(generation, outcome) if generation == self.generation => self.heard(outcome).await,
            Order::Heard(..) => {}
        }
    }

    fn begin(&mut self, turn: TurnId, language: Language) {
        if turn <= self.silenced {
            return;
        }
        self.stop();
        if !self.muted {
            self.reply = Some(Reply::new(turn, language));
        }
    }

    fn reply_of(&mut self, turn: TurnId) -> Option<&mut Reply> {
        self.reply.as_mut().filter(|reply| reply.turn == turn)
    }

    async fn silence(&mut self, turn: TurnId) {
        self.silenced = self.silenced.max(turn);
        if let Some(reply) = self.reply.take_if(|reply| reply.turn <= turn) {
            self.stop();
            let turn = reply.turn;
            self.tell(Action::SpokeAll(turn)).await;
        }
    }

    async fn mute(&mut self, muted: bool) {
        self.muted = muted;
        if let Some(reply) = self.reply.take_if(|_| muted) {
            self.stop();
            let turn = reply.turn;
            self.tell(Action::SpokeAll(turn)).await;
        }
    }

    fn stop(&mut self) {
        self.reply = None;
        self.generation += 1;
        self.speaker.stop();
    }

    async fn made(&mut self, clip: Clip, made: Result<Option<Speech>, NarratorError>) {
        if let Some(reply) = &mut self.reply {
            reply.making = None;
        }
        match made {
            Ok(Some(speech)) => self.play(clip, speech).await,
            Ok(None) => {}
            Err(error) => self.cannot_speak(Part::Narrator, &error).await,
        }
    }

    async fn play(&mut self, clip: Clip, speech: Speech) {
        let (own, generation) = (self.own.clone(), self.generation);
        let ended = Box::new(move |outcome| {
            if let Some(own) = own.upgrade() {
                let _ = own.send(Order::Heard(generation, outcome));
            }
        });
        match self.speaker.play(speech, ended) {
            Ok(()) => {
                let Some(reply) = &mut self.reply else { return };
                reply.playing.push_back(clip);
                if reply.playing.len() == 1 {
                    self.tell_speaking().await;
                }
            }
            Err(error) => self.cannot_speak(Part::Speaker, &error).await,
        }
    }

    async fn heard(&mut self, outcome: Result<(), VoiceError>) {
        if let Some(reply) = &mut self.reply {
            reply.playing.pop_front();
        }
        if let Err(error) = outcome {
            self.cannot_speak(Part::Speaker, &error).await;
        }
        self.tell_speaking().await;
    }

    async fn tell_speaking(&mut self) {
        if let Some(reply) = &self.reply
            && let Some(clip) = reply.playing.front()
        {
            let action = Action::Speaking(reply.turn, clip.index, clip.text.clone());
            self.tell(action).await;
        }
    }

    /// Said once a reply; the rest of it stays silent.
    async fn cannot_speak(&mut self, part: Part, error: &(dyn std::error::Error + Sync)) {
        tracing::warn!(%error, "cannot speak");
        let Some(reply) = &mut self.reply else { return };
        reply.waiting.clear();
        if !std::mem::replace(&mut reply.failed, true) {
            let missing = Missing { part, reason: error.to_string(), remedy: String::new() };
            self.tell(Action::NotSpoken(missing)).await;
        }
    }

    /// Starts the next synthesis if there is room, and notices the end.
    async fn go_on(&mut self) {
        let Some(reply) = &mut self.reply else { return };
        if reply.making.is_none()
            && reply.playing.len() < AHEAD
            && let Some(clip) = reply.waiting.pop_front()
        {
            reply.making = Some(synthesis(self.narrator.clone(), clip, reply.language));
        }
        if reply.is_over() {
            let turn = reply.turn;
            self.reply = None;
            self.tell(Action::SpokeAll(turn)).await;
        }
    }

    async fn tell(&mut self, action: Action) {
        // The loop is gone: nobody is left to know.
        let _ = self.actions.send(action).await;
    }
}

#[cfg(test)]
mod tests;
