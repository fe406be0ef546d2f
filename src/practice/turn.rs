//! A turn as it happens: the reply is passed on while it arrives, then everything is committed at
//! once.

mod saving;

use futures_util::{Stream, StreamExt as _};

use super::plan::{Plan, PlanContext, PlannedReply};
use super::{CompletedTurn, Practice, PracticeError, TurnEvent, TurnRequest};
use crate::interview::Role;
use crate::interviewer::ReplyDelta;
use crate::store::{Counting, StoreError, Transcript, TurnContext};
use saving::{WholeReply, resume, unsaved_turn};

/// Takes the turn. The user's next turn waits until this stream ends or is dropped.
///
/// The steps are boxed: a stream is as large as the largest of them, and thousands may wait for
/// their model at a time.
pub(super) fn stream(
    practice: Practice,
    request: TurnRequest,
) -> impl Stream<Item = Result<TurnEvent, PracticeError>> {
    async_stream::try_stream! {
        let lock = Box::pin(practice.store.lock_user(&request.user)).await?;
        let turn = match Box::pin(practice.prepare(&request)).await? {
            Prepared::Answered(turn) => {
                yield TurnEvent::Delta(turn.response.clone());
                turn
            }
            Prepared::Planned(planned) => {
                let interview = &planned.transcript.interview;
                let earlier = Box::pin(practice.store.earlier_interviews(interview)).await?;
                let brief = planned.brief(earlier);
                let mut reply = Box::pin(practice.interviewer.reply(brief)).await?;
                let mut text = String::new();
                while let Some(delta) = reply.deltas.next().await {
                    match delta? {
                        ReplyDelta::Text(delta) => {
                            text.push_str(&delta);
                            yield TurnEvent::Delta(delta);
                        }
                        // The last event brings the whole reply, which replaces what was shown.
                        ReplyDelta::Restart => text.clear(),
                    }
                }
                Box::pin(practice.commit(&request, planned, WholeReply { text, asked: reply.asked, closes: reply.closes })).await?
            }
        };
        drop(lock);
        yield TurnEvent::Done(turn);
    }
}

fn refused_at(turns: u64, counting: Counting) -> bool {
    match counting {
        Counting::Counted { limit } => limit.is_some_and(|limit| turns >= u64::from(limit)),
        Counting::Free => false,
    }
}

/// The state of a turn before the interviewer is asked.
enum Prepared {
    /// The turn needs no reply of the interviewer.
    Answered(CompletedTurn),
    Planned(PlannedReply),
}

impl Practice {
    async fn prepare(&self, request: &TurnRequest) -> Result<Prepared, PracticeError> {
        if let Some(turn) = self.remembered_turn(request).await? {
            return Ok(Prepared::Answered(turn));
        }
        match self.plan(request).await {
            Err(error) => {
                let turn = self.remembered_turn_or(request, error).await?;
                Ok(Prepared::Answered(turn))
            }
            prepared => prepared,
        }
    }

    async fn plan(&self, request: &TurnRequest) -> Result<Prepared, PracticeError> {
        let TurnContext { turns, transcript } = self.turn_context(request).await?;
        let context = PlanContext {
            user: request.user.clone(),
            interviewer: self.identity().to_string(),
            now: request.now.timestamp(),
            answers: request.answers,
        };
        match Plan::new(request.input.clone(), transcript, context)? {
            Plan::Repeat(transcript) => {
                let turn = self.repeat_last(request, &transcript, turns).await?;
                Ok(Prepared::Answered(turn))
            }
            // Saves asking the interviewer where the commit would be refused.
            Plan::Reply(_) if refused_at(turns, request.counting()) => {
                Err(PracticeError::LimitReached)
            }
            Plan::Reply(planned) => Ok(Prepared::Planned(planned)),
        }
    }

    async fn turn_context(&self, request: &TurnRequest) -> Result<TurnContext, PracticeError> {
        let context = self
            .store
            .turn_context(
                &request.user,
                request.now.date(),
                request.interview.as_ref(),
            )
            .await?;
        if request.interview.is_some() && context.transcript.is_none() {
            Err(PracticeError::UnknownInterview)
        } else {
            Ok(context)
        }
    }

    /// Returns the answer to this very request, if it was taken before.
    async fn remembered_turn(
        &self,
        request: &TurnRequest,
    ) -> Result<Option<CompletedTurn>, PracticeError> {
        let Some(idempotency) = &request.idempotency else {
            return Ok(None);
        };
        let remembered = self
            .store
            .remembered_answer(&request.user, &idempotency.key, request.now.timestamp())
            .await?;
        let Some(remembered) = remembered else {
            return Ok(None);
        };
        if remembered.fingerprint != idempotency.fingerprint {
            return Err(PracticeError::IdempotencyMismatch);
        }
        let what = "remembered answer";
        let turn = serde_json::from_str(&remembered.answer)
            .map_err(|_| StoreError::Unreadable { what })?;
        Ok(Some(turn))
    }

    /// Another process may have answered the same request meanwhile, which made this turn fail. Its
    /// answer then holds.
    async fn remembered_turn_or(
        &self,
        request: &TurnRequest,
        error: PracticeError,
    ) -> Result<CompletedTurn, PracticeError> {
        match error {
            PracticeError::LimitReached
            | PracticeError::Finished
            | PracticeError::MovedOn
            | PracticeError::Store(StoreError::Conflict) => {
                self.remembered_turn(request).await?.ok_or(error)
            }
            error => Err(error),
        }
    }

    async fn repeat_last(
        &self,
        request: &TurnRequest,
        transcript: &Transcript,
        turns: u64,
    ) -> Result<CompletedTurn, PracticeError> {
        let last = transcript
            .messages
            .iter()
            .rfind(|stored| stored.message.role == Role::Assistant)
            .ok_or(PracticeError::NoInterview)?;
        let turn = unsaved_turn(request, transcript, last.message.content.clone());
        if request.idempotency.is_none() && request.interview.is_none() {
            return Ok(CompletedTurn {
                count: Some(turns),
                ..turn
            });
        }
        let interview = &transcript.interview.id;
        let changes = resume(request).collect();
        self.save(request, interview, Counting::Free, changes, turn)
            .await
    }
}
