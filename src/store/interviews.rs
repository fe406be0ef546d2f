//! Reading interviews and their messages. Turns write them; see [`super::turns`].

use std::str::FromStr;

use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::timeout::with_timeout;
use super::{Store, StoreError, UserId};
use crate::interview::{Background, Language, Level, Message, Role, Spoken, Topic};

/// The largest number of names [`Store::earlier_interviews`] returns: several times the largest topic.
const ASKED_BEFORE: i64 = 1_000;

const FINDING_QUESTIONS: &str = "looking for earlier questions";
pub(super) const READING: &str = "reading an interview";

/// The ID of an interview: a UUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InterviewId(pub String);

/// An interview without its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interview {
    pub id: InterviewId,
    pub user: UserId,
    pub topic: Topic,
    pub language: Language,
    pub level: Option<Level>,
    /// The number of questions; `None` for an interview that goes on until another one is started.
    pub questions: Option<u32>,
    pub background: Background,
    /// Seeds the question bank's choices.
    pub seed: u64,
    /// A display name of who asks the questions.
    pub interviewer: String,
    /// Stored in milliseconds.
    pub started_at: jiff::Timestamp,
    /// Set once feedback was given.
    pub finished: bool,
}

/// A message with what is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMessage {
    pub message: Message,
    /// The name of the bank question that it asks.
    pub asked: Option<String>,
    /// The details of a spoken answer.
    pub spoken: Option<Spoken>,
}

/// An interview with its messages.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    pub interview: Interview,
    /// All messages, oldest first. The first is the system prompt; the last is the feedback once
    /// the interview is finished.
    pub messages: Vec<StoredMessage>,
}

/// The facts about a user's other interviews that matter for the questions to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EarlierInterviews {
    /// The names of the bank questions asked on the same topic, oldest first. If there are very many,
    /// the newest of them.
    pub asked: Vec<String>,
    /// Whether there are other interviews, on any topic.
    pub any: bool,
}

impl Store {
    /// Returns the user's current interview, whether or not it has ended.
    pub async fn current_interview(&self, user: &UserId) -> Result<Option<Transcript>, StoreError> {
        self.transcript(user, "is_current = 1 AND $2 = ''", "")
            .await
    }

    /// Returns one of the user's interviews.
    pub async fn interview(
        &self,
        user: &UserId,
        id: &InterviewId,
    ) -> Result<Option<Transcript>, StoreError> {
        self.transcript(user, "id = $2", &id.0).await
    }

    async fn transcript(
        &self,
        user: &UserId,
        which: &str,
        id: &str,
    ) -> Result<Option<Transcript>, StoreError> {
        let messages = self.dialect.messages_as_json();
        let sql = format!(
            "SELECT interviews.*, {messages} AS messages FROM interviews WHERE user_id = $1 AND {which}"
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(&user.0)
            .bind(id)
            .fetch_optional(&self.pool);
        let row = with_timeout(READING, async {
            row.await.map_err(StoreError::query(READING))
        })
        .await?;
        row.as_ref().map(read_transcript).transpose()
    }

    /// Returns the language of one of the user's interviews, the current one by default.
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
            .map_err(StoreError::query(READING))?;
        code.map(|code| parsed("language", code.as_str(), Language::from_str))
            .transpose()
    }

