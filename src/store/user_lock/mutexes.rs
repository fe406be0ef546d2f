//! A mutex per user in this process. A user is known here only while a turn is under way or waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::OwnedMutexGuard;

use crate::store::UserId;
use crate::sync::lock;

type UserMutex = Arc<tokio::sync::Mutex<()>>;

/// The mutexes of the users that take turns. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct UserMutexes {
    users: Arc<Mutex<HashMap<UserId, UserMutex>>>,
}

/// The locked mutex of a user.
#[derive(Debug)]
pub struct UserMutexGuard {
    mutexes: UserMutexes,
    user: UserId,
    mutex: Option<UserMutex>,
    guard: Option<OwnedMutexGuard<()>>,
}

impl UserMutexes {
    /// Waits, first come first served, until nobody else holds the mutex of `user`.
    pub async fn lock(&self, user: &UserId) -> UserMutexGuard {
        let mutex = Arc::clone(lock(&self.users).entry(user.clone()).or_default());
        // Created before waiting, so that a caller that is cancelled meanwhile is cleaned up too.
        let mut guard = UserMutexGuard {
            mutexes: self.clone(),
            user: user.clone(),
            mutex: Some(Arc::clone(&mutex)),
            guard: None,
        };
        guard.guard = Some(mutex.lock_owned().await);
        guard
    }
}

impl Drop for UserMutexGuard {
    fn drop(&mut self) {
        drop(self.guard.take());
        let mut users = lock(&self.mutexes.users);
        drop(self.mutex.take());
        // Clones are made only while the map is locked, so a count of one means that nobody is
        // left.
        if users
            .get(&self.user)
            .is_some_and(|mutex| Arc::strong_count(mutex) == 1)
        {
            users.remove(&self.user);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn the_second_turn_of_a_user_waits_and_another_user_does_not() {
        let mutexes = UserMutexes::default();
        let ann = UserId::for_test("ann");
        let first = mutexes.lock(&ann).await;
        let mut second = Box::pin(mutexes.lock(&ann));
        assert!(second.as_mut().now_or_never().is_none());
        let bob = UserId::for_test("bob");
        assert!(mutexes.lock(&bob).now_or_never().is_some());
        drop(first);
        assert!(second.now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_user_is_forgotten_once_every_turn_has_ended_or_was_cancelled() {
        let mutexes = UserMutexes::default();
        let ann = UserId::for_test("ann");
        let first = mutexes.lock(&ann).await;
        let mut second = Box::pin(mutexes.lock(&ann));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        drop(second);
        assert!(lock(&mutexes.users).is_empty());
    }
}
