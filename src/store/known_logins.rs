//! Names that logged in or registered from an address. A limit for the whole address, which many
//! users behind one proxy share, does not keep them out.

use jiff::{SignedDuration, Timestamp};

use super::{Store, StoreError};

/// As long as a login lasts by default.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Within this time a login is not written down again.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

impl Store {
    /// Returns whether `subject`, a hash of name and address, is known.
    pub async fn is_known_login(&self, subject: &str, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM known_logins WHERE subject = $1 AND seen_at > $2";
        sqlx::query(sql)
            .bind(subject)
            .bind((now - KEPT).as_millisecond())
            .fetch_optional(&self.pool)
            .await
            .map(|row| row.is_some())
            .map_err(StoreError::query("looking for a known login"))
    }

    /// Makes `subject` known.
    pub async fn add_known_login(&self, subject: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO known_logins (subject, seen_at) VALUES ($1, $2) \
                   ON CONFLICT (subject) DO UPDATE SET seen_at = excluded.seen_at \
                   WHERE known_logins.seen_at <= $3";
        sqlx::query(sql)
            .bind(subject)
            .bind(now.as_millisecond())
            .bind((now - FRESH).as_millisecond())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("saving a known login"))
    }

    /// Deletes what is no longer known.
    pub async fn delete_expired_known_logins(&self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM known_logins WHERE seen_at <= $1")
            .bind((now - KEPT).as_millisecond())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("deleting old known logins"))
    }
}
