//! A turn as it happens: the reply is passed on while it comes, then everything is committed at once.

use std::sync::Arc;

use futures_util::{Stream, StreamExt as _};

use super::plan::{Circumstances, Plan, Speak};
use super::{
    CompletedTurn, Idempotency, Practice, PracticeError, TurnEvent, TurnRequest, questions,
};
use crate::interview::{Message, Role};
use crate::interviewer::{InterviewerError, InterviewerTask};
use crate::store::{
    Change, Counting, IdempotencyRecord, InterviewId, StoreError, StoredMessage, Transcript,
    TurnContext, TurnRecord,
};

/// Takes the turn; the user's next one waits until this stream ends or is dropped.
///
/// The steps are boxed: a stream is as large as the largest of them, and thousands may wait for their model at a time.
pub(super) fn take(
    practice: Practice,
    turn: TurnRequest,
) -> impl Stream<Item = Result<TurnEvent, PracticeError>> {
    async_stream::try_stream! {
        let lock = Box::pin(practice.store.lock_user(&turn.user)).await?;
        let done = match Box::pin(practice.prepare(&turn)).await? {
            Prepared::Known(done) => {
                yield TurnEvent::Delta(done.response.clone());
                done
            }
            Prepared::ToSay(speak) => {
                let asked_before = Box::pin(practice.store.asked_before(&speak.transcript.interview)).await?;
                let brief = speak.brief(asked_before);
                let mut reply = Box::pin(practice.interviewer.reply(brief)).await?;
                let mut text = String::new();
                while let Some(delta) = reply.deltas.next().await {
                    let delta = delta?;
                    text.push_str(&delta);
                    yield TurnEvent::Delta(delta);
                }
                Box::pin(practice.commit(&turn, speak, text, reply.asked)).await?
            }
        };
        drop(lock);
        yield TurnEvent::Done(done);
    }
}

/// What is known before the interviewer is asked.
enum Prepared {
    /// The answer, as it was given before.
    Known(CompletedTurn),
    /// A new line is wanted.
    ToSay(Speak),
}

impl Practice {
    async fn prepare(&self, turn: &TurnRequest) -> Result<Prepared, PracticeError> {
        if let Some(done) = self.repeated(turn).await? {
            return Ok(Prepared::Known(done));
        }
        match self.plan(turn).await {
            Err(error) => self.unless_repeated(turn, error).await.map(Prepared::Known),
            prepared => prepared,
        }
    }

    async fn plan(&self, turn: &TurnRequest) -> Result<Prepared, PracticeError> {
        let TurnContext {
            turns,
            transcript: current,
        } = self.context(turn).await?;
        let (interviewer, now) = (self.identity().to_string(), turn.now.timestamp());
        let circumstances = Circumstances {
            user: turn.user.clone(),
            interviewer,
            now,
        };
        match Plan::new(turn.input.clone(), current, circumstances)? {
            Plan::SayAgain(transcript) => self
                .say_again(turn, &transcript, turns)
                .await
                .map(Prepared::Known),
            // Spares the interviewer's work where the commit would be refused.
            Plan::Speak(_) if turn.limit.is_some_and(|limit| turns >= u64::from(limit)) => {
                Err(PracticeError::LimitReached)
            }
            Plan::Speak(speak) => Ok(Prepared::ToSay(speak)),
        }
    }

    /// The interview the turn is about: the current one unless it names another.
    async fn context(&self, turn: &TurnRequest) -> Result<TurnContext, PracticeError> {
        let context = self
            .store
            .turn_context(&turn.user, turn.now.date(), turn.interview.as_ref())
            .await?;
        let unknown = turn.interview.is_some() && context.transcript.is_none();
        if unknown {
            Err(PracticeError::UnknownInterview)
        } else {
            Ok(context)
        }
    }

    /// The answer to this very request, if it was taken before.
    async fn repeated(&self, turn: &TurnRequest) -> Result<Option<CompletedTurn>, PracticeError> {
        let Some(idempotency) = &turn.idempotency else {
            return Ok(None);
        };
        let known = self
            .store
            .remembered_answer(&turn.user, &idempotency.key, turn.now.timestamp())
            .await?;
        let Some(known) = known else { return Ok(None) };
        if known.fingerprint != idempotency.fingerprint {
            return Err(PracticeError::IdempotencyMismatch);
        }
        let done: Result<CompletedTurn, _> = serde_json::from_str(&known.answer);
        done.map(Some).map_err(|_| {
            StoreError::Unreadable {
                what: "remembered answer",
            }
            .into()
        })
    }

    async fn say_again(
        &self,
        turn: &TurnRequest,
        transcript: &Transcript,
        turns: u64,
    ) -> Result<CompletedTurn, PracticeError> {
        let spoken = transcript
            .messages
            .iter()
            .rfind(|stored| stored.message.role == Role::Assistant);
        let text = spoken
            .ok_or(PracticeError::NoInterview)?
            .message
            .content
            .clone();
        let done = done(turn, transcript, text);
        if turn.idempotency.is_none() && turn.interview.is_none() {
            return Ok(CompletedTurn {
                count: Some(turns),
                ..done
            });
        }
        let interview = &transcript.interview.id;
        self.keep(
            turn,
            interview,
            Counting::Free,
            going_on(turn).collect(),
            done,
        )
        .await
    }

