//! Writing a turn: the count, the interview, its messages and the idempotency record, in one transaction. What is not
//! committed never happened.

use jiff::civil::Date;
use sqlx::any::AnyQueryResult;
use sqlx::{Any, Transaction};

use super::interviews::role_name;
use super::{Interview, InterviewId, Store, StoreError, StoredMessage, UserId, idempotency, usage};
use crate::interview::Level;

const WRITING: &str = "keeping a turn";

/// Whether a turn uses up the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// One more; refused when `limit` turns were taken already.
    Counted {
        /// Turns a day; `None` without limit.
        limit: Option<u32>,
    },
    /// Free of charge.
    Free,
}

/// A turn being written. Dropping it undoes everything; [`TurnWriter::commit`] keeps it for good.
#[derive(Debug)]
pub struct TurnWriter {
    transaction: Transaction<'static, Any>,
    user: UserId,
    now: jiff::Timestamp,
    count: u64,
}

impl Store {
    /// Begins with the count. That is a write on the user's own row, so turns of one user are written one after the
    /// other even from several processes. Fails with [`StoreError::LimitReached`].
    pub async fn begin_turn(
        &self,
        user: &UserId,
        (day, now): (Date, jiff::Timestamp),
        counting: Counting,
    ) -> Result<TurnWriter, StoreError> {
        let (step, limit) = match counting {
            Counting::Counted { limit } => (1, limit.map_or(i64::MAX, i64::from)),
            Counting::Free => (0, 0),
        };
        let mut transaction = self.pool.begin().await.map_err(StoreError::doing(WRITING))?;
        let counted = usage::count(&mut transaction, user, day, step, limit).await;
        let count = counted.map_err(counting_failed)?.ok_or(StoreError::LimitReached)?;
        Ok(TurnWriter { transaction, user: user.clone(), now, count })
    }
}

impl TurnWriter {
    /// Turns of the day, this one included if it is counted.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Adds an interview and makes it the user's current one; the earlier one is kept.
    pub async fn open(&mut self, interview: &Interview) -> Result<(), StoreError> {
        sqlx::query("UPDATE interviews SET is_current = 0 WHERE user_id = $1 AND is_current = 1")
            .bind(&self.user.0)
            .execute(&mut *self.transaction)
            .await
            .map_err(StoreError::doing(WRITING))?;
        let sql = "INSERT INTO interviews (id, user_id, topic, language, level, questions, seed, interviewer, \
                   started_at, finished, is_current, resume, job_description) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12)";
        let inserted = sqlx::query(sql)
            .bind(&interview.id.0)
            .bind(&self.user.0)
            .bind(interview.topic.as_str())
            .bind(interview.language.code())
            .bind(interview.level.map(Level::code))
            .bind(interview.questions.map(i64::from))
            .bind(interview.seed.cast_signed())
            .bind(&interview.interviewer)
            .bind(interview.started_at.as_millisecond())
            .bind(i64::from(interview.finished))
            .bind(interview.background.resume.as_deref())
            .bind(interview.background.job_description.as_deref())
            .execute(&mut *self.transaction);
        or_conflict(inserted.await).map(drop)
    }

    /// Makes an earlier interview the user's current one again. Fails with [`StoreError::Conflict`] when it is gone.
    pub async fn make_current(&mut self, id: &InterviewId) -> Result<(), StoreError> {
        let failed = || StoreError::doing(WRITING);
        sqlx::query("UPDATE interviews SET is_current = 0 WHERE user_id = $1 AND is_current = 1 AND id <> $2")
            .bind(&self.user.0)
            .bind(&id.0)
            .execute(&mut *self.transaction)
            .await
            .map_err(failed())?;
        let updated = sqlx::query("UPDATE interviews SET is_current = 1 WHERE user_id = $1 AND id = $2")
            .bind(&self.user.0)
            .bind(&id.0)
            .execute(&mut *self.transaction)
            .await
            .map_err(failed())?;
        if updated.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Adds messages from `position` (the system prompt is 0) on. Fails with [`StoreError::Conflict`] if one is there.
    pub async fn add(
        &mut self,
        id: &InterviewId,
        position: usize,
        messages: &[StoredMessage],
    ) -> Result<(), StoreError> {
        let position = i64::try_from(position).expect("an interview fits in memory");
        for (position, message) in (position..).zip(messages) {
            self.add_one(id, position, message).await?;
        }
        Ok(())
    }

    async fn add_one(&mut self, id: &InterviewId, position: i64, message: &StoredMessage) -> Result<(), StoreError> {
        let spoken =
            message.spoken.as_ref().map(|spoken| serde_json::to_string(spoken).expect("numbers and texts only"));
        let sql = "INSERT INTO messages (interview_id, position, role, content, asked, spoken, said_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let inserted = sqlx::query(sql)
            .bind(&id.0)
            .bind(position)
            .bind(role_name(message.message.role))
            // PostgreSQL refuses U+0000 in a text.
            .bind(message.message.content.replace('\0', "\u{fffd}"))
            .bind(message.asked.as_deref())
            .bind(spoken)
            .bind(self.now.as_millisecond())
            .execute(&mut *self.transaction);
        or_conflict(inserted.await).map(drop)
    }

    /// Marks the interview as over. Fails with [`StoreError::Conflict`] if it is already.
    pub async fn finish(&mut self, id: &InterviewId) -> Result<(), StoreError> {
        let updated = sqlx::query("UPDATE interviews SET finished = 1 WHERE id = $1 AND finished = 0")
            .bind(&id.0)
            .execute(&mut *self.transaction)
            .await
            .map_err(StoreError::doing(WRITING))?;
        if updated.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Keeps the answer (JSON) for repeats of the request; `false` when another process answered it meanwhile, and
    /// this turn is to be given up.
    pub async fn remember(&mut self, key: &str, fingerprint: &str, answer: &str) -> Result<bool, StoreError> {
        idempotency::insert(&mut self.transaction, &self.user, (key, fingerprint, answer), self.now)
            .await
            .map_err(StoreError::doing("keeping the answer to a request"))
    }

    /// For good: on return the turn is on the disk.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await.map_err(StoreError::doing(WRITING))
    }
}

/// A key that exists already was written by another process since this turn read the interview; one that is missing
/// was deleted.
fn or_conflict(done: Result<AnyQueryResult, sqlx::Error>) -> Result<AnyQueryResult, StoreError> {
    done.map_err(|cause| match cause.as_database_error() {
        Some(error) if error.is_unique_violation() || error.is_foreign_key_violation() => StoreError::Conflict,
        _ => StoreError::Query { doing: WRITING, cause },
    })
}

/// Nobody is there to count for when the account was deleted in between.
fn counting_failed(cause: sqlx::Error) -> StoreError {
    match cause.as_database_error() {
        Some(error) if error.is_foreign_key_violation() => StoreError::Conflict,
        _ => StoreError::Query { doing: "counting a turn", cause },
    }
}
