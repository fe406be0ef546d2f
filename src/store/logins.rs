//! A limit on guessing passwords: after ten failures for one name from one address within five
//! minutes, the next attempt has to wait.
//!
//! An attempt occupies one of ten slots, a row each, before its password is checked. However many
//! attempts are made at once, in however many processes, no more than ten can fail in that time.

use jiff::{SignedDuration, Timestamp};

use super::{Store, StoreError};

const SLOTS: i64 = 10;
/// The time for which a failure occupies its slot.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// An attempt that takes longer counts as failed: its process died, or its client has given up.
const LONGEST_ATTEMPT: SignedDuration = SignedDuration::from_secs(30);

const ADMITTING: &str = "looking for failed logins";
const SAVING: &str = "saving a failed login";

/// The decision on whether a password may be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginAdmission {
    Admitted(LoginAttempt),
    /// All slots are occupied, some of them by attempts that are still under way.
    Busy,
    /// All slots are occupied by failures. The first becomes free after this time.
    Refused(SignedDuration),
}

/// A slot that an attempt occupies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginAttempt {
    who: String,
    slot: i64,
    at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct OccupiedSlot {
    // The columns keep the names of the first migration.
    place: i64,
    tried_at: i64,
    under_way: i64,
}

impl Store {
    /// Occupies a slot for a login of `who`, a hash of name and address.
    pub async fn begin_login(
        &self,
        who: &str,
        now: Timestamp,
    ) -> Result<LoginAdmission, StoreError> {
        loop {
            let occupied = self.occupied_slots(who, now).await?;
            let is_free = |slot: &i64| occupied.iter().all(|occupied| occupied.place != *slot);
            let Some(slot) = (0..SLOTS).find(is_free) else {
                return Ok(refusal(&occupied, now));
            };
            let attempt = LoginAttempt {
                who: who.to_owned(),
                slot,
                at: now,
            };
            if self.occupy(&attempt).await? {
                return Ok(LoginAdmission::Admitted(attempt));
            }
            // Another attempt occupied the slot first. There are ten of them, so the loop ends.
        }
    }

    /// Records that the attempt failed; its slot stays occupied.
    pub async fn record_failed_login(&self, attempt: &LoginAttempt) -> Result<(), StoreError> {
        let sql =
            "UPDATE login_tries SET under_way = 0 WHERE who = $1 AND place = $2 AND tried_at = $3";
        self.update_slots(sql, attempt).await
    }

    /// Frees the slot of an attempt that was not completed.
    pub async fn cancel_login(&self, attempt: &LoginAttempt) -> Result<(), StoreError> {
        let sql = "DELETE FROM login_tries WHERE who = $1 AND place = $2 AND tried_at = $3";
        self.update_slots(sql, attempt).await
    }

    /// Frees the slot of the attempt and those of earlier failures. Other attempts go on.
    pub async fn record_successful_login(&self, attempt: &LoginAttempt) -> Result<(), StoreError> {
        let sql = "DELETE FROM login_tries WHERE who = $1 AND (under_way = 0 OR (place = $2 AND tried_at = $3))";
        self.update_slots(sql, attempt).await
    }

    /// Deletes the failures that no longer occupy a slot.
    pub async fn delete_expired_logins(&self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM login_tries WHERE tried_at <= $1")
            .bind(oldest_valid(now))
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("deleting old failed logins"))
    }

    async fn occupied_slots(
        &self,
        who: &str,
        now: Timestamp,
    ) -> Result<Vec<OccupiedSlot>, StoreError> {
        let sql =
            "SELECT place, tried_at, under_way FROM login_tries WHERE who = $1 AND tried_at > $2";
        sqlx::query_as(sql)
            .bind(who)
            .bind(oldest_valid(now))
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::query(ADMITTING))
    }

    /// Returns `false` when the slot is occupied already.
    async fn occupy(&self, attempt: &LoginAttempt) -> Result<bool, StoreError> {
        let sql = "INSERT INTO login_tries (who, place, tried_at, under_way) VALUES ($1, $2, $3, 1) \
                   ON CONFLICT (who, place) DO UPDATE SET tried_at = excluded.tried_at, under_way = 1 \
                   WHERE login_tries.tried_at <= $4";
        let inserted = sqlx::query(sql)
            .bind(&attempt.who)
            .bind(attempt.slot)
            .bind(attempt.at.as_millisecond())
            .bind(oldest_valid(attempt.at))
            .execute(&self.pool)
            .await
            .map_err(StoreError::query(SAVING))?;
        Ok(inserted.rows_affected() == 1)
    }

    async fn update_slots(
        &self,
        sql: &'static str,
        attempt: &LoginAttempt,
    ) -> Result<(), StoreError> {
        sqlx::query(sql)
            .bind(&attempt.who)
            .bind(attempt.slot)
            .bind(attempt.at.as_millisecond())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query(SAVING))
    }
}

/// Returns how long to wait when every slot is occupied.
fn refusal(occupied: &[OccupiedSlot], now: Timestamp) -> LoginAdmission {
    let age =
        |slot: &OccupiedSlot| SignedDuration::from_millis(now.as_millisecond() - slot.tried_at);
    let is_under_way = |slot: &OccupiedSlot| slot.under_way == 1 && age(slot) < LONGEST_ATTEMPT;
    if occupied.iter().any(is_under_way) {
        return LoginAdmission::Busy;
    }
    let oldest = occupied.iter().map(age).max().unwrap_or_default();
    LoginAdmission::Refused(WINDOW.saturating_sub(oldest))
}

/// Returns a time in milliseconds since 1970; slots occupied then or earlier are free.
fn oldest_valid(now: Timestamp) -> i64 {
    now.as_millisecond()
        .saturating_sub(WINDOW.as_millis() as i64)
}