    async fn commit(
        &self,
        turn: &TurnRequest,
        speak: Speak,
        text: String,
        asked: Option<String>,
    ) -> Result<CompletedTurn, PracticeError> {
        if text.trim().is_empty() {
            let (engine, reason) = (
                self.identity().to_string(),
                "the reply was empty".to_owned(),
            );
            return Err(InterviewerError::Failed { engine, reason }.into());
        }
        let message = Message::new(Role::Assistant, text.clone());
        let begun = (speak.stored > 0).then(|| speak.transcript.interview.id.clone());
        let (changes, transcript) = outcome(
            turn,
            speak,
            StoredMessage {
                message,
                asked,
                spoken: None,
            },
        );
        let counting = Counting::Counted { limit: turn.limit };
        match self
            .keep(
                turn,
                &transcript.interview.id,
                counting,
                changes,
                done(turn, &transcript, text),
            )
            .await
        {
            Err(error) => {
                self.unless_repeated(turn, self.unless_gone(turn, begun, error).await?)
                    .await
            }
            done => done,
        }
    }

    /// An interview may be deleted while its next line is thought of: then there is nothing to try again.
    async fn unless_gone(
        &self,
        turn: &TurnRequest,
        begun: Option<InterviewId>,
        error: PracticeError,
    ) -> Result<PracticeError, PracticeError> {
        let (PracticeError::Store(StoreError::Conflict), Some(id)) = (&error, begun) else {
            return Ok(error);
        };
        let gone = self.store.interview(&turn.user, &id).await?.is_none();
        Ok(if gone {
            PracticeError::UnknownInterview
        } else {
            error
        })
    }

    /// Writes everything; `done` then tells the count it came to.
    async fn keep(
        &self,
        turn: &TurnRequest,
        interview: &InterviewId,
        counting: Counting,
        changes: Vec<Change>,
        done: CompletedTurn,
    ) -> Result<CompletedTurn, PracticeError> {
        let idempotency = turn
            .idempotency
            .clone()
            .map(|request| idempotency_record(request, interview.clone(), done.clone()));
        let (user, day, now) = (turn.user.clone(), turn.now.date(), turn.now.timestamp());
        let count = self
            .store
            .save_turn(TurnRecord {
                user,
                day,
                now,
                counting,
                changes,
                idempotency,
            })
            .await?;
        Ok(CompletedTurn {
            count: Some(count),
            ..done
        })
    }

    /// A turn may get in the way of the same request in another process: then that one's answer holds.
    async fn unless_repeated(
        &self,
        turn: &TurnRequest,
        error: PracticeError,
    ) -> Result<CompletedTurn, PracticeError> {
        match error {
            PracticeError::LimitReached
            | PracticeError::Finished
            | PracticeError::Store(StoreError::Conflict) => self.repeated(turn).await?.ok_or(error),
            error => Err(error),
        }
    }
}

/// An earlier interview that is gone on with is the current one from now on.
fn going_on(turn: &TurnRequest) -> impl Iterator<Item = Change> {
    turn.interview.clone().map(Change::Resume).into_iter()
}

/// What the turn changes, and the interview as it will stand.
fn outcome(turn: &TurnRequest, speak: Speak, reply: StoredMessage) -> (Vec<Change>, Transcript) {
    let Speak {
        mut transcript,
        stored,
        task,
    } = speak;
    let interview = transcript.interview.id.clone();
    let mut changes: Vec<Change> = going_on(turn).collect();
    if stored == 0 {
        changes.push(Change::Open(transcript.interview.clone()));
    }
    transcript.messages.push(reply);
    let messages = transcript.messages[stored..].to_vec();
    changes.push(Change::AddMessages {
        interview: interview.clone(),
        position: stored,
        messages,
    });
    if task == InterviewerTask::Close {
        changes.push(Change::Finish(interview));
        transcript.interview.finished = true;
    }
    (changes, transcript)
}

fn idempotency_record(
    Idempotency { key, fingerprint }: Idempotency,
    interview: InterviewId,
    done: CompletedTurn,
) -> IdempotencyRecord {
    let answer = move |count| {
        let done = CompletedTurn {
            count: Some(count),
            ..done.clone()
        };
        serde_json::to_string(&done).expect("strings and numbers always serialize")
    };
    IdempotencyRecord {
        key,
        fingerprint,
        interview,
        answer: Arc::new(answer),
    }
}

/// Not counted yet.
fn done(turn: &TurnRequest, transcript: &Transcript, response: String) -> CompletedTurn {
    CompletedTurn {
        response,
        audio_url: None,
        interview_id: Some(transcript.interview.id.0.clone()),
        question: questions::progress(transcript),
        finished: transcript.interview.finished,
        count: None,
        limit: turn.limit.map(u64::from),
    }
}
