//! The task that owns the loudspeaker.

use futures_util::future::OptionFuture;
use tokio::sync::mpsc;

use super::SpeechCommand;
use super::reply::{QueuedSentence, Reply, Sentence};
use crate::app::action::{Action, Missing, Part, SpeechEvent, TurnId};
use crate::config::Rate;
use crate::interview::Language;
use crate::narrator::{CachedNarrator, NarratorError, Speech};
use crate::runtime::wording;
use crate::voice::{Speaker, VoiceError};

/// The sentences the loudspeaker has, the sounding one included. A short sentence must not end
/// before the next one is there.
const AHEAD: usize = 3;

/// Reports that the clip of this number ended, and how.
struct ClipEnd {
    clip: u64,
    outcome: Result<(), VoiceError>,
}

/// Turns commands into sound, and sound into actions.
pub(super) struct SpeechTask {
    narrator: CachedNarrator,
    speaker: Box<dyn Speaker>,
    actions: mpsc::Sender<Action>,
    clip_ends: mpsc::UnboundedSender<ClipEnd>,
    ended_clips: mpsc::UnboundedReceiver<ClipEnd>,
    /// Everything audible: dropping the reply silences it, see [`crate::voice::Playback`].
    reply: Option<Reply>,
    muted: bool,
    next_clip: u64,
    /// Replies up to this turn stay silent, also those silenced before their first words came.
    silenced: TurnId,
}

impl SpeechTask {
    pub(super) fn new(
        narrator: CachedNarrator,
        speaker: Box<dyn Speaker>,
        actions: mpsc::Sender<Action>,
    ) -> Self {
        let (clip_ends, ended_clips) = mpsc::unbounded_channel();
        Self {
            narrator,
            speaker,
            actions,
            clip_ends,
            ended_clips,
            reply: None,
            muted: false,
            next_clip: 0,
            silenced: TurnId::default(),
        }
    }

