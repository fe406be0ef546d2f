//! The list of a user's interviews, and taking one off it.

use std::fmt;
use std::str::FromStr;

use super::interviews::{get, read_interview, role_name};
use super::{Interview, InterviewId, Store, StoreError, UserId};
use crate::interview::{Language, Role};

const LISTING: &str = "listing interviews";
const DELETING: &str = "deleting an interview";

/// An interview as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedInterview {
    /// Which.
    pub interview: Interview,
    /// How many answers were given.
    pub answers: u64,
    /// It is the one that a turn goes on with.
    pub current: bool,
}

/// A place in the list: what comes after it was started before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryCursor {
    /// When the interview at this place was started.
    pub started_at: jiff::Timestamp,
    /// Its key, since several may be started at once.
    pub id: InterviewId,
}

/// Milliseconds since 1970 and the key: a place stays one when the interview there is deleted.
impl fmt::Display for HistoryCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.started_at.as_millisecond(), self.id.0)
    }
}

impl FromStr for HistoryCursor {
    type Err = InvalidInterviewId;

    fn from_str(text: &str) -> Result<Self, InvalidInterviewId> {
        let (millis, id) = text.split_once('_').ok_or(InvalidInterviewId)?;
        let started_at =
            jiff::Timestamp::from_millisecond(millis.parse().map_err(|_| InvalidInterviewId)?)
                .map_err(|_| InvalidInterviewId)?;
        Ok(Self {
            started_at,
            id: id.parse()?,
        })
    }
}

impl FromStr for InterviewId {
    type Err = InvalidInterviewId;

    /// As the store writes it: a UUID has several forms.
    fn from_str(text: &str) -> Result<Self, InvalidInterviewId> {
        uuid::Uuid::parse_str(text)
            .map(|id| Self(id.to_string()))
            .map_err(|_| InvalidInterviewId)
    }
}

/// A text that names no interview, and no place in a list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is not the key of an interview")]
pub struct InvalidInterviewId;

impl ListedInterview {
    /// Its place.
    pub fn place(&self) -> HistoryCursor {
        HistoryCursor {
            started_at: self.interview.started_at,
            id: self.interview.id.clone(),
        }
    }
}

impl Store {
    /// At most `most` of the user's interviews, newest first: the newest of all, or those behind a place.
    pub async fn interviews(
        &self,
        user: &UserId,
        behind: Option<&HistoryCursor>,
        most: u32,
    ) -> Result<Vec<ListedInterview>, StoreError> {
        let sql = "SELECT interviews.*, (SELECT COUNT(*) FROM messages WHERE interview_id = interviews.id \
                   AND role = 'user') AS answers FROM interviews WHERE user_id = $1 \
                   AND (started_at < $2 OR (started_at = $2 AND id < $3)) \
                   ORDER BY started_at DESC, id DESC LIMIT $4";
        let (latest, id) = behind.map_or((i64::MAX, ""), |place| {
            (place.started_at.as_millisecond(), &place.id.0)
        });
        let rows = sqlx::query(sql)
            .bind(&user.0)
            .bind(latest)
            .bind(id)
            .bind(i64::from(most))
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::query(LISTING))?;
        let listed = |row| {
            let (answers, current) = (
                get::<i64>(row, "answers")?,
                get::<i64>(row, "is_current")? != 0,
            );
            Ok(ListedInterview {
                interview: read_interview(row)?,
                answers: answers.unsigned_abs(),
                current,
            })
        };
        rows.iter().map(listed).collect()
    }

    /// Whether it is the one that a turn goes on with.
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

    /// What interviewers have said to the user since then in other interviews than this, with its language.
    pub async fn replies_in_other_interviews(
        &self,
        user: &UserId,
        id: &InterviewId,
        since: jiff::Timestamp,
    ) -> Result<Vec<(Language, String)>, StoreError> {
        let sql = "SELECT interviews.language, messages.content FROM messages \
                   JOIN interviews ON interviews.id = messages.interview_id \
                   WHERE interviews.user_id = $1 AND interviews.id <> $2 AND messages.role = $3 AND messages.said_at > $4";
        let said: Vec<(String, String)> = sqlx::query_as(sql)
            .bind(&user.0)
            .bind(&id.0)
            .bind(role_name(Role::Assistant))
            .bind(since.as_millisecond())
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::query(DELETING))?;
        Ok(said
            .into_iter()
            .filter_map(|(code, text)| Some((code.parse().ok()?, text)))
            .collect())
    }

    /// Deletes one of the user's interviews, what was said in it, the answers remembered for repeated requests of it
    /// and the speech in `sounds` (by name without extension). `false` when there is none.
    pub async fn delete_interview(
        &self,
        user: &UserId,
        id: &InterviewId,
        sounds: &[String],
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
        for stem in sounds {
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
