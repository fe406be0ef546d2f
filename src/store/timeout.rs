//! A time limit for statements. A database that hangs, or a machine that vanished, never reports a
//! failure by itself.

use std::time::Duration;

use super::StoreError;

/// The time limit of one step of a turn.
const LIMIT: Duration = Duration::from_secs(30);

/// Runs `statement`, and fails with a transient error when it takes longer than half a minute. A
/// write that timed out may have been committed nevertheless.
pub(super) async fn with_timeout<T>(
    action: &'static str,
    statement: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    with_limit(LIMIT, action, statement).await
}

async fn with_limit<T>(
    limit: Duration,
    action: &'static str,
    statement: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(limit, statement)
        .await
        .unwrap_or_else(|_| {
            let timed_out = sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
            Err(StoreError::query(action)(timed_out))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_that_hangs_is_reported_as_a_transient_failure() {
        let hangs = std::future::pending::<Result<(), StoreError>>();
        let error = with_limit(Duration::ZERO, "reading an interview", hangs)
            .await
            .unwrap_err();
        assert!(error.is_transient());
        assert_eq!(
            error.to_string(),
            "the database failed while reading an interview: it cannot be reached (timed out)"
        );
    }
}
