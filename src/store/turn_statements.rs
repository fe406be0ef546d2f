//! The statements of a turn, for the transaction of the caller.

use sqlx::any::AnyQueryResult;
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe};

use super::interviews::role_name;
use super::turn_record::{Change, Counting, IdempotencyRecord, TurnRecord};
use super::{Interview, InterviewId, StoreError, StoredMessage, UserId, idempotency, usage};
use crate::interview::Level;

/// The action of these statements, as an error names it.
pub const WRITING: &str = "saving a turn";

/// Writes a turn in a transaction of its own, and returns how many turns of the day are counted.
pub async fn write_in_transaction(pool: &AnyPool, record: &TurnRecord) -> Result<u64, StoreError> {
    let mut transaction = pool.begin().await.map_err(StoreError::query(WRITING))?;
    let count = write(&mut transaction, record).await?;
    transaction
        .commit()
        .await
        .map_err(StoreError::query(WRITING))?;
    Ok(count)
}

/// Writes a turn, and returns how many turns of the day are counted.
///
/// The count comes first. It writes to a row of the user, so turns of one user are written one
/// after the other even by several processes.
pub async fn write(connection: &mut AnyConnection, record: &TurnRecord) -> Result<u64, StoreError> {
    let (step, limit) = match record.counting {
        Counting::Counted { limit } => (1, limit.map_or(i64::MAX, i64::from)),
        Counting::Free => (0, 0),
    };
    let count = usage::count(connection, &record.user, record.day, step, limit)
        .await
        .map_err(|cause| conflict_or("counting a turn", cause))?
        .ok_or(StoreError::LimitReached)?;
    for change in &record.changes {
        apply(connection, record, change).await?;
    }
    if let Some(idempotency) = &record.idempotency {
        remember(connection, record, idempotency, count).await?;
    }
    Ok(count)
}

async fn apply(
    connection: &mut AnyConnection,
    record: &TurnRecord,
    change: &Change,
) -> Result<(), StoreError> {
    match change {
        Change::Open(interview) => open(connection, interview).await,
        Change::Resume(id) => make_current(connection, &record.user, id).await,
        Change::AddMessages {
            interview,
            position,
            messages,
        } => add_messages(connection, interview, *position, messages, record.now).await,
        Change::Finish(id) => finish(connection, id).await,
    }
}

async fn open(connection: &mut AnyConnection, interview: &Interview) -> Result<(), StoreError> {
    sqlx::query("UPDATE interviews SET is_current = 0 WHERE user_id = $1 AND is_current = 1")
        .bind(&interview.user.0)
        .execute(&mut *connection)
        .await
        .map_err(StoreError::query(WRITING))?;
    let sql = "INSERT INTO interviews (id, user_id, topic, language, level, questions, seed, interviewer, \
               started_at, finished, is_current, resume, job_description) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12)";
    sqlx::query(sql)
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
        .execute(connection)
        .await
        .map_err(|cause| conflict_or(WRITING, cause))?;
    Ok(())
}

async fn make_current(
    connection: &mut AnyConnection,
    user: &UserId,
    id: &InterviewId,
) -> Result<(), StoreError> {
    let failed = || StoreError::query(WRITING);
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
    conflict_unless_updated(&updated)
}

async fn add_messages(
    connection: &mut AnyConnection,
    id: &InterviewId,
    position: usize,
    messages: &[StoredMessage],
    now: jiff::Timestamp,
) -> Result<(), StoreError> {
    let mut insertion = sqlx::query(AssertSqlSafe(insertion(messages.len())));
    for (position, message) in (position..).zip(messages) {
        let spoken = message.spoken.as_ref().map(|spoken| {
            serde_json::to_string(spoken).expect("numbers and strings always serialize")
        });
        insertion = insertion
            .bind(&id.0)
            .bind(i64::try_from(position).expect("an interview fits in memory"))
            .bind(role_name(message.message.role))
            // PostgreSQL refuses U+0000 in text.
            .bind(message.message.content.replace('\0', "\u{fffd}"))
            .bind(message.asked.as_deref())
            .bind(spoken)
            .bind(now.as_millisecond());
    }
    insertion
        .execute(connection)
        .await
        .map_err(|cause| conflict_or(WRITING, cause))?;
    Ok(())
}

/// Returns the statement that inserts `count` messages; a turn has two or three.
fn insertion(count: usize) -> String {
    const COLUMNS: [&str; 7] = [
        "interview_id",
        "position",
        "role",
        "content",
        "asked",
        "spoken",
        "said_at",
    ];
    let row = |i: usize| {
        let first = 1 + COLUMNS.len() * i;
        let parameters: Vec<_> = (first..first + COLUMNS.len())
            .map(|n| format!("${n}"))
            .collect();
        format!("({})", parameters.join(", "))
    };
    let rows: Vec<String> = (0..count).map(row).collect();
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
        .map_err(StoreError::query(WRITING))?;
    conflict_unless_updated(&updated)
}

/// Stores the answer for repeats of the request, unless another process answered it meanwhile.
async fn remember(
    connection: &mut AnyConnection,
    turn: &TurnRecord,
    record: &IdempotencyRecord,
    count: u64,
) -> Result<(), StoreError> {
    let inserted = idempotency::insert(connection, &turn.user, record, count, turn.now)
        .await
        .map_err(|cause| conflict_or("saving the answer to a request", cause))?;
    if inserted {
        Ok(())
    } else {
        Err(StoreError::Conflict)
    }
}

/// Fails with a conflict where a key that exists already was written by another process since this
/// turn read the interview, and where a key that is missing was deleted.
fn conflict_or(action: &'static str, cause: sqlx::Error) -> StoreError {
    match cause.as_database_error() {
        Some(error) if error.is_unique_violation() || error.is_foreign_key_violation() => {
            StoreError::Conflict
        }
        _ => StoreError::Query { action, cause },
    }
}

fn conflict_unless_updated(updated: &AnyQueryResult) -> Result<(), StoreError> {
    if updated.rows_affected() == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict)
    }
}
