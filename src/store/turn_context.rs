//! The state that every turn, and every view of the conversation, reads first.

use jiff::civil::Date;
use sqlx::AssertSqlSafe;

use super::interviews::{READING, get, read_transcript};
use super::timeout::with_timeout;
use super::{InterviewId, Store, StoreError, Transcript, UserId};

/// The state in which a turn begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TurnContext {
    /// The number of turns counted today.
    pub turns: u64,
    /// The interview that was asked for, if it exists.
    pub transcript: Option<Transcript>,
}

impl Store {
    /// Returns the user's turns on `day`, and one of their interviews: the one with `id`, or the
    /// current one.
    pub async fn turn_context(
        &self,
        user: &UserId,
        day: Date,
        id: Option<&InterviewId>,
    ) -> Result<TurnContext, StoreError> {
        let messages = self.dialect.messages_as_json();
        let sql = format!(
            "SELECT usage.turns, interviews.*, {messages} AS messages FROM users \
             LEFT JOIN usage ON usage.user_id = users.id AND usage.day = $2 \
             LEFT JOIN interviews ON interviews.user_id = users.id AND {} WHERE users.id = $1",
            which_interview(id)
        );
        let query = sqlx::query(AssertSqlSafe(sql))
            .bind(&user.0)
            .bind(day.to_string())
            .bind(id.map_or("", |id| &id.0))
            .fetch_optional(&self.pool);
        let row = with_timeout(READING, async {
            query.await.map_err(StoreError::query(READING))
        })
        .await?;
        let Some(row) = row else {
            return Ok(TurnContext::default());
        };
        let turns: Option<i64> = get(&row, "turns")?;
        let exists = get::<Option<&str>>(&row, "id")?.is_some();
        Ok(TurnContext {
            turns: turns.unwrap_or_default().unsigned_abs(),
            transcript: exists.then(|| read_transcript(&row)).transpose()?,
        })
    }
}

/// Both conditions use the third parameter, since every parameter that is bound must be used.
const fn which_interview(id: Option<&InterviewId>) -> &'static str {
    match id {
        Some(_) => "interviews.id = $3",
        None => "interviews.is_current = 1 AND $3 = ''",
    }
}
