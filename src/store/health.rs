//! The check that the database works.

use super::{Store, StoreError};

const CHECKING: &str = "checking that it works";

/// The size in bytes of what a check writes: about a turn. SQLite and PostgreSQL need new pages for
/// it, which a full disk refuses while it may still take a change in place.
const FILLER: usize = 8 * 1024;

impl Store {
    /// Checks that the database takes a write and that the tables are there. Nothing is left of what
    /// it wrote.
    pub async fn check(&self) -> Result<(), StoreError> {
        let failed = || StoreError::query(CHECKING);
        // Each check has a row of its own, so that servers on one database never wait for each other.
        let id = uuid::Uuid::new_v4().to_string();
        let mut transaction = self.pool.begin().await.map_err(failed())?;
        sqlx::query("INSERT INTO health_checks (id, filler) VALUES ($1, $2)")
            .bind(&id)
            .bind(&[0_u8; FILLER][..])
            .execute(&mut *transaction)
            .await
            .map_err(failed())?;
        sqlx::query("DELETE FROM health_checks WHERE id = $1")
            .bind(&id)
            .execute(&mut *transaction)
            .await
            .map_err(failed())?;
        sqlx::query("SELECT 1 FROM users LIMIT 1")
            .fetch_optional(&mut *transaction)
            .await
            .map_err(failed())?;
        transaction.commit().await.map_err(failed())
    }
}
