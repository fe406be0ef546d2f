//! Group commit on SQLite, which has one writer at a time and whose every commit waits for the
//! disk: turns that arrive while the disk is busy are written together and share the next commit.
//!
//! ```text
//! turns ─► queue ─► BEGIN, turn, turn, turn, COMMIT ─► every caller gets its count
//!                             └─ fails ─► ROLLBACK ─► each turn in a transaction of its own
//! ```

use sqlx::AnyPool;
use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use super::turn_record::TurnRecord;
use super::turn_statements::{self, WRITING};

/// The largest number of turns that share a commit. Each of them waits for all.
const LARGEST_GROUP: usize = 64;

/// Writes the turns of this process. Clones share one task, which ends with the last of them.
#[derive(Clone, Debug)]
pub(super) struct GroupCommit {
    queue: mpsc::UnboundedSender<PendingTurn>,
}

#[derive(Debug)]
struct PendingTurn {
    record: TurnRecord,
    result: oneshot::Sender<Result<u64, StoreError>>,
}

impl GroupCommit {
    /// Spawns the task, which takes a connection from `pool` while there are turns to write.
    pub fn new(pool: AnyPool) -> Self {
        let (queue, pending) = mpsc::unbounded_channel();
        tokio::spawn(run(pool, pending));
        Self { queue }
    }

    /// Writes a turn; see [`super::Store::save_turn`].
    pub async fn write(&self, record: TurnRecord) -> Result<u64, StoreError> {
        let (result, answer) = oneshot::channel();
        let closed = || StoreError::query(WRITING)(sqlx::Error::PoolClosed);
        self.queue
            .send(PendingTurn { record, result })
            .map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

async fn run(pool: AnyPool, mut queue: mpsc::UnboundedReceiver<PendingTurn>) {
    let mut turns = Vec::new();
    while queue.recv_many(&mut turns, LARGEST_GROUP).await > 0 {
        // A caller that was cancelled has not taken its turn.
        turns.retain(|turn| !turn.result.is_closed());
        write_group(&pool, std::mem::take(&mut turns)).await;
    }
}

/// Writes the turns together or, when that fails, one by one, so that each gets its own result.
async fn write_group(pool: &AnyPool, turns: Vec<PendingTurn>) {
    if turns.len() > 1
        && let Ok(results) = write_together(pool, &turns).await
    {
        for (turn, result) in turns.into_iter().zip(results) {
            // The caller may have been cancelled; its turn was taken nevertheless.
            let _ = turn.result.send(result);
        }
        return;
    }
    for turn in turns {
        if !turn.result.is_closed() {
            let result = turn_statements::write_in_transaction(pool, &turn.record).await;
            let _ = turn.result.send(result);
        }
    }
}

/// Returns for each turn its count, or that it is over the limit, which writes nothing. After an
/// error, no turn was written.
async fn write_together(
    pool: &AnyPool,
    turns: &[PendingTurn],
) -> Result<Vec<Result<u64, StoreError>>, StoreError> {
    let mut transaction = pool.begin().await.map_err(StoreError::query(WRITING))?;
    let mut results = Vec::with_capacity(turns.len());
    for turn in turns {
        match turn_statements::write(&mut transaction, &turn.record).await {
            Err(error) if !matches!(error, StoreError::LimitReached) => return Err(error),
            result => results.push(result),
        }
    }
    transaction
        .commit()
        .await
        .map_err(StoreError::query(WRITING))?;
    Ok(results)
}
