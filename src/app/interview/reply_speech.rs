//! The interviewer's voice: which sentence of the reply sounds, and how loud and fast.

use std::ops::Range;

use super::super::ctx::Ctx;
use super::super::effect::{Effect, SpeechEffect};
use super::super::notice::Notice;
use super::super::transcript::{Scroll, Who};
use super::super::turn_id::TurnId;
use super::super::voice::Voice;
use super::{Interview, RequestState};

/// Whether the interviewer speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReplySpeech {
    /// Nothing sounds, and nothing is expected to.
    #[default]
    Silent,
    /// This reply may start to sound.
    Expected(TurnId),
    Speaking {
        turn: TurnId,
        /// The number of the sentence, from 0.
        index: usize,
        /// The bytes of the sentence in the reply. The range is empty where none is marked.
        sentence: Range<usize>,
    },
}

impl Interview {
    /// Returns the interviewer's newest words.
    pub(in super::super) fn last_reply(&self) -> Option<&str> {
        match &self.request {
            RequestState::Streaming { reply, .. } => Some(reply),
            RequestState::Idle | RequestState::Waiting { .. } => {
                let cut_off = self.cut_off.as_ref().map(|cut_off| cut_off.reply.as_str());
                cut_off.or_else(|| self.last_whole_reply())
            }
        }
    }

    fn last_whole_reply(&self) -> Option<&str> {
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.who == Who::Interviewer)
            .map(|entry| entry.text.as_str())
    }

    /// Returns the bytes of the last entry that are being spoken.
    pub fn spoken(&self) -> Option<&Range<usize>> {
        match &self.speech {
            ReplySpeech::Speaking { sentence, .. } => Some(sentence),
            ReplySpeech::Silent | ReplySpeech::Expected(_) => None,
        }
    }

    /// Marks the sentence that begins to sound. It is sought after the one before it.
    pub(in super::super) fn sentence_started(&mut self, of: TurnId, index: usize, text: &str) {
        let from = match &self.speech {
            ReplySpeech::Expected(turn) if *turn == of => 0,
            ReplySpeech::Speaking { turn, sentence, .. } if *turn == of => sentence.end,
            ReplySpeech::Silent | ReplySpeech::Expected(_) | ReplySpeech::Speaking { .. } => return,
        };
        let rest = self
            .last_reply()
            .and_then(|reply| reply.get(from..))
            .unwrap_or_default();
        let start = rest.find(text.trim()).map(|at| from + at);
        let sentence = start.map_or(from..from, |start| start..start + text.trim().len());
        if !sentence.is_empty() {
            self.spoken_last = Some(sentence.clone());
        }
        self.speech = ReplySpeech::Speaking {
            turn: of,
            index,
            sentence,
        };
    }

    /// Notes that nothing sounds any more, whichever reply it was.
    pub(in super::super) fn silence_lost(&mut self) {
        self.speech = ReplySpeech::Silent;
    }

    /// Notes that nothing more of this reply will sound.
    pub(in super::super) fn speech_ended(&mut self, ended: TurnId) {
        match self.speech {
            ReplySpeech::Expected(turn) | ReplySpeech::Speaking { turn, .. } if turn == ended => {
                self.speech = ReplySpeech::Silent;
            }
            ReplySpeech::Silent | ReplySpeech::Expected(_) | ReplySpeech::Speaking { .. } => {}
        }
    }

    /// Silences a reply that sounds. Returns `false` if none does.
    pub(super) fn silence_speaking(&mut self, ctx: &mut Ctx) -> bool {
        matches!(self.speech, ReplySpeech::Speaking { .. }) && self.silence(ctx)
    }

    /// Goes on with the next sentence at once.
    pub(super) fn skip_sentence(&mut self, ctx: &mut Ctx) {
        let ReplySpeech::Speaking {
            turn,
            index,
            sentence,
        } = &mut self.speech
        else {
            return;
        };
        // Nothing is marked until the next sentence sounds.
        *sentence = sentence.end..sentence.end;
        ctx.emit(Effect::Speech(SpeechEffect::Skip {
            turn: *turn,
            sentence: *index,
        }));
    }

    /// Speaks the last reply again, unless another one is on its way.
    pub(super) fn replay(&mut self, voice: &Voice, ctx: &mut Ctx) {
        let reply = self.last_reply().map(str::to_owned);
        let Some(text) = reply.filter(|_| self.request == RequestState::Idle) else {
            ctx.notify(Notice::NothingToReplay);
            return;
        };
        self.silence(ctx);
        if voice.muted {
            ctx.notify(Notice::MutedReplay);
            return;
        }
        if let Some(missing) = voice.missing_for_speech() {
            ctx.notify(Notice::Missing(missing.clone()));
        }
        let turn = ctx.fresh_turn();
        self.scroll = Scroll::Reply;
        self.spoken_last = None;
        self.speech = ReplySpeech::Expected(turn);
        ctx.emit(Effect::Speech(SpeechEffect::Speak {
            turn,
            text,
            language: self.language,
        }));
    }

    /// Turns the spoken replies off or on again.
    pub(super) fn toggle_mute(&mut self, voice: &mut Voice, ctx: &mut Ctx) {
        voice.muted = !voice.muted;
        ctx.emit(Effect::Speech(SpeechEffect::Mute(voice.muted)));
        if voice.muted {
            self.silence(ctx);
        }
        ctx.notify(Notice::Muted(voice.muted));
    }
}
