//! Spoken replies, each under an unguessable name.

use std::ops::Range;

use super::{Store, StoreError, UserId};

const READING: &str = "reading a spoken reply";

/// The properties of a spoken reply, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpeechInfo {
    /// The MIME type.
    pub content_type: String,
    /// The length in bytes.
    pub length: usize,
}

impl Store {
    /// Saves a spoken reply of `user` under an unguessable name, which the caller makes, with its
    /// extension. Fails when the name is taken or the user deleted.
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
            .map_err(StoreError::query("saving a spoken reply"))
    }

    /// Returns the full name of the user's speech whose name without extension is `stem`, if it
    /// exists, and keeps it as long as speech that is saved now.
    pub async fn find_speech(
        &self,
        user: &UserId,
        stem: &str,
        now: jiff::Timestamp,
    ) -> Result<Option<String>, StoreError> {
        // Names are hexadecimal digits, so they contain nothing that LIKE treats as a pattern.
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

    /// Returns the properties of a spoken reply, if it exists.
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

    /// Returns the bytes of a spoken reply within `part`, as far as it reaches.
    pub async fn speech_bytes(
        &self,
        name: &str,
        part: Range<usize>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let integer = |bytes: usize| i32::try_from(bytes).unwrap_or(i32::MAX);
        let sql = "SELECT SUBSTR(bytes, CAST($2 AS INTEGER), CAST($3 AS INTEGER)) FROM speech WHERE name = $1";
        sqlx::query_scalar(sql)
            .bind(name)
            // SQL counts bytes from 1.
            .bind(integer(part.start).saturating_add(1))
            .bind(integer(part.len()))
            .fetch_optional(&self.pool)
            .await
            .map_err(StoreError::query(READING))
    }

    /// Deletes the speech saved before `before`, and the remembered answers that expired by then.
    /// Answers live 24 hours, however short speech is kept.
    pub async fn delete_expired_replies(&self, before: jiff::Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM speech WHERE created_at < $1")
            .bind(before.as_millisecond())
            .execute(&self.pool)
            .await
            .map_err(StoreError::query("deleting old speech"))?;
        self.delete_answers_before(super::idempotency::oldest_valid(before))
            .await
    }
}
