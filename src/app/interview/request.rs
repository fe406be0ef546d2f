//! Requests to the interviewer, their replies and their failures. Whatever fails, the candidate's
//! words come back to the draft.

use super::super::action::Failure;
use super::super::composer::talk_state::AfterWords;
use super::super::ctx::Ctx;
use super::super::effect::{BackendEffect, Effect};
use super::super::notice::{Notice, RetryKey};
use super::super::transcript::{self, Scroll, TranscriptEntry, Who};
use super::super::turn_id::TurnId;
use super::request_state::{InterviewRequest, RequestState};
use super::{CutOffReply, Focus, Interview, InterviewEnd, ReplySpeech};
use crate::practice::{CompletedTurn, Conversation};

impl Interview {
    /// Asks for the first question.
    pub(in super::super) fn start(&mut self, start: BackendEffect, ctx: &mut Ctx) {
        let turn = self.begin_request(InterviewRequest::Start, ctx);
        self.start = Some(start.clone());
        ctx.emit(Effect::Turn {
            turn,
            effect: start,
        });
    }

    /// Sends the draft, once all words are there and the last reply is complete. If there is no
    /// question yet, asks for it again.
    pub(in super::super) fn send(&mut self, ctx: &mut Ctx) {
        ctx.stop_listening();
        if self.is_over() {
            return;
        }
        if ctx.composer.is_hearing() {
            ctx.composer.then = AfterWords::Send;
            return;
        }
        if self.request != RequestState::Idle || self.reloading.is_some() {
            ctx.notify(Notice::StillAnswering);
            return;
        }
        if let Some(start) = self.start.clone().filter(|_| self.entries.is_empty()) {
            return self.start(start, ctx);
        }
        let Some(sent) = ctx.composer.take() else {
            return;
        };
        let answer = sent.answer.clone();
        let attempt = sent.attempt;
        let turn = self.begin_request(InterviewRequest::Answer(sent), ctx);
        self.entries.push(TranscriptEntry {
            who: Who::Candidate,
            text: answer.text.clone(),
        });
        let effect = BackendEffect::Send {
            attempt,
            answer,
            open: self.open.clone(),
            language: self.language,
        };
        ctx.emit(Effect::Turn { turn, effect });
    }

    /// Ends the interview early, with feedback.
    pub(in super::super) fn finish(&mut self, ctx: &mut Ctx) {
        if self.request == RequestState::Idle && self.reloading.is_none() && !self.is_over() {
            let turn = self.begin_request(InterviewRequest::Finish, ctx);
            let effect = BackendEffect::Finish {
                open: self.open.clone(),
                language: self.language,
            };
            ctx.emit(Effect::Turn { turn, effect });
        }
    }

    /// Begins a request. Older speech is silenced, and that of the reply is expected.
    fn begin_request(&mut self, request: InterviewRequest, ctx: &mut Ctx) -> TurnId {
        self.silence(ctx);
        ctx.notices.next_step();
        let turn = ctx.fresh_turn();
        self.request = RequestState::Waiting {
            turn,
            request,
            since: ctx.now,
        };
        self.cut_off = None;
        self.speech = ReplySpeech::Expected(turn);
        self.scroll = Scroll::Reply;
        self.spoken_last = None;
        turn
    }

    pub(in super::super) fn reply_delta(&mut self, turn: TurnId, piece: &str) {
        self.request.push(turn, piece);
    }

    /// Takes in a complete reply, and returns what it answers unless it is stale.
    pub(in super::super) fn done(
        &mut self,
        turn: TurnId,
        done: CompletedTurn,
        ctx: &mut Ctx,
    ) -> Option<InterviewRequest> {
        if self.request.turn() != Some(turn) {
            return None;
        }
        let request = self.request.take();
        self.entries.push(TranscriptEntry {
            who: Who::Interviewer,
            text: done.response,
        });
        self.question = done.question.or(self.question);
        self.open = done.open.filter(|_| !done.finished);
        if request != Some(InterviewRequest::Finish) {
            ctx.next_question_opened(self.open.clone());
        }
        ctx.count(done.count, done.limit);
        if done.topic_ignored {
            ctx.notify(Notice::TopicIgnored);
        }
        if done.finished {
            self.finished(ctx);
        }
        self.remember(ctx);
        request
    }