    /// Runs until the last [`super::SpeechOutput`] is dropped.
    pub(super) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<SpeechCommand>) {
        loop {
            let reply = self.reply.as_mut();
            let synthesis = reply
                .and_then(|reply| reply.synthesis.as_mut())
                .map(|(_, synthesis)| synthesis);
            tokio::select! {
                // An interruption goes before everything else.
                biased;
                command = commands.recv() => match command {
                    Some(command) => self.execute(command).await,
                    None => return,
                },
                Some(end) = self.ended_clips.recv() => self.clip_ended(end).await,
                Some(outcome) = OptionFuture::from(synthesis) => self.synthesised(outcome).await,
            }
            self.advance().await;
        }
    }

    async fn execute(&mut self, command: SpeechCommand) {
        match command {
            SpeechCommand::Prepare => self.prepare(),
            SpeechCommand::Begin { turn, language } => self.begin(turn, language),
            SpeechCommand::Text { turn, text } => self.add_text(turn, &text),
            SpeechCommand::Audio { turn, speech, text } => self.add_audio(turn, speech, text).await,
            SpeechCommand::End(turn) => self.end(turn),
            SpeechCommand::Silence(turn) => self.silence(turn).await,
            SpeechCommand::Skip { turn, sentence } => self.skip(turn, sentence).await,
            SpeechCommand::Mute(muted) => self.mute(muted).await,
            SpeechCommand::SetVolume(volume) => self.speaker.set_volume(volume.factor()),
            SpeechCommand::SetRate(rate) => self.set_rate(rate),
        }
    }

    fn prepare(&mut self) {
        if !self.muted && !self.narrator.is_silent() {
            self.speaker.prepare();
        }
    }

    fn begin(&mut self, turn: TurnId, language: Language) {
        if turn <= self.silenced {
            return;
        }
        self.reply = (!self.muted).then(|| Reply::new(turn, language));
        self.prepare();
    }

    fn reply_of(&mut self, turn: TurnId) -> Option<&mut Reply> {
        self.reply.as_mut().filter(|reply| reply.turn == turn)
    }

    fn add_text(&mut self, turn: TurnId, text: &str) {
        if let Some(reply) = self.reply_of(turn) {
            let sentences = reply.sentences.push(text);
            reply.add(sentences);
        }
    }

    fn end(&mut self, turn: TurnId) {
        if let Some(reply) = self.reply_of(turn) {
            reply.complete = true;
            let sentences = reply.sentences.finish();
            reply.add(sentences);
        }
    }

    async fn add_audio(&mut self, turn: TurnId, speech: Speech, text: String) {
        if let Some(reply) = self.reply_of(turn) {
            let index = reply.next_index();
            self.play(Sentence { index, text }, speech).await;
        }
    }

    async fn silence(&mut self, turn: TurnId) {
        self.silenced = self.silenced.max(turn);
        let silenced = self.reply.take_if(|reply| reply.turn <= turn);
        self.report_end(silenced).await;
    }

    async fn mute(&mut self, muted: bool) {
        self.muted = muted;
        let silenced = self.reply.take_if(|_| muted);
        self.report_end(silenced).await;
    }

    fn set_rate(&mut self, rate: Rate) {
        self.narrator.set_rate(rate);
        // Sound made elsewhere cannot be synthesised again without a narrator.
        if self.narrator.is_silent() {
            return;
        }
        if let Some(reply) = &mut self.reply {
            reply.restart_synthesis();
        }
    }

    async fn skip(&mut self, turn: TurnId, sentence: usize) {
        let Some(reply) = self.reply_of(turn) else {
            return;
        };
        let before = reply.queued.len();
        reply
            .queued
            .retain(|queued| queued.sentence.index > sentence);
        if reply.queued.len() < before {
            self.report_sentence().await;
        }
    }

    async fn synthesised(&mut self, outcome: Result<Option<Speech>, NarratorError>) {
        let synthesis = self.reply.as_mut().and_then(|reply| reply.synthesis.take());
        let Some((sentence, _)) = synthesis else {
            return;
        };
        match outcome {
            Ok(Some(speech)) => self.play(sentence, speech).await,
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "the narrator failed");
                let language = self.reply.as_ref().map(|reply| reply.language);
                let language = language.unwrap_or(Language::English);
                self.narrator_failed(wording::of(&error, language)).await;
            }
        }
    }

    async fn play(&mut self, sentence: Sentence, speech: Speech) {
        let clip = self.next_clip;
        self.next_clip += 1;
        let ends = self.clip_ends.clone();
        let ended = Box::new(move |outcome| drop(ends.send(ClipEnd { clip, outcome })));
        match self.speaker.play(speech, ended) {
            Ok(playback) => {
                let Some(reply) = &mut self.reply else { return };
                reply.queued.push_back(QueuedSentence {
                    sentence,
                    clip,
                    _playback: playback,
                });
                if reply.queued.len() == 1 {
                    self.report_sentence().await;
                }
            }
            Err(error) => self.speaker_failed(&error).await,
        }
    }

    /// Removes the clip from the reply. A silenced or skipped clip is no longer in it, and its end
    /// means nothing.
    async fn clip_ended(&mut self, ClipEnd { clip, outcome }: ClipEnd) {
        let Some(reply) = &mut self.reply else { return };
        let Some(position) = reply.queued.iter().position(|queued| queued.clip == clip) else {
            return;
        };
        reply.queued.remove(position);
        if let Err(error) = outcome {
            self.speaker_failed(&error).await;
        }
        if position == 0 {
            self.report_sentence().await;
        }
    }

    /// Discards the rest of the reply: no sentence of it may be reported as sounding any more,
    /// which would take the notice off the screen.
    async fn speaker_failed(&mut self, error: &VoiceError) {
        tracing::warn!(%error, "the loudspeaker failed");
        let Some(reply) = &mut self.reply else { return };
        reply.synthesis = None;
        reply.queued.clear();
        let missing = Missing {
            part: Part::Speaker,
            reason: error.message(reply.language),
            remedy: "mock-interviewer devices".to_owned(),
        };
        self.report_failure(missing).await;
    }

    /// Lets what is synthesised already sound to its end. A narrator's error names its own remedy.
    async fn narrator_failed(&mut self, reason: String) {
        let missing = Missing {
            part: Part::Narrator,
            reason,
            remedy: String::new(),
        };
        self.report_failure(missing).await;
    }

    /// Reports the first failure of a reply; the rest of the reply stays silent.
    async fn report_failure(&mut self, missing: Missing) {
        let Some(reply) = &mut self.reply else { return };
        reply.waiting.clear();
        if !std::mem::replace(&mut reply.failed, true) {
            self.report(SpeechEvent::Unavailable(missing)).await;
        }
    }

    /// Starts the next synthesis if there is room, and notices the end of the reply.
    async fn advance(&mut self) {
        let Some(reply) = &mut self.reply else { return };
        if reply.synthesis.is_none() && reply.queued.len() < AHEAD {
            reply.start_next_synthesis(&self.narrator);
        }
        if reply.is_over() {
            let over = self.reply.take();
            self.report_end(over).await;
        }
    }

    async fn report_sentence(&mut self) {
        if let Some(reply) = &self.reply
            && let Some(QueuedSentence { sentence, .. }) = reply.queued.front()
        {
            let event = SpeechEvent::Sentence {
                turn: reply.turn,
                index: sentence.index,
                text: sentence.text.clone(),
            };
            self.report(event).await;
        }
    }

    async fn report_end(&mut self, reply: Option<Reply>) {
        if let Some(Reply { turn, .. }) = reply {
            self.report(SpeechEvent::Ended { turn }).await;
        }
    }

    async fn report(&mut self, event: SpeechEvent) {
        // Once the loop is gone, nobody needs the report.
        let _ = self.actions.send(Action::Speech(event)).await;
    }
}
