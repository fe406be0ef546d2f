//! Interviews and what was said in them: reading. Writing is a matter of turns, see [`super::turns`].

use std::str::FromStr;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, UserId};
use crate::interview::{Background, Language, Level, Message, Role, Spoken, Topic};

/// How many names [`Store::asked_before`] gives: several times the largest topic.
const ASKED_BEFORE: i64 = 1_000;

const READING: &str = "reading an interview";

/// An interview's key: a UUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InterviewId(pub String);

/// An interview as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interview {
    /// Key.
    pub id: InterviewId,
    /// Whose.
    pub user: UserId,
    /// About.
    pub topic: Topic,
    /// In.
    pub language: Language,
    /// For.
    pub level: Option<Level>,
    /// Questions in all; `None`: until another is started.
    pub questions: Option<u32>,
    /// As given at its start.
    pub background: Background,
    /// For the question bank.
    pub seed: u64,
    /// Who asked, for people.
    pub interviewer: String,
    /// When, to the millisecond.
    pub started_at: jiff::Timestamp,
    /// Feedback was given.
    pub finished: bool,
}

/// A message as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMessage {
    /// Said by whom, and what.
    pub message: Message,
    /// The bank question it puts.
    pub asked: Option<String>,
    /// How it was spoken.
    pub spoken: Option<Spoken>,
}

/// An interview with all that was said in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    /// Which.
    pub interview: Interview,
    /// Oldest first, the system prompt at 0; the last one is the feedback once the interview is finished.
    pub messages: Vec<StoredMessage>,
}

impl Store {
    /// The user's interview that was started last, ended or not.
    pub async fn current_interview(&self, user: &UserId) -> Result<Option<Transcript>, StoreError> {
        self.transcript("SELECT * FROM interviews WHERE user_id = $1 AND is_current = 1 AND id <> $2", user, "").await
    }

    /// One of the user's interviews.
    pub async fn interview(&self, user: &UserId, id: &InterviewId) -> Result<Option<Transcript>, StoreError> {
        self.transcript("SELECT * FROM interviews WHERE user_id = $1 AND id = $2", user, &id.0).await
    }

    /// Of one of the user's interviews, the current one by default.
    pub async fn interview_language(
        &self,
        user: &UserId,
        id: Option<&InterviewId>,
    ) -> Result<Option<Language>, StoreError> {
        let sql = "SELECT language FROM interviews WHERE user_id = $1 AND (id = $2 OR ($2 = '' AND is_current = 1))";
        let code: Option<String> = sqlx::query_scalar(sql)
            .bind(&user.0)
            .bind(id.map_or("", |id| &id.0))
            .fetch_optional(&self.pool)
            .await
            .map_err(StoreError::doing(READING))?;
        code.map(|code| understood("language", code.as_str(), Language::from_str)).transpose()
    }

    /// Names of the bank questions put in the user's other interviews on the same topic, oldest first; of very many,
    /// the newest.
    pub async fn asked_before(&self, interview: &Interview) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT messages.asked FROM messages JOIN interviews ON interviews.id = messages.interview_id \
                   WHERE interviews.user_id = $1 AND interviews.topic = $2 AND interviews.language = $3 \
                   AND interviews.id <> $4 AND messages.asked IS NOT NULL \
                   ORDER BY interviews.started_at DESC, interviews.id DESC, messages.position DESC LIMIT $5";
        let mut newest_first: Vec<String> = sqlx::query_scalar(sql)
            .bind(&interview.user.0)
            .bind(interview.topic.as_str())
            .bind(interview.language.code())
            .bind(&interview.id.0)
            .bind(ASKED_BEFORE)
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::doing("looking for earlier questions"))?;
        newest_first.reverse();
        Ok(newest_first)
    }

    /// Two statements and no transaction: of an interview only `finished` changes, and that is read together with the
    /// messages, at one moment.
    async fn transcript(&self, sql: &'static str, user: &UserId, id: &str) -> Result<Option<Transcript>, StoreError> {
        let found = sqlx::query(sql).bind(&user.0).bind(id).fetch_optional(&self.pool).await;
        let Some(row) = found.map_err(StoreError::doing(READING))? else { return Ok(None) };
        let mut interview = read_interview(&row)?;
        let sql = "SELECT interviews.finished, messages.role, messages.content, messages.asked, messages.spoken \
                   FROM interviews LEFT JOIN messages ON messages.interview_id = interviews.id \
                   WHERE interviews.id = $1 ORDER BY messages.position";
        let rows = sqlx::query(sql).bind(&interview.id.0).fetch_all(&self.pool).await;
        let rows = rows.map_err(StoreError::doing(READING))?;
        let Some(first) = rows.first() else { return Ok(None) };
        interview.finished = get::<i64>(first, "finished")? != 0;
        let none = get::<Option<&str>>(first, "role")?.is_none();
        let messages = rows.iter().skip(usize::from(none)).map(read_message).collect::<Result<_, _>>()?;
        Ok(Some(Transcript { interview, messages }))
    }
}

pub(super) fn read_interview(row: &AnyRow) -> Result<Interview, StoreError> {
    let level: Option<&str> = get(row, "level")?;
    Ok(Interview {
        id: InterviewId(get(row, "id")?),
        user: UserId(get(row, "user_id")?),
        topic: understood("topic", get::<String>(row, "topic")?, Topic::try_from)?,
        language: understood("language", get::<&str>(row, "language")?, Language::from_str)?,
        level: level.map(|level| understood("level", level, Level::from_str)).transpose()?,
        questions: get::<Option<i64>>(row, "questions")?.map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
        background: Background { resume: get(row, "resume")?, job_description: get(row, "job_description")? },
        seed: get::<i64>(row, "seed")?.cast_unsigned(),
        interviewer: get(row, "interviewer")?,
        started_at: understood("time", get(row, "started_at")?, jiff::Timestamp::from_millisecond)?,
        finished: get::<i64>(row, "finished")? != 0,
    })
}

fn read_message(row: &AnyRow) -> Result<StoredMessage, StoreError> {
    let role = understood("role", get::<&str>(row, "role")?, role_named)?;
    let spoken: Option<&str> = get(row, "spoken")?;
    Ok(StoredMessage {
        message: Message { role, content: get(row, "content")? },
        asked: get(row, "asked")?,
        spoken: spoken.map(|json| understood("recording", json, serde_json::from_str)).transpose()?,
    })
}

pub(super) fn get<'r, T>(row: &'r AnyRow, column: &'static str) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
{
    row.try_get(column).map_err(StoreError::doing(READING))
}

fn understood<V, T, E>(what: &'static str, value: V, parse: impl Fn(V) -> Result<T, E>) -> Result<T, StoreError> {
    parse(value).map_err(|_| StoreError::Unreadable { what })
}

/// As kept in the column `role`.
pub(super) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

fn role_named(name: &str) -> Result<Role, ()> {
    [Role::System, Role::User, Role::Assistant].into_iter().find(|role| role_name(*role) == name).ok_or(())
}