    fn finished(&mut self, ctx: &mut Ctx) {
        ctx.stop_listening();
        let turn = ctx.fresh_turn();
        self.end = InterviewEnd::Writing(turn);
        self.focus = Focus::Transcript;
        ctx.composer.then = AfterWords::Edit;
        ctx.emit(Effect::Turn {
            turn,
            effect: BackendEffect::WriteReport,
        });
    }

    /// Takes in that a request failed, be it a turn or the report.
    pub(in super::super) fn failed(&mut self, turn: TurnId, failure: Failure, ctx: &mut Ctx) {
        if self.end == InterviewEnd::Writing(turn) {
            self.end = InterviewEnd::Over(None);
            ctx.explain(failure, RetryKey::Never);
        } else if self.reloading == Some(turn) {
            self.reloading = None;
            ctx.explain(failure, RetryKey::Never);
        } else if self.request.turn() == Some(turn) {
            let cut_off = CutOffReply::of(&self.request, &failure);
            let again = self.give_back(cut_off, ctx);
            if failure == Failure::MovedOn {
                self.reload(ctx);
            }
            ctx.explain(failure, again);
        }
    }

    /// Asks for the interview as it is now.
    fn reload(&mut self, ctx: &mut Ctx) {
        let Some(open) = self.open.clone() else {
            return;
        };
        let turn = ctx.fresh_turn();
        self.reloading = Some(turn);
        let effect = BackendEffect::Reload { open };
        ctx.emit(Effect::Turn { turn, effect });
    }

    /// Takes in an interview that has moved on elsewhere. The words stay, for the question that is
    /// open now.
    pub(in super::super) fn reloaded(
        &mut self,
        turn: TurnId,
        conversation: Conversation,
        ctx: &mut Ctx,
    ) {
        if self.reloading != Some(turn) {
            return;
        }
        self.reloading = None;
        let messages = conversation.messages.iter();
        self.entries = messages.filter_map(transcript::entry).collect();
        self.question = conversation.question.or(self.question);
        self.open = conversation.open;
        self.scroll = Scroll::Reply;
        if conversation.finished {
            self.finished(ctx);
        } else {
            ctx.next_question_opened(self.open.clone());
        }
    }

    /// Cancels the running request. Returns `false` if there is none.
    pub(in super::super) fn cancel_request(&mut self, ctx: &mut Ctx) -> bool {
        let Some(turn) = self.request.turn() else {
            return false;
        };
        self.silence(ctx);
        ctx.emit(Effect::Turn {
            turn,
            effect: BackendEffect::Cancel,
        });
        self.give_back(None, ctx);
        ctx.notify(Notice::Cancelled);
        true
    }

    /// Ends the running request as if it had not been made, and returns how it is made again.
    fn give_back(&mut self, cut_off: Option<CutOffReply>, ctx: &mut Ctx) -> RetryKey {
        self.silence(ctx);
        self.cut_off = cut_off;
        match self.request.take() {
            Some(InterviewRequest::Answer(sent)) => {
                self.entries.pop();
                self.focus = Focus::Draft;
                ctx.composer.give_back(sent);
                RetryKey::Enter
            }
            Some(InterviewRequest::Start) if self.cut_off.is_some() => RetryKey::Enter,
            Some(InterviewRequest::Start) => {
                self.close(ctx);
                RetryKey::Enter
            }
            Some(InterviewRequest::Finish) => RetryKey::Finish,
            None => RetryKey::Never,
        }
    }
}
