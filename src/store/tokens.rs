//! Tokens, one per login. Only their hashes are stored.

use super::timeout::with_timeout;
use super::users::{LOCAL_ID, read_user};
use super::{Store, StoreError, User};

const FINDING: &str = "looking for a token";

impl Store {
    /// Returns the user of a token by its SHA-256 (hex), unless it was issued before `since`.
    /// Disabled users are returned too, the reserved local user never.
    pub async fn user_by_token(
        &self,
        token_hash: &str,
        since: jiff::Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let sql = "SELECT users.* FROM tokens JOIN users ON users.id = tokens.user_id \
                   WHERE tokens.hash = $1 AND tokens.created_at >= $2 AND users.id <> $3";
        let query = sqlx::query(sql)
            .bind(token_hash)
            .bind(since.as_millisecond())
            .bind(LOCAL_ID)
            .fetch_optional(&self.pool);
        with_timeout(FINDING, async {
            let row = query.await.map_err(StoreError::query(FINDING))?;
            row.map(|row| read_user(&row))
                .transpose()
                .map_err(StoreError::query(FINDING))
        })
        .await
    }

    /// Adds a token. Returns `false` when the password was changed or the account deleted since
    /// `user` was read.
    pub async fn add_token(
        &self,
        user: &User,
        token_hash: &str,
        now: jiff::Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO tokens (hash, user_id, created_at) SELECT $1, id, CAST($2 AS BIGINT) FROM users \
                   WHERE id = $3 AND password_hash = $4";
        let added = sqlx::query(sql)
            .bind(token_hash)
            .bind(now.as_millisecond())
            .bind(&user.id.0)
            .bind(&user.password_hash)
            .execute(&self.pool)
            .await
            .map_err(StoreError::query("saving a token"))?;
        Ok(added.rows_affected() == 1)
    }

    /// Deletes the tokens issued before `since`.
    pub async fn delete_tokens_before(&self, since: jiff::Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM tokens WHERE created_at < $1")
            .bind(since.as_millisecond())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("deleting old tokens"))
    }

    /// Deletes one token.
    pub async fn revoke_token(&self, token_hash: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM tokens WHERE hash = $1")
            .bind(token_hash)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("revoking a token"))
    }
}
