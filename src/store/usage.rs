//! The turns taken per day. The caller determines the day, in the time zone of the service.

use jiff::civil::Date;

use super::{Store, StoreError, UserId};

impl Store {
    /// Returns how many turns the user has taken on `day`.
    pub async fn turns_on(&self, user: &UserId, day: Date) -> Result<u64, StoreError> {
        let turns: Option<i64> =
            sqlx::query_scalar("SELECT turns FROM usage WHERE user_id = $1 AND day = $2")
                .bind(&user.0)
                .bind(day.to_string())
                .fetch_optional(&self.pool)
                .await
                .map_err(StoreError::query("reading today's count"))?;
        Ok(turns.unwrap_or_default().unsigned_abs())
    }
}

/// Adds `step` (0 or 1) in one statement if fewer than `limit` turns were taken, and returns the
/// new count; `None` at the limit. A step of 0 always succeeds: it locks the row of the user
/// nevertheless, which serializes the turns of one user.
pub(super) async fn count(
    transaction: &mut sqlx::AnyConnection,
    user: &UserId,
    day: Date,
    step: i64,
    limit: i64,
) -> Result<Option<u64>, sqlx::Error> {
    let sql = "INSERT INTO usage (user_id, day, turns) \
               SELECT $1, $2, CAST($3 AS BIGINT) WHERE CAST($3 AS BIGINT) = 0 OR CAST($4 AS BIGINT) > 0 \
               ON CONFLICT (user_id, day) DO UPDATE SET turns = usage.turns + CAST($3 AS BIGINT) \
               WHERE CAST($3 AS BIGINT) = 0 OR usage.turns < CAST($4 AS BIGINT) RETURNING turns";
    let turns: Option<i64> = sqlx::query_scalar(sql)
        .bind(&user.0)
        .bind(day.to_string())
        .bind(step)
        .bind(limit)
        .fetch_optional(transaction)
        .await?;
    Ok(turns.map(i64::unsigned_abs))
}
