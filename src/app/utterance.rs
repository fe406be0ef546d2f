//! What becomes of an utterance, from the recording to the words in the draft.

use super::action::{SilentMicrophone, UtteranceEvent};
use super::composer::talk_state::AfterWords;
use super::ctx::Ctx;
use super::notice::Notice;
use super::turn_id::TurnId;

/// Takes in what became of an utterance. Returns what was to follow the words, once all are there.
pub(super) fn update(
    utterance: TurnId,
    event: UtteranceEvent,
    ctx: &mut Ctx,
) -> Option<AfterWords> {
    match event {
        UtteranceEvent::MicrophoneDead(dead) => microphone(utterance, Some(dead), ctx),
        UtteranceEvent::MicrophoneAlive => microphone(utterance, None, ctx),
        UtteranceEvent::Recorded(_) => ctx.composer.recorded(utterance),
        UtteranceEvent::Partial {
            stable,
            provisional,
        } => {
            if ctx.composer.expects(utterance) {
                ctx.composer.set_live(utterance, stable, provisional);
            }
        }
        UtteranceEvent::Transcribed(answer) => {
            if ctx.composer.arrived(utterance) {
                ctx.forget_dead_microphone();
                ctx.composer.add_words(utterance, &answer);
                return next(ctx);
            }
            ctx.add_left_words(utterance, &answer.text);
        }
        UtteranceEvent::NoSpeech => {
            if ctx.composer.arrived(utterance) {
                no_speech(ctx);
                return next(ctx);
            }
        }
        UtteranceEvent::NotTranscribed { reason } => not_transcribed(utterance, reason, ctx),
    }
    None
}

/// Shows that no signal comes from the microphone, or takes that back.
fn microphone(utterance: TurnId, dead: Option<SilentMicrophone>, ctx: &mut Ctx) {
    if ctx.composer.talk.utterance() != Some(utterance) {
        return;
    }
    ctx.forget_dead_microphone();
    if let Some(dead) = dead {
        ctx.notify(Notice::SilentMicrophone(dead));
    }
}

/// Why nothing was heard says more than that it was not.
fn no_speech(ctx: &mut Ctx) {
    if !ctx
        .notices
        .any(|notice| matches!(notice, Notice::SilentMicrophone(_)))
    {
        ctx.notify(Notice::NoSpeech);
    }
}

/// Keeps the words that are known. Because others are missing, nothing follows by itself: the user
/// decides whether to go on without them.
fn not_transcribed(utterance: TurnId, reason: String, ctx: &mut Ctx) {
    if ctx.composer.expects(utterance) {
        ctx.composer.keep_live(utterance);
    }
    if ctx.composer.arrived(utterance) {
        ctx.notify(Notice::NotTranscribed(reason));
        ctx.leaving = false;
        ctx.notices.remove(|notice| *notice == Notice::Leaving);
        ctx.composer.then = AfterWords::Edit;
    }
}

/// Returns what Enter or F6 was pressed for, once all words are there.
fn next(ctx: &Ctx) -> Option<AfterWords> {
    (!ctx.composer.is_hearing()).then_some(ctx.composer.then)
}
