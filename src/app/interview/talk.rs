//! Push to talk. Where the terminal reports releases the space bar is held; elsewhere it is tapped.

use super::super::action::Part;
use super::super::composer::talk_state::{AfterWords, TalkState, TalkTrigger};
use super::super::ctx::Ctx;
use super::super::effect::{Effect, VoiceEffect};
use super::super::key::{Key, Phase};
use super::super::notice::Notice;
use super::super::voice::talk_keys::{Press, TalkKeys};
use super::super::voice::{Voice, is_about_model};
use super::{Focus, Interview};

/// A shorter hold types a blank, in ms.
const SHORTEST_HOLD: u64 = 250;

impl Interview {
    /// Handles the space bar. Returns `false` when it is a letter like any other.
    pub(in super::super) fn space(&mut self, key: &Key, voice: &mut Voice, ctx: &mut Ctx) -> bool {
        if self.is_over() {
            return false;
        }
        match (voice.keys, key.phase) {
            (TalkKeys::Hold { .. }, Phase::Press) => self.space_down(key.at, voice, ctx),
            (TalkKeys::Hold { .. }, Phase::Release) => {
                voice.keys.released();
                space_up(key.at, ctx);
                true
            }
            (TalkKeys::Hold { swallowed, .. }, Phase::Repeat) => {
                swallowed || ctx.composer.talk != TalkState::Quiet
            }
            (TalkKeys::Tap { .. }, Phase::Press) => self.space_tap(key.at, voice, ctx),
            (TalkKeys::Tap { .. }, Phase::Repeat | Phase::Release) => true,
        }
    }

    /// Starts to talk, or stops after a release that was lost, to another window for instance.
    fn space_down(&mut self, at: u64, voice: &mut Voice, ctx: &mut Ctx) -> bool {
        let repeats = voice.keys.is_plain_repeat(at);
        let talks = match ctx.composer.talk {
            TalkState::Listening { trigger, .. } => {
                if !(repeats && trigger == TalkTrigger::Hold) {
                    ctx.stop_listening();
                }
                true
            }
            TalkState::Quiet if ctx.composer.draft.is_empty() => {
                self.start_listening(TalkTrigger::Hold, voice, ctx);
                true
            }
            TalkState::Quiet => false,
        };
        voice.keys = TalkKeys::Hold {
            swallowed: talks,
            seen: Some(at),
        };
        talks
    }

    fn space_tap(&mut self, at: u64, voice: &mut Voice, ctx: &mut Ctx) -> bool {
        let quiet = ctx.composer.talk == TalkState::Quiet;
        if quiet && !ctx.composer.draft.is_empty() {
            return false;
        }
        if voice.keys.tap(at) == Press::Tap {
            self.toggle(voice, ctx);
        }
        true
    }

    /// Handles the key that always talks, whatever is in the draft.
    pub(super) fn talk_key(&mut self, voice: &mut Voice, ctx: &mut Ctx) {
        if !self.is_over() && voice.keys.tap(ctx.now) == Press::Tap {
            self.toggle(voice, ctx);
        }
    }

    /// Handles a tap that turned out to be one only later.
    pub(in super::super) fn late_tap(&mut self, voice: &Voice, ctx: &mut Ctx) {
        if !self.is_over() {
            self.toggle(voice, ctx);
        }
    }

    fn toggle(&mut self, voice: &Voice, ctx: &mut Ctx) {
        match ctx.composer.talk {
            TalkState::Listening { .. } => ctx.stop_listening(),
            TalkState::Quiet => self.start_listening(TalkTrigger::Tap, voice, ctx),
        }
    }

    fn start_listening(&mut self, trigger: TalkTrigger, voice: &Voice, ctx: &mut Ctx) {
        // A microphone that could not be opened may be there by now: the key tries it.
        let missing = voice
            .missing_for_talking()
            .find(|missing| missing.part != Part::Microphone);
        if let Some(missing) = missing {
            // How far a model on its way is says more than how to fetch it.
            let on_its_way = missing.part == Part::Model && voice.download.is_some();
            if on_its_way {
                ctx.notices.remove(is_about_model);
            } else {
                ctx.notify(Notice::Missing(missing.clone()));
            }
            return;
        }
        self.silence(ctx);
        ctx.leaving = false;
        ctx.interrupted = None;
        let utterance = ctx.fresh_turn();
        self.focus = Focus::Draft;
        ctx.notices.next_step();
        ctx.composer.start(utterance, ctx.now, trigger);
        ctx.emit(Effect::Voice(VoiceEffect::Start { utterance }));
    }

    /// Handles Esc: cancels the first thing that applies, the newest first.
    pub(super) fn cancel(&mut self, ctx: &mut Ctx) {
        let cancelled = ctx.cancel_listening()
            || cancel_words(ctx)
            || self.silence_speaking(ctx)
            || self.cancel_request(ctx);
        if !cancelled {
            // A reply that is about to sound does not begin.
            self.silence(ctx);
            ctx.notices.dismiss();
        }
    }
}

fn space_up(at: u64, ctx: &mut Ctx) {
    let TalkState::Listening { since, trigger, .. } = ctx.composer.talk else {
        return;
    };
    match trigger {
        TalkTrigger::Hold if at.saturating_sub(since) < SHORTEST_HOLD => {
            ctx.cancel_listening();
            ctx.composer.draft.type_char(' ');
        }
        TalkTrigger::Hold => ctx.stop_listening(),
        TalkTrigger::Tap => {}
    }
}

/// Discards the newest words that are still being transcribed, or what was to follow them.
fn cancel_words(ctx: &mut Ctx) -> bool {
    if std::mem::take(&mut ctx.composer.then) != AfterWords::Edit {
        return true;
    }
    let Some(utterance) = ctx.composer.discard_newest() else {
        return false;
    };
    ctx.emit(Effect::Voice(VoiceEffect::Cancel { utterance }));
    true
}
