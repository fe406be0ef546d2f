//! The statements of a turn, inside whatever transaction there is.

use sqlx::any::AnyQueryResult;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::{Change, Counting, ToRemember, TurnRecord, WRITING};
use crate::interview::Level;
use crate::store::interviews::role_name;
use crate::store::together::places;
use crate::store::{Interview, InterviewId, StoreError, StoredMessage, UserId, idempotency, usage};

/// Begins with the count. That is a write on the user's own row, so turns of one user are written one after the other
/// even from several processes.
pub(in crate::store) async fn write(
    connection: &mut AnyConnection,
    record: &TurnRecord,
) -> Result<u64, StoreError> {
    let (step, limit) = match record.counting {
        Counting::Counted { limit } => (1, limit.map_or(i64::MAX, i64::from)),
        Counting::Free => (0, 0),
    };
    let counted = usage::count(connection, &record.user, record.day, step, limit).await;
    let count = counted
        .map_err(counting_failed)?
        .ok_or(StoreError::LimitReached)?;
    for change in &record.changes {
        match change {
            Change::Open(interview) => open(connection, interview).await?,
            Change::GoOnWith(id) => make_current(connection, &record.user, id).await?,
            Change::Say {
                interview,
                position,
                messages,
            } => {
                add(connection, interview, *position, messages, record.now).await?;
            }
            Change::Finish(id) => finish(connection, id).await?,
        }
    }
    if let Some(request) = &record.request {
        remember(connection, record, request, count).await?;
    }
    Ok(count)
}

async fn open(connection: &mut AnyConnection, interview: &Interview) -> Result<(), StoreError> {
    sqlx::query("UPDATE interviews SET is_current = 0 WHERE user_id = $1 AND is_current = 1")
        .bind(&interview.user.0)
        .execute(&mut *connection)
        .await
        .map_err(StoreError::doing(WRITING))?;
    let sql = "INSERT INTO interviews (id, user_id, topic, language, level, questions, seed, interviewer, \
               started_at, finished, is_current, resume, job_description) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12)";
    let inserted = sqlx::query(sql)
        .bind(&interview.id.0)
        .bind(&interview.user.0)
        .bind(interview.topic.as_str())
        .bind(interview.language.code())
        .bind(interview.level.map(Level::code))
        .bind(interview.questions.map(i64::from))
        .bind(interview.seed.cast_signed())
        .bind(&interview.interviewer)
        .bind(interview.started_at.as_millisecond())
        .bind(i64::from(interview.finished))
        .bind(interview.background.resume.as_deref())
        .bind(interview.background.job_description.as_deref())
        .execute(connection);
    or_conflict(inserted.await).map(drop)
}

async fn make_current(
    connection: &mut AnyConnection,
    user: &UserId,
    id: &InterviewId,
) -> Result<(), StoreError> {
    let failed = || StoreError::doing(WRITING);
    sqlx::query(
        "UPDATE interviews SET is_current = 0 WHERE user_id = $1 AND is_current = 1 AND id <> $2",
    )
    .bind(&user.0)
    .bind(&id.0)
    .execute(&mut *connection)
    .await
    .map_err(failed())?;
    let updated =
        sqlx::query("UPDATE interviews SET is_current = 1 WHERE user_id = $1 AND id = $2")
            .bind(&user.0)
            .bind(&id.0)
            .execute(connection)
            .await
            .map_err(failed())?;
    if updated.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict)
    }
}

async fn add(
    connection: &mut AnyConnection,
    id: &InterviewId,
    position: usize,
    messages: &[StoredMessage],
    now: jiff::Timestamp,
) -> Result<(), StoreError> {
    let mut insertion = sqlx::query(AssertSqlSafe(insertion(messages.len())));
    for (position, message) in (position..).zip(messages) {
        let spoken = message
            .spoken
            .as_ref()
            .map(|spoken| serde_json::to_string(spoken).expect("numbers and texts only"));
        insertion = insertion
            .bind(&id.0)
            .bind(i64::try_from(position).expect("an interview fits in memory"))
            .bind(role_name(message.message.role))
            // PostgreSQL refuses U+0000 in a text.
            .bind(message.message.content.replace('\0', "\u{fffd}"))
            .bind(message.asked.as_deref())
            .bind(spoken)
            .bind(now.as_millisecond());
    }
    or_conflict(insertion.execute(connection).await).map(drop)
}

/// For so many messages at once; a turn has two or three.
fn insertion(messages: usize) -> String {
    const COLUMNS: [&str; 7] = [
        "interview_id",
        "position",
        "role",
        "content",
        "asked",
        "spoken",
        "said_at",
    ];
    let row = |i: usize| format!("({})", places(1 + COLUMNS.len() * i, COLUMNS.len()));
    let rows: Vec<String> = (0..messages).map(row).collect();
    format!(
        "INSERT INTO messages ({}) VALUES {}",
        COLUMNS.join(", "),
        rows.join(", ")
    )
}

async fn finish(connection: &mut AnyConnection, id: &InterviewId) -> Result<(), StoreError> {
    let updated = sqlx::query("UPDATE interviews SET finished = 1 WHERE id = $1 AND finished = 0")
        .bind(&id.0)
        .execute(connection)
        .await
        .map_err(StoreError::doing(WRITING))?;
    if updated.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict)
    }
}

/// Keeps the answer for repeats of the request, unless another process answered it meanwhile.
async fn remember(
    connection: &mut AnyConnection,
    record: &TurnRecord,
    request: &ToRemember,
    count: u64,
) -> Result<(), StoreError> {
    let answer = (request.answer)(count);
    let kept = (
        request.key.as_str(),
        request.fingerprint.as_str(),
        answer.as_str(),
    );
    let kept = idempotency::insert(connection, &record.user, kept, record.now).await;
    if kept.map_err(StoreError::doing("keeping the answer to a request"))? {
        Ok(())
    } else {
        Err(StoreError::Conflict)
    }
}

/// A key that exists already was written by another process since this turn read the interview; one that is missing
/// was deleted.
fn or_conflict(done: Result<AnyQueryResult, sqlx::Error>) -> Result<AnyQueryResult, StoreError> {
    done.map_err(|cause| match cause.as_database_error() {
        Some(error) if error.is_unique_violation() || error.is_foreign_key_violation() => {
            StoreError::Conflict
        }
        _ => StoreError::Query {
            doing: WRITING,
            cause,
        },
    })
}

/// Nobody is there to count for when the account was deleted in between.
fn counting_failed(cause: sqlx::Error) -> StoreError {
    match cause.as_database_error() {
        Some(error) if error.is_foreign_key_violation() => StoreError::Conflict,
        _ => StoreError::Query {
            doing: "counting a turn",
            cause,
        },
    }
}
