//! Invitations to register. Only their hashes are stored.

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::{Store, StoreError};

impl Store {
    /// Adds an invitation for one account, by the hash of its code.
    pub async fn add_invitation(&self, hash: &str, expires: Timestamp) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO invitations (hash, expires_at) VALUES ($1, $2)")
            .bind(hash)
            .bind(expires.as_millisecond())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("saving an invitation"))
    }

    /// Returns whether an invitation exists that was not used and has not expired.
    pub async fn has_invitation(&self, hash: &str, now: Timestamp) -> Result<bool, StoreError> {
        sqlx::query("SELECT 1 FROM invitations WHERE hash = $1 AND expires_at > $2")
            .bind(hash)
            .bind(now.as_millisecond())
            .fetch_optional(&self.pool)
            .await
            .map(|row| row.is_some())
            .map_err(StoreError::query("looking for an invitation"))
    }

    /// Deletes the invitations that have expired.
    pub async fn delete_expired_invitations(&self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM invitations WHERE expires_at <= $1")
            .bind(now.as_millisecond())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("deleting old invitations"))
    }
}

/// Uses up an invitation in the transaction that creates its account. Fails if it was used already,
/// also at the same time.
pub(super) async fn redeem(
    connection: &mut AnyConnection,
    hash: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let deleted = sqlx::query("DELETE FROM invitations WHERE hash = $1 AND expires_at > $2")
        .bind(hash)
        .bind(now.as_millisecond())
        .execute(connection)
        .await
        .map_err(StoreError::query("using an invitation"))?;
    if deleted.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::NotInvited)
    }
}
