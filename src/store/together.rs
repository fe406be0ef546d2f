//! Questions that arrive while the database is busy with others are put to it together, in one statement. What costs
//! most in a small question is the way to the database and back: to another thread, or over a socket.
//!
//! ```text
//! ask ─┐
//! ask ─┼─► queue ─► one statement for all who wait ─► each is told its own
//! ask ─┘            (a few at a time)
//! ```
//!
//! An answer is never older than its question, so processes that share a database need not know of each other.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};

use super::{PATIENCE, StoreError, within};

/// Questions in one statement: enough for the way to cost little, few enough for the answers to fit in memory.
const MOST: usize = 16;
/// Where questions of one kind wait. Clones are the same one.
pub(super) struct Together<K, V> {
    doing: &'static str,
    patience: Duration,
    queue: mpsc::UnboundedSender<Asked<K, V>>,
}

impl<K, V> Clone for Together<K, V> {
    fn clone(&self) -> Self {
        Self {
            doing: self.doing,
            patience: self.patience,
            queue: self.queue.clone(),
        }
    }
}

impl<K, V> fmt::Debug for Together<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Together").finish_non_exhaustive()
    }
}

struct Asked<K, V> {
    key: K,
    told: oneshot::Sender<Result<V, StoreError>>,
}

impl<K: Clone + Send + 'static, V: Send + 'static> Together<K, V> {
    /// `ask` answers every key, in order; `at_once` of it may be under way. `doing` names it in errors.
    pub fn new<F, A>(doing: &'static str, at_once: usize, ask: F) -> Self
    where
        F: Fn(Vec<K>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Vec<V>, StoreError>> + Send + 'static,
    {
        Self::patient(PATIENCE, doing, at_once, ask)
    }

    fn patient<F, A>(patience: Duration, doing: &'static str, at_once: usize, ask: F) -> Self
    where
        F: Fn(Vec<K>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Vec<V>, StoreError>> + Send + 'static,
    {
        let (queue, asked) = mpsc::unbounded_channel();
        // A statement that hangs must not keep its place for ever.
        let ask = move |keys| within(patience, doing, ask(keys));
        tokio::spawn(work(Semaphore::new(at_once), ask, asked));
        Self {
            doing,
            patience,
            queue,
        }
    }

    pub async fn ask(&self, key: K) -> Result<V, StoreError> {
        let (told, answer) = oneshot::channel();
        let closed = || StoreError::doing(self.doing)(sqlx::Error::PoolClosed);
        self.queue.send(Asked { key, told }).map_err(|_| closed())?;
        within(self.patience, self.doing, async {
            answer.await.map_err(|_| closed())?
        })
        .await
    }
}

async fn work<K, V, F, A>(room: Semaphore, ask: F, mut queue: mpsc::UnboundedReceiver<Asked<K, V>>)
where
    K: Clone + Send + 'static,
    V: Send + 'static,
    F: Fn(Vec<K>) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Vec<V>, StoreError>> + Send + 'static,
{
    let (room, ask) = (Arc::new(room), Arc::new(ask));
    loop {
        // First a place, then the questions: those that come meanwhile go along.
        let place = room
            .clone()
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        let mut asked = Vec::new();
        if queue.recv_many(&mut asked, MOST).await == 0 {
            return;
        }
        let ask = ask.clone();
        tokio::spawn(async move {
            answer(&*ask, asked).await;
            drop(place);
        });
    }
}

/// What fails together is asked one by one, so that each is told what became of itself.
async fn answer<K, V, F, A>(ask: &F, mut asked: Vec<Asked<K, V>>)
where
    K: Clone,
    F: Fn(Vec<K>) -> A,
    A: Future<Output = Result<Vec<V>, StoreError>>,
{
    asked.retain(|asked| !asked.told.is_closed());
    if asked.is_empty() {
        return;
    }
    let keys = asked.iter().map(|asked| asked.key.clone()).collect();
    match ask(keys).await {
        Ok(answers) => asked
            .into_iter()
            .zip(answers)
            .for_each(|(asked, answer)| drop(asked.told.send(Ok(answer)))),
        Err(error) if asked.len() == 1 => drop(asked.remove(0).told.send(Err(error))),
        Err(_) => {
            // Those who gave up meanwhile would hold up the next ones, once for each where the database hangs.
            for Asked { key, told } in asked.into_iter().filter(|asked| !asked.told.is_closed()) {
                let alone = ask(vec![key]).await;
                // Nobody may be waiting any more.
                let _ = told.send(alone.map(|mut answers| answers.remove(0)));
            }
        }
    }
}

/// As many keys as the next power of two, the last one again and again: few statements differ, and stay prepared.
pub(super) fn padded<K: Clone>(mut keys: Vec<K>) -> Vec<K> {
    if let Some(last) = keys.last().cloned() {
        keys.resize(keys.len().next_power_of_two(), last);
    }
    keys
}

/// `$2, $3, $4` for three keys of which the first is the second parameter.
pub(super) fn places(first: usize, many: usize) -> String {
    let places: Vec<String> = (first..first + many)
        .map(|place| format!("${place}"))
        .collect();
    places.join(", ")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures_util::future::join_all;

    use super::*;

    const ASKING: &str = "asking";

    #[tokio::test]
    async fn questions_that_come_while_others_are_answered_are_asked_together() {
        let statements = Arc::new(Mutex::new(Vec::new()));
        let noted = statements.clone();
        let together = Together::new(ASKING, 2, move |keys: Vec<usize>| {
            noted.lock().unwrap().push(keys.len());
            async move { Ok(keys.iter().map(|key| key * 10).collect()) }
        });
        let answers = join_all((0..100).map(|key| together.ask(key))).await;
        let answers: Vec<usize> = answers.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers, (0..100).map(|key| key * 10).collect::<Vec<_>>());
        let statements = statements.lock().unwrap();
        assert!(
            statements.len() <= 10 && statements.iter().all(|keys| *keys <= MOST),
            "{statements:?}"
        );
    }

    #[tokio::test]
    async fn a_question_that_fails_takes_no_other_along() {
        let together = Together::new(ASKING, 2, async |keys: Vec<u32>| {
            if keys.contains(&3) {
                Err(StoreError::Conflict)
            } else {
                Ok(keys)
            }
        });
        let answers = join_all((0..8).map(|key| together.ask(key))).await;
        for (key, answer) in (0..8).zip(answers) {
            assert_eq!(answer.ok(), (key != 3).then_some(key));
        }
    }

    #[tokio::test]
    async fn nobody_is_asked_about_for_those_who_gave_up() {
        let (asked, hangs) = (
            Arc::new(Mutex::new(Vec::new())),
            Arc::new(Semaphore::new(0)),
        );
        let (noted, hung) = (asked.clone(), hangs.clone());
        let together = Together::new(ASKING, 1, move |keys: Vec<u32>| {
            noted.lock().unwrap().push(keys.clone());
            let hung = hung.clone();
            async move {
                drop(hung.acquire().await);
                Err::<Vec<u32>, _>(StoreError::Conflict)
            }
        });
        let given_up = join_all((0..3).map(|key| together.ask(key)));
        assert!(
            tokio::time::timeout(Duration::from_millis(50), given_up)
                .await
                .is_err()
        );
        hangs.add_permits(10);
        assert!(together.ask(3).await.is_err());
        let asked = asked.lock().unwrap();
        assert!(asked.len() == 2 && asked[1] == [3], "{asked:?}");
    }

    #[tokio::test]
    async fn a_database_that_hangs_is_given_up_as_one_that_may_be_back_later() {
        let hangs = async |_| std::future::pending().await;
        let together: Together<u32, u32> =
            Together::patient(Duration::from_millis(10), ASKING, 1, hangs);
        let late = together.ask(1).await.unwrap_err();
        assert!(late.passes());
        assert_eq!(
            late.to_string(),
            "the database failed while asking: it cannot be reached (timed out)"
        );
    }

    #[test]
    fn keys_are_filled_up_to_a_power_of_two() {
        assert_eq!(padded(vec![1, 2, 3, 4, 5]), [1, 2, 3, 4, 5, 5, 5, 5]);
        assert_eq!(padded(vec![1]), [1]);
        assert_eq!(places(2, 3), "$2, $3, $4");
    }
}
