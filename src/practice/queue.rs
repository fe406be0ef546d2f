//! One turn a user at a time. A user is remembered only while a turn is under way or waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::OwnedMutexGuard;

use crate::store::UserId;
use crate::sync::lock;

type Turnstile = Arc<tokio::sync::Mutex<()>>;

/// Who is at it, and who waits for them. Clones are the same queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    users: Arc<Mutex<HashMap<UserId, Turnstile>>>,
}

/// A user's turn; dropping it lets the next one in.
#[derive(Debug)]
pub(super) struct Place {
    queue: Queue,
    user: UserId,
    turnstile: Option<Turnstile>,
    entered: Option<OwnedMutexGuard<()>>,
}

impl Queue {
    /// Waits, first come first served, until no other turn of `user` is under way.
    pub(super) async fn enter(&self, user: &UserId) -> Place {
        let turnstile = Arc::clone(self.lock().entry(user.clone()).or_default());
        // Made before waiting: given up while it waits, it clears up as well.
        let mut place = Place {
            queue: self.clone(),
            user: user.clone(),
            turnstile: Some(Arc::clone(&turnstile)),
            entered: None,
        };
        place.entered = Some(turnstile.lock_owned().await);
        place
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<UserId, Turnstile>> {
        lock(&self.users)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.entered.take());
        let mut users = self.queue.lock();
        drop(self.turnstile.take());
        // Handed out under this lock alone, so that the map's own copy being the last one means nobody is left.
        if users
            .get(&self.user)
            .is_some_and(|turnstile| Arc::strong_count(turnstile) == 1)
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
        let (queue, ann, bob) = (
            Queue::default(),
            UserId::for_test("ann"),
            UserId::for_test("bob"),
        );
        let first = queue.enter(&ann).await;
        let mut second = Box::pin(queue.enter(&ann));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(queue.enter(&bob).now_or_never().is_some());
        drop(first);
        assert!(second.now_or_never().is_some());
    }

    #[tokio::test]
    async fn nobody_is_remembered_once_all_are_through_or_gave_up() {
        let (queue, ann) = (Queue::default(), UserId::for_test("ann"));
        let first = queue.enter(&ann).await;
        let mut second = Box::pin(queue.enter(&ann));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        drop(second);
        assert!(queue.lock().is_empty());
    }
}
