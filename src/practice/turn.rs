//! A turn as it happens: the reply is passed on while it comes, then everything is committed at once.

use std::time::Duration;

use futures_util::{Stream, StreamExt as _};

use super::plan::{Circumstances, Plan, Speak};
use super::{Done, Practice, PracticeError, Turn, TurnEvent, questions};
use crate::interview::{Message, Role};
use crate::interviewer::{InterviewerError, Task};
use crate::store::{Counting, StoreError, StoredMessage, Transcript, TurnWriter};

/// How often a turn is written at most; half a second is waited in between, all in all.
const WRITES: u32 = 8;

/// Takes the turn; the user's next one waits until this stream ends or is dropped.
pub(super) fn take(practice: Practice, turn: Turn) -> impl Stream<Item = Result<TurnEvent, PracticeError>> {
    async_stream::try_stream! {
        let place = practice.queue.enter(&turn.user).await;
        let hold = practice.store.hold_turns(&turn.user).await?;
        let done = match practice.prepare(&turn).await? {
            Prepared::Known(done) => {
                yield TurnEvent::Delta(done.response.clone());
                done
            }
            Prepared::ToSay(speak) => {
                let brief = speak.brief(practice.store.asked_before(&speak.transcript.interview).await?);
                let mut reply = practice.interviewer.reply(&brief).await?;
                let mut text = String::new();
                while let Some(delta) = reply.deltas.next().await {
                    let delta = delta?;
                    text.push_str(&delta);
                    yield TurnEvent::Delta(delta);
                }
                practice.commit(&turn, speak, text, reply.asked).await?
            }
        };
        drop((hold, place));
        yield TurnEvent::Done(done);
    }
}

/// What is known before the interviewer is asked.
enum Prepared {
    /// The answer, as it was given before.
    Known(Done),
    /// A new line is wanted.
    ToSay(Speak),
}

impl Practice {
    async fn prepare(&self, turn: &Turn) -> Result<Prepared, PracticeError> {
        if let Some(done) = self.repeated(turn).await? {
            return Ok(Prepared::Known(done));
        }
        match self.plan(turn).await {
            Err(error) => self.unless_repeated(turn, error).await.map(Prepared::Known),
            prepared => prepared,
        }
    }

    async fn plan(&self, turn: &Turn) -> Result<Prepared, PracticeError> {
        let current = self.addressed(turn).await?;
        let (interviewer, now) = (self.identity().to_string(), turn.now.timestamp());
        let circumstances = Circumstances { user: turn.user.clone(), interviewer, now };
        match Plan::new(turn.input.clone(), current, circumstances)? {
            Plan::SayAgain(transcript) => self.say_again(turn, &transcript).await.map(Prepared::Known),
            Plan::Speak(speak) => {
                self.check_quota(turn).await?;
                Ok(Prepared::ToSay(speak))
            }
        }
    }

    /// The interview the turn is about: the current one unless it names another.
    async fn addressed(&self, turn: &Turn) -> Result<Option<Transcript>, PracticeError> {
        match &turn.interview {
            None => Ok(self.store.current_interview(&turn.user).await?),
            Some(id) => {
                let named = self.store.interview(&turn.user, id).await?;
                named.map(Some).ok_or(PracticeError::UnknownInterview)
            }
        }
    }

    /// The answer to this very request, if it was taken before.
    async fn repeated(&self, turn: &Turn) -> Result<Option<Done>, PracticeError> {
        let Some(idempotency) = &turn.idempotency else { return Ok(None) };
        let known = self.store.remembered(&turn.user, &idempotency.key, turn.now.timestamp()).await?;
        let Some(known) = known else { return Ok(None) };
        if known.fingerprint != idempotency.fingerprint {
            return Err(PracticeError::IdempotencyMismatch);
        }
        let done: Result<Done, _> = serde_json::from_str(&known.answer);
        done.map(Some).map_err(|_| StoreError::Unreadable { what: "remembered answer" }.into())
    }

    /// Spares the interviewer's work where the commit would be refused.
    async fn check_quota(&self, turn: &Turn) -> Result<(), PracticeError> {
        let Some(limit) = turn.limit else { return Ok(()) };
        let count = self.store.turns_on(&turn.user, turn.now.date()).await?;
        if count < u64::from(limit) { Ok(()) } else { Err(PracticeError::LimitReached) }
    }

