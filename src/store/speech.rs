//! Spoken replies, each under a name of its own.

use std::ops::Range;

use super::{Store, StoreError, UserId};

const READING: &str = "reading a spoken reply";

/// What is known of a spoken reply without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpeechInfo {
    /// MIME type.
    pub content_type: String,
    /// In bytes.
    pub length: usize,
}

impl Store {
    /// Keeps a spoken reply of `user` under an unguessable name (made by the caller, extension included). Fails when
    /// the name is taken, or the user gone.
    pub async fn save_speech(
        &self,
        user: &UserId,
        name: &str,
        content_type: &str,
        bytes: &[u8],
        now: jiff::Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO speech (name, content_type, bytes, created_at, user_id) VALUES ($1, $2, $3, $4, $5)")
            .bind(name)
            .bind(content_type)
            .bind(bytes)
            .bind(now.as_millisecond())
            .bind(&user.0)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("keeping a spoken reply"))
    }

    /// The whole name of the user's speech called `stem` but for its extension, if it is kept. It is as good as made
    /// now: it will be kept as long as speech made now.
    pub async fn find_speech(
        &self,
        user: &UserId,
        stem: &str,
        now: jiff::Timestamp,
    ) -> Result<Option<String>, StoreError> {
        // Names are hexadecimal digits: nothing that LIKE would read as a pattern.
        sqlx::query_scalar(
            "UPDATE speech SET created_at = $1 WHERE user_id = $2 AND name LIKE $3 RETURNING name",
        )
        .bind(now.as_millisecond())
        .bind(&user.0)
        .bind(format!("{stem}.%"))
        .fetch_optional(&self.pool)
        .await
        .map_err(StoreError::query(READING))
    }

    /// Whether a spoken reply is kept, and what is known of it.
    pub async fn speech(&self, name: &str) -> Result<Option<SpeechInfo>, StoreError> {
        let sql = "SELECT content_type, CAST(LENGTH(bytes) AS BIGINT) FROM speech WHERE name = $1";
        let row: Option<(String, i64)> = sqlx::query_as(sql)
            .bind(name)
            .fetch_optional(&self.pool)
            .await
            .map_err(StoreError::query(READING))?;
        Ok(row.map(|(content_type, length)| SpeechInfo {
            content_type,
            length: length.unsigned_abs() as usize,
        }))
    }

    /// These bytes of a spoken reply, as far as there are any.
    pub async fn speech_bytes(
        &self,
        name: &str,
        part: Range<usize>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let number = |bytes: usize| i32::try_from(bytes).unwrap_or(i32::MAX);
        let sql = "SELECT SUBSTR(bytes, CAST($2 AS INTEGER), CAST($3 AS INTEGER)) FROM speech WHERE name = $1";
        sqlx::query_scalar(sql)
            .bind(name)
            // The first one is byte 1.
            .bind(number(part.start).saturating_add(1))
            .bind(number(part.len()))
            .fetch_optional(&self.pool)
            .await
            .map_err(StoreError::query(READING))
    }

    /// Deletes speech made before `before`, and idempotency records made a day before that: they outlive their
    /// 24 hours, however short the time speech is kept.
    pub async fn delete_expired_replies(&self, before: jiff::Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM speech WHERE created_at < $1")
            .bind(before.as_millisecond())
            .execute(&self.pool)
            .await
            .map_err(StoreError::query("forgetting old speech"))?;
        self.forget_requests_before(super::idempotency::oldest_valid(before))
            .await
    }
}
