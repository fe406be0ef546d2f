//! Answers to requests that carried an idempotency key, so that a repeat gets the same answer. A
//! record is written in the transaction of its turn and is valid for 24 hours.

use jiff::{SignedDuration, Timestamp};

use super::timeout::with_timeout;
use super::turn_record::IdempotencyRecord;
use super::{Store, StoreError, UserId};

const FINDING: &str = "looking for an earlier request";

const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// The answer to an earlier request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberedAnswer {
    /// The fingerprint of the request.
    pub fingerprint: String,
    /// The JSON made by [`IdempotencyRecord::answer`].
    pub answer: String,
}

/// Returns the creation time of the oldest records that are still valid.
pub(super) fn oldest_valid(now: Timestamp) -> Timestamp {
    now.saturating_sub(LIFETIME)
        .expect("hours have a fixed length")
}

impl Store {
    /// Returns the answer to the user's request `key`, if it was given within the last 24 hours.
    pub async fn remembered_answer(
        &self,
        user: &UserId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<RememberedAnswer>, StoreError> {
        let sql = "SELECT fingerprint, answer FROM idempotency \
                   WHERE user_id = $1 AND request_key = $2 AND created_at >= $3";
        let row = sqlx::query_as(sql)
            .bind(&user.0)
            .bind(key)
            .bind(oldest_valid(now).as_millisecond())
            .fetch_optional(&self.pool);
        let row = async { row.await.map_err(StoreError::query(FINDING)) };
        let row: Option<(String, String)> = with_timeout(FINDING, row).await?;
        Ok(row.map(|(fingerprint, answer)| RememberedAnswer {
            fingerprint,
            answer,
        }))
    }

    pub(super) async fn delete_answers_before(&self, before: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM idempotency WHERE created_at < $1")
            .bind(before.as_millisecond())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("deleting old answers"))
    }
}

/// Inserts a record, which replaces at most an expired one. Returns `false` when a valid one
/// exists.
pub(super) async fn insert(
    transaction: &mut sqlx::AnyConnection,
    user: &UserId,
    record: &IdempotencyRecord,
    count: u64,
    now: Timestamp,
) -> Result<bool, sqlx::Error> {
    let sql = "INSERT INTO idempotency (user_id, request_key, fingerprint, answer, created_at, interview_id) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, request_key) DO UPDATE \
               SET fingerprint = excluded.fingerprint, answer = excluded.answer, \
               created_at = excluded.created_at, interview_id = excluded.interview_id \
               WHERE idempotency.created_at < $7";
    let inserted = sqlx::query(sql)
        .bind(&user.0)
        .bind(&record.key)
        .bind(&record.fingerprint)
        .bind((record.answer)(count))
        .bind(now.as_millisecond())
        .bind(&record.interview.0)
        .bind(oldest_valid(now).as_millisecond())
        .execute(transaction)
        .await?;
    Ok(inserted.rows_affected() == 1)
}
