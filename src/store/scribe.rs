//! Turns on SQLite, which has one writer at a time and whose every commit waits for the disk: those that arrive while
//! the disk is busy are written together and share the next commit.
//!
//! ```text
//! turns ─► queue ─► BEGIN, turn, turn, turn, COMMIT ─► all are told
//!                             └─ fails ─► ROLLBACK ─► each in a transaction of its own
//! ```

use sqlx::AnyPool;
use tokio::sync::{mpsc, oneshot};

use super::turns::{self, WRITING};
use super::{StoreError, TurnRecord};

/// Turns that share a commit. Each of them waits for all.
const MOST: usize = 64;

/// Writes the turns of this process. Clones are the same one; it stops with the last.
#[derive(Clone, Debug)]
pub(super) struct Scribe {
    queue: mpsc::UnboundedSender<Job>,
}

#[derive(Debug)]
struct Job {
    record: TurnRecord,
    kept: oneshot::Sender<Result<u64, StoreError>>,
}

impl Scribe {
    /// With a task of its own that takes a connection while there is something to write.
    pub fn new(pool: AnyPool) -> Self {
        let (queue, jobs) = mpsc::unbounded_channel();
        tokio::spawn(work(pool, jobs));
        Self { queue }
    }

    /// See [`super::Store::keep`].
    pub async fn keep(&self, record: TurnRecord) -> Result<u64, StoreError> {
        let (kept, told) = oneshot::channel();
        let closed = || StoreError::doing(WRITING)(sqlx::Error::PoolClosed);
        self.queue
            .send(Job { record, kept })
            .map_err(|_| closed())?;
        told.await.map_err(|_| closed())?
    }
}

async fn work(pool: AnyPool, mut queue: mpsc::UnboundedReceiver<Job>) {
    let mut jobs = Vec::new();
    while queue.recv_many(&mut jobs, MOST).await > 0 {
        // Whoever gave up has not taken the turn.
        jobs.retain(|job| !job.kept.is_closed());
        write(&pool, std::mem::take(&mut jobs)).await;
    }
}

/// What fails together is tried one by one, so that each is told what became of itself.
async fn write(pool: &AnyPool, jobs: Vec<Job>) {
    let together = if jobs.len() > 1 {
        write_together(pool, &jobs).await.ok()
    } else {
        None
    };
    let mut counts = together.map(Vec::into_iter);
    for job in jobs {
        let count = match &mut counts {
            Some(counts) => counts.next().expect("one for each"),
            None if job.kept.is_closed() => continue,
            None => turns::write_alone(pool, &job.record).await,
        };
        // Nobody may be waiting any more; then the turn was taken all the same.
        let _ = job.kept.send(count);
    }
}

/// Of each its count, or that it is over the limit, which writes nothing. An error is that of all: none was written.
async fn write_together(
    pool: &AnyPool,
    jobs: &[Job],
) -> Result<Vec<Result<u64, StoreError>>, StoreError> {
    let failed = || StoreError::doing(WRITING);
    let mut transaction = pool.begin().await.map_err(failed())?;
    let mut counts = Vec::with_capacity(jobs.len());
    for job in jobs {
        counts.push(match turns::write(&mut transaction, &job.record).await {
            Err(error) if !matches!(error, StoreError::LimitReached) => return Err(error),
            count => count,
        });
    }
    transaction.commit().await.map_err(failed())?;
    Ok(counts)
}
