//! The task that owns the loudspeaker.

use futures_util::future::OptionFuture;
use tokio::sync::mpsc;

use super::Order;
use super::reply::{Clip, Reply, Sounding};
use crate::app::action::{Action, Missing, Part, SpeechEvent, TurnId};
use crate::interview::Language;
use crate::narrator::{CachedNarrator, NarratorError, Speech};
use crate::voice::{Speaker, VoiceError};

/// Sentences the loudspeaker has, the one being heard included: a short one must not end before the next is there.
const AHEAD: usize = 3;

pub(super) struct Task {
    reader: CachedNarrator,
    speaker: Box<dyn Speaker>,
    actions: mpsc::Sender<Action>,
    own: mpsc::WeakUnboundedSender<Order>,
    /// All that sounds: without it there is silence, see [`crate::voice::Playback`].
    reply: Option<Reply>,
    muted: bool,
    /// Given to the loudspeaker so far; the number of the next clip.
    clips: u64,
    /// Nothing up to this turn is heard, also when it was silenced before its first words came.
    silenced: TurnId,
}

impl Task {
    pub(super) fn new(
        reader: CachedNarrator,
        speaker: Box<dyn Speaker>,
        actions: mpsc::Sender<Action>,
        own: mpsc::WeakUnboundedSender<Order>,
    ) -> Self {
        Self {
            reader,
            speaker,
            actions,
            own,
            reply: None,
            muted: false,
            clips: 0,
            silenced: TurnId::default(),
        }
    }