    async fn say_again(&self, turn: &Turn, transcript: &Transcript) -> Result<Done, PracticeError> {
        let spoken = transcript.messages.iter().rfind(|stored| stored.message.role == Role::Assistant);
        let text = spoken.ok_or(PracticeError::NoInterview)?.message.content.clone();
        if turn.idempotency.is_none() && turn.interview.is_none() {
            let count = self.store.turns_on(&turn.user, turn.now.date()).await?;
            return Ok(done(turn, transcript, text, count));
        }
        let mut writer = self.begin(turn, Counting::Free).await?;
        go_on_with(&mut writer, turn).await?;
        let done = done(turn, transcript, text, writer.count());
        self.settle(writer, turn, done).await
    }

    async fn commit(
        &self,
        turn: &Turn,
        speak: Speak,
        text: String,
        asked: Option<String>,
    ) -> Result<Done, PracticeError> {
        if text.trim().is_empty() {
            let (engine, reason) = (self.identity().to_string(), "the reply was empty".to_owned());
            return Err(InterviewerError::Failed { engine, reason }.into());
        }
        let message = Message::new(Role::Assistant, text);
        match self.write(turn, speak, StoredMessage { message, asked, spoken: None }).await {
            Err(error) => self.unless_repeated(turn, error).await,
            done => done,
        }
    }

    /// Again, if the database undid it because of another transaction.
    async fn write(&self, turn: &Turn, speak: Speak, reply: StoredMessage) -> Result<Done, PracticeError> {
        for attempt in 1..WRITES {
            match self.write_once(turn, speak.clone(), reply.clone()).await {
                Err(PracticeError::Store(error)) if error.was_undone() => tokio::time::sleep(pause(attempt)).await,
                done => return done,
            }
        }
        self.write_once(turn, speak, reply).await
    }

    async fn write_once(&self, turn: &Turn, speak: Speak, reply: StoredMessage) -> Result<Done, PracticeError> {
        let mut writer = self.begin(turn, Counting::Counted { limit: turn.limit }).await?;
        go_on_with(&mut writer, turn).await?;
        let text = reply.message.content.clone();
        let transcript = write(&mut writer, speak, reply).await?;
        let done = done(turn, &transcript, text, writer.count());
        self.settle(writer, turn, done).await
    }

    async fn begin(&self, turn: &Turn, counting: Counting) -> Result<TurnWriter, PracticeError> {
        Ok(self.store.begin_turn(&turn.user, (turn.now.date(), turn.now.timestamp()), counting).await?)
    }

    /// Commits, unless another process answered the same request meanwhile.
    async fn settle(&self, mut writer: TurnWriter, turn: &Turn, done: Done) -> Result<Done, PracticeError> {
        if let Some(request) = &turn.idempotency {
            let answer = serde_json::to_string(&done).expect("texts and numbers only");
            if !writer.remember(&request.key, &request.fingerprint, &answer).await? {
                return Err(StoreError::Conflict.into());
            }
        }
        writer.commit().await?;
        Ok(done)
    }

    /// A turn may get in the way of the same request in another process: then that one's answer holds.
    async fn unless_repeated(&self, turn: &Turn, error: PracticeError) -> Result<Done, PracticeError> {
        match error {
            PracticeError::LimitReached | PracticeError::Finished | PracticeError::Store(StoreError::Conflict) => {
                self.repeated(turn).await?.ok_or(error)
            }
            error => Err(error),
        }
    }
}

/// An earlier interview that is gone on with is the current one from now on.
async fn go_on_with(writer: &mut TurnWriter, turn: &Turn) -> Result<(), PracticeError> {
    match &turn.interview {
        Some(id) => Ok(writer.make_current(id).await?),
        None => Ok(()),
    }
}

/// Longer each time, and by chance: those that met would meet again.
fn pause(attempt: u32) -> Duration {
    let longest = 2 << attempt;
    Duration::from_millis(getrandom::u64().unwrap_or(longest) % longest)
}

/// Writes what is new; the result is the interview as it will stand.
async fn write(writer: &mut TurnWriter, speak: Speak, reply: StoredMessage) -> Result<Transcript, PracticeError> {
    let Speak { mut transcript, stored, task, .. } = speak;
    if stored == 0 {
        writer.open(&transcript.interview).await?;
    }
    transcript.messages.push(reply);
    let id = &transcript.interview.id;
    writer.add(id, stored, &transcript.messages[stored..]).await?;
    if task == Task::Close {
        writer.finish(id).await?;
        transcript.interview.finished = true;
    }
    Ok(transcript)
}

fn done(turn: &Turn, transcript: &Transcript, response: String, count: u64) -> Done {
    Done {
        response,
        audio_url: None,
        interview_id: Some(transcript.interview.id.0.clone()),
        question: questions::progress(transcript),
        finished: transcript.interview.finished,
        count: Some(count),
        limit: turn.limit.map(u64::from),
    }
}
