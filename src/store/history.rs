//! Listing a user's interviews, and deleting one.

use std::fmt;
use std::str::FromStr;

use sqlx::any::AnyRow;

use super::interviews::{get, read_interview, role_name};
use super::{Interview, InterviewId, Store, StoreError, UserId};
use crate::interview::{Language, Role};

const LISTING: &str = "listing interviews";
const DELETING: &str = "deleting an interview";

/// An entry of the list of interviews.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedInterview {
    pub interview: Interview,
    /// The number of answers given.
    pub answers: u64,
    /// Set if the next turn continues this interview.
    pub current: bool,
}

/// A position in the list of interviews: the entries after it were started earlier. It stays valid
/// when the interview at this position is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryCursor {
    pub started_at: jiff::Timestamp,
    /// Orders interviews that were started in the same millisecond.
    pub id: InterviewId,
}

/// Formats the cursor as milliseconds since 1970 and the ID.
impl fmt::Display for HistoryCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.started_at.as_millisecond(), self.id.0)
    }
}

impl FromStr for HistoryCursor {
    type Err = InvalidInterviewId;

    fn from_str(text: &str) -> Result<Self, InvalidInterviewId> {
        let (millis, id) = text.split_once('_').ok_or(InvalidInterviewId)?;
        let millis = millis.parse().map_err(|_| InvalidInterviewId)?;
        Ok(Self {
            started_at: jiff::Timestamp::from_millisecond(millis)
                .map_err(|_| InvalidInterviewId)?,
            id: id.parse()?,
        })
    }
}

impl FromStr for InterviewId {
    type Err = InvalidInterviewId;

    /// Normalizes the ID to the form in the database, since a UUID has several.
    fn from_str(text: &str) -> Result<Self, InvalidInterviewId> {
        uuid::Uuid::parse_str(text)
            .map(|id| Self(id.to_string()))
            .map_err(|_| InvalidInterviewId)
    }
}

/// A text that is neither the ID of an interview nor a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is not the ID of an interview")]
pub struct InvalidInterviewId;

impl ListedInterview {
    pub fn cursor(&self) -> HistoryCursor {
        HistoryCursor {
            started_at: self.interview.started_at,
            id: self.interview.id.clone(),
        }
    }
}

impl Store {
    /// Returns at most `limit` of the user's interviews, newest first: the newest of all, or those
    /// after `cursor`.
    pub async fn interviews(
        &self,
        user: &UserId,
        cursor: Option<&HistoryCursor>,
        limit: u32,
    ) -> Result<Vec<ListedInterview>, StoreError> {
        let sql = "SELECT interviews.*, (SELECT COUNT(*) FROM messages WHERE interview_id = interviews.id \
                   AND role = 'user') AS answers FROM interviews WHERE user_id = $1 \
                   AND (started_at < $2 OR (started_at = $2 AND id < $3)) \
                   ORDER BY started_at DESC, id DESC LIMIT $4";
        let (latest, id) = cursor.map_or((i64::MAX, ""), |cursor| {
            (cursor.started_at.as_millisecond(), &cursor.id.0)
        });
        let rows = sqlx::query(sql)
            .bind(&user.0)
            .bind(latest)
            .bind(id)
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::query(LISTING))?;
        rows.iter().map(read_listed).collect()
    }

    /// Returns whether the user's next turn continues this interview.
    pub async fn is_current(&self, user: &UserId, id: &InterviewId) -> Result<bool, StoreError> {
        let current: Option<i64> =
            sqlx::query_scalar("SELECT is_current FROM interviews WHERE user_id = $1 AND id = $2")
                .bind(&user.0)
                .bind(&id.0)
                .fetch_optional(&self.pool)
                .await
                .map_err(StoreError::query(LISTING))?;
        Ok(current == Some(1))
    }

    /// Returns what interviewers have said to the user since then in all interviews but this one,
    /// with the language of each.
    pub async fn replies_in_other_interviews(
        &self,
        user: &UserId,
        id: &InterviewId,
        since: jiff::Timestamp,
    ) -> Result<Vec<(Language, String)>, StoreError> {
        let sql = "SELECT interviews.language, messages.content FROM messages \
                   JOIN interviews ON interviews.id = messages.interview_id \
                   WHERE interviews.user_id = $1 AND interviews.id <> $2 AND messages.role = $3 AND messages.said_at > $4";
        let replies: Vec<(String, String)> = sqlx::query_as(sql)
            .bind(&user.0)
            .bind(&id.0)
            .bind(role_name(Role::Assistant))
            .bind(since.as_millisecond())
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::query(DELETING))?;
        Ok(replies
            .into_iter()
            .filter_map(|(code, text)| Some((code.parse().ok()?, text)))
            .collect())
    }

    /// Deletes one of the user's interviews with its messages, the remembered answers to its
    /// requests and the speech named in `speech` (without extensions). Returns `false` when there
    /// is no such interview.
    pub async fn delete_interview(
        &self,
        user: &UserId,
        id: &InterviewId,
        speech: &[String],
    ) -> Result<bool, StoreError> {
        let failed = || StoreError::query(DELETING);
        let mut transaction = self.pool.begin().await.map_err(failed())?;
        let deleted = sqlx::query("DELETE FROM interviews WHERE user_id = $1 AND id = $2")
            .bind(&user.0)
            .bind(&id.0)
            .execute(&mut *transaction)
            .await
            .map_err(failed())?;
        if deleted.rows_affected() == 0 {
            return Ok(false);
        }
        for stem in speech {
            sqlx::query("DELETE FROM speech WHERE user_id = $1 AND name LIKE $2")
                .bind(&user.0)
                .bind(format!("{stem}.%"))
                .execute(&mut *transaction)
                .await
                .map_err(failed())?;
        }
        transaction.commit().await.map_err(failed())?;
        Ok(true)
    }
}

fn read_listed(row: &AnyRow) -> Result<ListedInterview, StoreError> {
    Ok(ListedInterview {
        interview: read_interview(row)?,
        answers: get::<i64>(row, "answers")?.unsigned_abs(),
        current: get::<i64>(row, "is_current")? != 0,
    })
}