    pub(super) async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Order>) {
        loop {
            let making = self
                .reply
                .as_mut()
                .and_then(|reply| reply.making.as_mut())
                .map(|(_, synthesis)| synthesis);
            tokio::select! {
                // An interruption goes before everything else.
                biased;
                order = inbox.recv() => match order {
                    Some(order) => self.obey(order).await,
                    None => return,
                },
                Some(made) = OptionFuture::from(making) => self.made(made).await,
            }
            self.go_on().await;
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Expect if self.muted => {}
            Order::Expect => self.speaker.prepare(),
            Order::Begin(turn, language) => self.begin(turn, language),
            Order::Delta(turn, text) => self.add(turn, |reply| reply.sentences.push(&text)),
            Order::End(turn) => self.end(turn),
            Order::Sound(turn, speech, text) => self.sound(turn, speech, text).await,
            Order::Silence(turn) => self.silence(turn).await,
            Order::Skip(turn, sentence) => self.skip(turn, sentence).await,
            Order::Mute(muted) => self.mute(muted).await,
            Order::Volume(volume) => self.speaker.set_volume(volume.factor()),
            Order::Rate(rate) => {
                self.reader.set_rate(rate);
                // Without a narrator here, what was made elsewhere cannot be made anew.
                self.reply
                    .iter_mut()
                    .filter(|_| !self.reader.is_silent())
                    .for_each(Reply::make_anew);
            }
            Order::Ended(clip, outcome) => self.ended(clip, outcome).await,
        }
    }

    fn begin(&mut self, turn: TurnId, language: Language) {
        if turn > self.silenced {
            self.reply = (!self.muted).then(|| Reply::new(turn, language));
            if self.reply.is_some() && !self.reader.is_silent() {
                self.speaker.prepare();
            }
        }
    }

    fn reply_of(&mut self, turn: TurnId) -> Option<&mut Reply> {
        self.reply.as_mut().filter(|reply| reply.turn == turn)
    }

    fn add<S: IntoIterator<Item = String>>(
        &mut self,
        turn: TurnId,
        sentences: impl FnOnce(&mut Reply) -> S,
    ) {
        if let Some(reply) = self.reply_of(turn) {
            let sentences = sentences(reply);
            reply.add(sentences);
        }
    }

    fn end(&mut self, turn: TurnId) {
        self.add(turn, |reply| {
            reply.written = true;
            reply.sentences.finish()
        });
    }

    async fn sound(&mut self, turn: TurnId, speech: Speech, text: String) {
        if let Some(reply) = self.reply_of(turn) {
            let clip = Clip {
                index: reply.take_index(),
                text,
            };
            self.play(clip, speech).await;
        }
    }

    async fn silence(&mut self, turn: TurnId) {
        self.silenced = self.silenced.max(turn);
        let silenced = self.reply.take_if(|reply| reply.turn <= turn);
        self.fell_silent(silenced).await;
    }

    async fn mute(&mut self, muted: bool) {
        self.muted = muted;
        let silenced = self.reply.take_if(|_| muted);
        self.fell_silent(silenced).await;
    }

    async fn fell_silent(&mut self, silenced: Option<Reply>) {
        if let Some(Reply { turn, .. }) = silenced {
            self.tell(Action::Speech(SpeechEvent::Ended { turn })).await;
        }
    }

    async fn skip(&mut self, turn: TurnId, sentence: usize) {
        let Some(reply) = self.reply_of(turn) else {
            return;
        };
        let playing = reply.playing.len();
        reply
            .playing
            .retain(|sounding| sounding.clip.index > sentence);
        if reply.playing.len() < playing {
            self.tell_speaking().await;
        }
    }

    async fn made(&mut self, made: Result<Option<Speech>, NarratorError>) {
        let Some((clip, _)) = self.reply.as_mut().and_then(|reply| reply.making.take()) else {
            return;
        };
        match made {
            Ok(Some(speech)) => self.play(clip, speech).await,
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot speak");
                self.cannot_speak(Part::Narrator, error.to_string()).await;
            }
        }
    }

    async fn play(&mut self, clip: Clip, speech: Speech) {
        let (own, number) = (self.own.clone(), self.clips);
        self.clips += 1;
        let ended = Box::new(move |outcome| {
            if let Some(own) = own.upgrade() {
                let _ = own.send(Order::Ended(number, outcome));
            }
        });
        match self.speaker.play(speech, ended) {
            Ok(playback) => {
                let Some(reply) = &mut self.reply else { return };
                reply.playing.push_back(Sounding {
                    clip,
                    number,
                    _playback: playback,
                });
                if reply.playing.len() == 1 {
                    self.tell_speaking().await;
                }
            }
            Err(error) => self.speaker_failed(&error).await,
        }
    }

    /// A clip that was silenced or skipped is no longer there, and its end says nothing.
    async fn ended(&mut self, clip: u64, outcome: Result<(), VoiceError>) {
        let Some(reply) = &mut self.reply else { return };
        let Some(place) = reply
            .playing
            .iter()
            .position(|sounding| sounding.number == clip)
        else {
            return;
        };
        reply.playing.remove(place);
        if let Err(error) = outcome {
            self.speaker_failed(&error).await;
        }
        if place == 0 {
            self.tell_speaking().await;
        }
    }

    async fn tell_speaking(&mut self) {
        if let Some(reply) = &self.reply
            && let Some(Sounding { clip, .. }) = reply.playing.front()
        {
            let action = Action::Speech(SpeechEvent::Sentence {
                turn: reply.turn,
                index: clip.index,
                text: clip.text.clone(),
            });
            self.tell(action).await;
        }
    }

    async fn speaker_failed(&mut self, error: &VoiceError) {
        tracing::warn!(%error, "cannot be heard");
        let Some(reply) = &self.reply else { return };
        let reason = error.told(reply.language);
        self.cannot_speak(Part::Speaker, reason).await;
    }

    /// Said once a reply; the rest of it stays silent.
    async fn cannot_speak(&mut self, part: Part, reason: String) {
        let Some(reply) = &mut self.reply else { return };
        reply.waiting.clear();
        if part == Part::Speaker {
            // No other sentence would be heard: none of them may be told as sounding, which takes the notice back.
            reply.making = None;
            reply.playing.clear();
        }
        if !std::mem::replace(&mut reply.failed, true) {
            // A narrator tells itself what helps.
            let remedy = if part == Part::Speaker {
                "mock-interviewer devices"
            } else {
                ""
            };
            let missing = Missing {
                part,
                reason,
                remedy: remedy.to_owned(),
            };
            self.tell(Action::Speech(SpeechEvent::Unavailable(missing)))
                .await;
        }
    }

    /// Starts the next synthesis if there is room, and notices the end.
    async fn go_on(&mut self) {
        let Some(reply) = &mut self.reply else { return };
        if reply.making.is_none() && reply.playing.len() < AHEAD {
            reply.make_next(&self.reader);
        }
        if reply.is_over() {
            let over = self.reply.take();
            self.fell_silent(over).await;
        }
    }

    async fn tell(&mut self, action: Action) {
        // The loop is gone: nobody is left to know.
        let _ = self.actions.send(action).await;
    }
}
