//! A limit on attempts: at most so many for one subject within so much time. It keeps passwords from
//! being guessed and accounts from being created in masses.
//!
//! An attempt occupies one of the subject's slots, a row each, before its work is done. However many
//! attempts are made at once, in however many processes, no more than that can count in that time.

use jiff::{SignedDuration, Timestamp};

use super::{Store, StoreError};

/// An attempt that takes longer counts: its process died, or its client has given up.
const LONGEST_ATTEMPT: SignedDuration = SignedDuration::from_secs(30);
/// No limit looks further back.
const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(1);

const ADMITTING: &str = "looking for earlier attempts";
const SAVING: &str = "saving an attempt";

/// The number of attempts that may count within a time of at most an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptLimit {
    pub slots: u32,
    pub window: SignedDuration,
}

/// The decision on whether an attempt may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    Admitted(StoredAttempt),
    /// All slots are occupied, some of them by attempts that are still under way.
    Busy,
    /// All slots are occupied by attempts that count. The first becomes free after this time.
    Refused(SignedDuration),
}

/// A slot that an attempt occupies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAttempt {
    subject: String,
    slot: i64,
    at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct OccupiedSlot {
    slot: i64,
    tried_at: i64,
    under_way: i64,
}

impl Store {
    /// Occupies a slot of `subject`, a hash of whom or what the limit is for.
    pub async fn begin_attempt(
        &self,
        subject: &str,
        limit: AttemptLimit,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        loop {
            let occupied = self.occupied_slots(subject, limit, now).await?;
            let is_free = |slot: &i64| occupied.iter().all(|occupied| occupied.slot != *slot);
            let Some(slot) = (0..i64::from(limit.slots)).find(is_free) else {
                return Ok(refusal(&occupied, limit, now));
            };
            let attempt = StoredAttempt {
                subject: subject.to_owned(),
                slot,
                at: now,
            };
            if self.occupy(&attempt, limit).await? {
                return Ok(Admission::Admitted(attempt));
            }
            // Another attempt occupied the slot first. There are few of them, so the loop ends.
        }
    }

    /// Records that the attempt counts; its slot stays occupied.
    pub async fn count_attempt(&self, attempt: &StoredAttempt) -> Result<(), StoreError> {
        let sql =
            "UPDATE attempts SET under_way = 0 WHERE subject = $1 AND slot = $2 AND tried_at = $3";
        self.update_slots(sql, attempt).await
    }

    /// Frees the slot of an attempt that does not count.
    pub async fn cancel_attempt(&self, attempt: &StoredAttempt) -> Result<(), StoreError> {
        let sql = "DELETE FROM attempts WHERE subject = $1 AND slot = $2 AND tried_at = $3";
        self.update_slots(sql, attempt).await
    }

    /// Frees the slot of the attempt and those of earlier ones that count. Other attempts go on.
    pub async fn clear_attempts(&self, attempt: &StoredAttempt) -> Result<(), StoreError> {
        let sql = "DELETE FROM attempts WHERE subject = $1 AND (under_way = 0 OR (slot = $2 AND tried_at = $3))";
        self.update_slots(sql, attempt).await
    }

    /// Deletes the attempts that no longer occupy a slot.
    pub async fn delete_expired_attempts(&self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM attempts WHERE tried_at <= $1")
            .bind(oldest_valid(LONGEST_WINDOW, now))
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("deleting old attempts"))
    }

    async fn occupied_slots(
        &self,
        subject: &str,
        limit: AttemptLimit,
        now: Timestamp,
    ) -> Result<Vec<OccupiedSlot>, StoreError> {
        let sql = "SELECT slot, tried_at, under_way FROM attempts \
                   WHERE subject = $1 AND tried_at > $2 AND slot < $3";
        sqlx::query_as(sql)
            .bind(subject)
            .bind(oldest_valid(limit.window, now))
            .bind(i64::from(limit.slots))
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::query(ADMITTING))
    }

    /// Returns `false` when the slot is occupied already.
    async fn occupy(
        &self,
        attempt: &StoredAttempt,
        limit: AttemptLimit,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO attempts (subject, slot, tried_at, under_way) VALUES ($1, $2, $3, 1) \
                   ON CONFLICT (subject, slot) DO UPDATE SET tried_at = excluded.tried_at, under_way = 1 \
                   WHERE attempts.tried_at <= $4";
        let inserted = sqlx::query(sql)
            .bind(&attempt.subject)
            .bind(attempt.slot)
            .bind(attempt.at.as_millisecond())
            .bind(oldest_valid(limit.window, attempt.at))
            .execute(&self.pool)
            .await
            .map_err(StoreError::query(SAVING))?;
        Ok(inserted.rows_affected() == 1)
    }

    async fn update_slots(
        &self,
        sql: &'static str,
        attempt: &StoredAttempt,
    ) -> Result<(), StoreError> {
        sqlx::query(sql)
            .bind(&attempt.subject)
            .bind(attempt.slot)
            .bind(attempt.at.as_millisecond())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query(SAVING))
    }
}

/// Returns how long to wait when every slot is occupied.
fn refusal(occupied: &[OccupiedSlot], limit: AttemptLimit, now: Timestamp) -> Admission {
    let age =
        |slot: &OccupiedSlot| SignedDuration::from_millis(now.as_millisecond() - slot.tried_at);
    let is_under_way = |slot: &OccupiedSlot| slot.under_way == 1 && age(slot) < LONGEST_ATTEMPT;
    if occupied.iter().any(is_under_way) {
        return Admission::Busy;
    }
    let oldest = occupied.iter().map(age).max().unwrap_or_default();
    Admission::Refused(limit.window.saturating_sub(oldest))
}

/// Returns a time in milliseconds since 1970; slots occupied then or earlier are free.
fn oldest_valid(window: SignedDuration, now: Timestamp) -> i64 {
    now.as_millisecond()
        .saturating_sub(window.as_millis() as i64)
}
