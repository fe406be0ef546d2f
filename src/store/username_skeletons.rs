//! Skeletons of user names from before they were stored.

use super::users::LOCAL_ID;
use super::{Store, StoreError};
use crate::username;

const FILLING: &str = "comparing user names";

impl Store {
    /// Stores the missing skeletons, except those of names that look like an earlier one: their users
    /// still log in, and others cannot register beside the first.
    pub(super) async fn fill_username_skeletons(&self) -> Result<(), StoreError> {
        let failed = || StoreError::query(FILLING);
        let sql = "SELECT id, username FROM users \
                   WHERE username_skeleton IS NULL AND id <> $1 ORDER BY created_at, id";
        let missing: Vec<(String, String)> = sqlx::query_as(sql)
            .bind(LOCAL_ID)
            .fetch_all(&self.pool)
            .await
            .map_err(failed())?;
        if missing.is_empty() {
            return Ok(());
        }
        let mut transaction = self.pool.begin().await.map_err(failed())?;
        for (id, name) in missing {
            let sql = "UPDATE users SET username_skeleton = $1 WHERE id = $2 \
                       AND NOT EXISTS (SELECT 1 FROM users WHERE username_skeleton = $1)";
            sqlx::query(sql)
                .bind(username::skeleton(&name))
                .bind(id)
                .execute(&mut *transaction)
                .await
                .map_err(failed())?;
        }
        transaction.commit().await.map_err(failed())
    }
}