    /// Returns the facts about the user's other interviews that matter for the questions to ask.
    pub async fn earlier_interviews(
        &self,
        interview: &Interview,
    ) -> Result<EarlierInterviews, StoreError> {
        let sql = "SELECT string_agg(asked, '\n' ORDER BY started_at, id, position), \
                   (SELECT COUNT(*) FROM interviews WHERE user_id = $1 AND id <> $4) FROM ( \
                   SELECT messages.asked, messages.position, interviews.started_at, interviews.id \
                   FROM messages JOIN interviews ON interviews.id = messages.interview_id \
                   WHERE interviews.user_id = $1 AND interviews.topic = $2 AND interviews.language = $3 \
                   AND interviews.id <> $4 AND messages.asked IS NOT NULL \
                   ORDER BY interviews.started_at DESC, interviews.id DESC, messages.position DESC LIMIT $5) AS newest";
        let query = sqlx::query_as(sql)
            .bind(&interview.user.0)
            .bind(interview.topic.as_str())
            .bind(interview.language.code())
            .bind(&interview.id.0)
            .bind(ASKED_BEFORE)
            .fetch_one(&self.pool);
        let (names, count): (Option<String>, i64) = with_timeout(FINDING_QUESTIONS, async {
            query.await.map_err(StoreError::query(FINDING_QUESTIONS))
        })
        .await?;
        let asked = names
            .iter()
            .flat_map(|names| names.split('\n'))
            .map(str::to_owned)
            .collect();
        Ok(EarlierInterviews {
            asked,
            any: count > 0,
        })
    }
}

/// Reads a row of `interviews` with a column of
/// [`messages_as_json`](super::dialect::Dialect::messages_as_json).
pub(super) fn read_transcript(row: &AnyRow) -> Result<Transcript, StoreError> {
    let messages = parsed(
        "list of messages",
        get(row, "messages")?,
        serde_json::from_str::<Vec<MessageRow>>,
    )?;
    let messages = messages
        .into_iter()
        .map(MessageRow::read)
        .collect::<Result<_, _>>()?;
    Ok(Transcript {
        interview: read_interview(row)?,
        messages,
    })
}

pub(super) fn read_interview(row: &AnyRow) -> Result<Interview, StoreError> {
    let level: Option<&str> = get(row, "level")?;
    Ok(Interview {
        id: InterviewId(get(row, "id")?),
        user: UserId(get(row, "user_id")?),
        topic: parsed("topic", get::<String>(row, "topic")?, Topic::try_from)?,
        language: parsed(
            "language",
            get::<&str>(row, "language")?,
            Language::from_str,
        )?,
        level: level
            .map(|level| parsed("level", level, Level::from_str))
            .transpose()?,
        questions: get::<Option<i64>>(row, "questions")?
            .map(|n| u32::try_from(n).unwrap_or(u32::MAX)),
        background: Background {
            resume: get(row, "resume")?,
            job_description: get(row, "job_description")?,
        },
        seed: get::<i64>(row, "seed")?.cast_unsigned(),
        interviewer: get(row, "interviewer")?,
        started_at: parsed(
            "time",
            get(row, "started_at")?,
            jiff::Timestamp::from_millisecond,
        )?,
        finished: get::<i64>(row, "finished")? != 0,
    })
}

/// The role, the content, the name of the bank question, and the JSON of how an answer was spoken.
#[derive(serde::Deserialize)]
struct MessageRow(String, String, Option<String>, Option<String>);

impl MessageRow {
    fn read(self) -> Result<StoredMessage, StoreError> {
        let Self(role, content, asked, spoken) = self;
        let role = parsed("role", role.as_str(), parse_role)?;
        let spoken = spoken
            .map(|json| parsed("recording", json.as_str(), serde_json::from_str))
            .transpose()?;
        Ok(StoredMessage {
            message: Message { role, content },
            asked,
            spoken,
        })
    }
}

pub(super) fn get<'r, T>(row: &'r AnyRow, column: &'static str) -> Result<T, StoreError>
where
    T: sqlx::Decode<'r, sqlx::Any> + sqlx::Type<sqlx::Any>,
{
    row.try_get(column).map_err(StoreError::query(READING))
}

fn parsed<V, T, E>(
    what: &'static str,
    value: V,
    parse: impl Fn(V) -> Result<T, E>,
) -> Result<T, StoreError> {
    parse(value).map_err(|_| StoreError::Unreadable { what })
}

/// Returns the value of the column `role`.
pub(super) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}

fn parse_role(name: &str) -> Result<Role, ()> {
    [Role::System, Role::User, Role::Assistant]
        .into_iter()
        .find(|role| role_name(*role) == name)
        .ok_or(())
}
