//! Committing a turn once its reply is complete.

use std::sync::Arc;

use crate::interview::{Message, Role};
use crate::interviewer::InterviewerError;
use crate::practice::plan::PlannedReply;
use crate::practice::{
    CompletedTurn, Idempotency, Practice, PracticeError, TurnRequest, questions,
};
use crate::store::{
    Change, Counting, IdempotencyRecord, InterviewId, StoreError, StoredMessage, Transcript,
    TurnRecord,
};
use crate::upstream::{Flaw, UpstreamError};

/// A reply that has arrived to its end.
pub(super) struct WholeReply {
    pub text: String,
    pub asked: Option<String>,
    /// Set if the reply is the closing feedback.
    pub closes: bool,
}

impl Practice {
    /// Saves the turn with the interviewer's reply, and counts it.
    pub(super) async fn commit(
        &self,
        request: &TurnRequest,
        planned: PlannedReply,
        reply: WholeReply,
    ) -> Result<CompletedTurn, PracticeError> {
        let WholeReply {
            text,
            asked,
            closes,
        } = reply;
        if text.trim().is_empty() {
            return Err(self.empty_reply().into());
        }
        let continued = (planned.stored > 0).then(|| planned.transcript.interview.id.clone());
        let reply = StoredMessage {
            message: Message::new(Role::Assistant, text.clone()),
            asked,
            spoken: None,
        };
        let (changes, transcript) = outcome(request, planned, reply, closes);
        let interview = &transcript.interview.id;
        let turn = unsaved_turn(request, &transcript, text);
        match self
            .save(request, interview, request.counting(), changes, turn)
            .await
        {
            Err(error) => {
                let error = self.explain_conflict(request, continued, error).await?;
                self.remembered_turn_or(request, error).await
            }
            saved => saved,
        }
    }

    fn empty_reply(&self) -> InterviewerError {
        InterviewerError::Failed {
            engine: self.identity().to_string(),
            reason: UpstreamError::Unusable(Flaw::EmptyReply),
        }
    }

    /// A conflict where the interview was deleted during the turn means that there is nothing to
    /// attempt again, and one where another process answered the question means that this answer
    /// has no question any more.
    async fn explain_conflict(
        &self,
        request: &TurnRequest,
        continued: Option<InterviewId>,
        error: PracticeError,
    ) -> Result<PracticeError, PracticeError> {
        let (PracticeError::Store(StoreError::Conflict), Some(id)) = (&error, continued) else {
            return Ok(error);
        };
        Ok(match self.store.interview(&request.user, &id).await? {
            None => PracticeError::UnknownInterview,
            Some(now) if request.answers.is_some_and(|n| n != questions::said(&now)) => {
                PracticeError::MovedOn
            }
            Some(_) => error,
        })
    }

    /// Saves the changes, and returns `turn` with the count of the day.
    pub(super) async fn save(
        &self,
        request: &TurnRequest,
        interview: &InterviewId,
        counting: Counting,
        changes: Vec<Change>,
        turn: CompletedTurn,
    ) -> Result<CompletedTurn, PracticeError> {
        let idempotency = request
            .idempotency
            .clone()
            .map(|idempotency| idempotency_record(idempotency, interview.clone(), turn.clone()));
        let record = TurnRecord {
            user: request.user.clone(),
            day: request.now.date(),
            now: request.now.timestamp(),
            counting,
            changes,
            idempotency,
        };
        let count = self.store.save_turn(record).await?;
        Ok(CompletedTurn {
            count: Some(count),
            ..turn
        })
    }
}

/// Returns the change that makes the earlier interview that is continued the current one, if any.
pub(super) fn resume(request: &TurnRequest) -> impl Iterator<Item = Change> {
    request.interview.clone().map(Change::Resume).into_iter()
}

/// Returns what the turn changes, and the interview as it will be.
fn outcome(
    request: &TurnRequest,
    planned: PlannedReply,
    reply: StoredMessage,
    closes: bool,
) -> (Vec<Change>, Transcript) {
    let PlannedReply {
        mut transcript,
        stored,
        task: _,
    } = planned;
    let interview = transcript.interview.id.clone();
    let mut changes: Vec<Change> = resume(request).collect();
    if stored == 0 {
        changes.push(Change::Open(transcript.interview.clone()));
    }
    transcript.messages.push(reply);
    changes.push(Change::AddMessages {
        interview: interview.clone(),
        position: stored,
        messages: transcript.messages[stored..].to_vec(),
    });
    if closes {
        changes.push(Change::Finish(interview));
        transcript.interview.finished = true;
    }
    (changes, transcript)
}

fn idempotency_record(
    Idempotency { key, fingerprint }: Idempotency,
    interview: InterviewId,
    turn: CompletedTurn,
) -> IdempotencyRecord {
    let answer = move |count| {
        let turn = CompletedTurn {
            count: Some(count),
            ..turn.clone()
        };
        serde_json::to_string(&turn).expect("strings and numbers always serialize")
    };
    IdempotencyRecord {
        key,
        fingerprint,
        interview,
        answer: Arc::new(answer),
    }
}

/// Returns the result of a turn that is not counted yet.
pub(super) fn unsaved_turn(
    request: &TurnRequest,
    transcript: &Transcript,
    response: String,
) -> CompletedTurn {
    CompletedTurn {
        response,
        audio_url: None,
        interview_id: Some(transcript.interview.id.0.clone()),
        question: questions::progress(transcript),
        asked: questions::asked(transcript),
        open: None,
        topic_ignored: false,
        finished: transcript.interview.finished,
        count: None,
        limit: request.limit.map(u64::from),
    }
}
