//! Guessing passwords is slow: ten failures for one name from one address, and the next try has to wait.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

const MOST_FAILURES: usize = 10;
const WINDOW: Duration = Duration::from_mins(5);
/// Pairs of name and address remembered at once; beyond it the longest forgotten one goes.
const MOST_PAIRS: usize = 10_000;

/// A name and an address, as a keyed hash: names are as long as an attacker likes.
type Pair = u64;

/// Failed logins of the last five minutes, and the ones under way.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    hasher: RandomState,
    tries: Mutex<HashMap<Pair, Tries>>,
    /// One under way has ended.
    ended: Notify,
}

#[derive(Debug, Default)]
struct Tries {
    failures: VecDeque<Instant>,
    under_way: usize,
}

/// Whether a try may be made.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Go,
    /// Those under way may be the failures that are left.
    WaitForOthers,
    /// After as many failures, not before that long.
    Refused(Duration),
}

/// A login under way. Dropped, it never was: a client that hangs up has learned nothing.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    throttle: &'a Throttle,
    pair: Pair,
}

impl Throttle {
    /// Waits while the tries side by side could all fail and be too many; refused with the time to wait.
    pub async fn admit(&self, name: &str, address: Option<IpAddr>) -> Result<Attempt<'_>, Duration> {
        let pair = self.hasher.hash_one((name, address));
        loop {
            // Listens before it looks, so that no end in between is missed.
            let ended = self.ended.notified();
            match self.judge(pair, Instant::now()) {
                Verdict::Go => return Ok(Attempt { throttle: self, pair }),
                Verdict::WaitForOthers => ended.await,
                Verdict::Refused(wait) => return Err(wait),
            }
        }
    }

    fn judge(&self, pair: Pair, now: Instant) -> Verdict {
        let mut all = self.tries();
        make_room(&mut all, pair, now);
        let tries = all.entry(pair).or_default();
        while tries.failures.front().is_some_and(|&at| now.duration_since(at) >= WINDOW) {
            tries.failures.pop_front();
        }
        match tries.failures.front() {
            Some(&oldest) if tries.failures.len() >= MOST_FAILURES => {
                Verdict::Refused(WINDOW.saturating_sub(now.duration_since(oldest)))
            }
            _ if tries.failures.len() + tries.under_way >= MOST_FAILURES => Verdict::WaitForOthers,
            _ => {
                tries.under_way += 1;
                Verdict::Go
            }
        }
    }

    fn change(&self, pair: Pair, change: impl FnOnce(&mut VecDeque<Instant>)) {
        self.tries().get_mut(&pair).map(|tries| &mut tries.failures).map(change);
    }

    fn end(&self, pair: Pair) {
        let mut all = self.tries();
        if let Some(tries) = all.get_mut(&pair) {
            tries.under_way -= 1;
            if tries.under_way == 0 && tries.failures.is_empty() {
                all.remove(&pair);
            }
        }
        drop(all);
        self.ended.notify_waiters();
    }

    fn tries(&self) -> MutexGuard<'_, HashMap<Pair, Tries>> {
        self.tries.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Attempt<'_> {
    /// Counts.
    pub fn failed(self) {
        self.failed_at(Instant::now());
    }

    /// The pair starts afresh.
    pub fn succeeded(self) {
        self.throttle.change(self.pair, VecDeque::clear);
    }

    fn failed_at(self, now: Instant) {
        self.throttle.change(self.pair, |failures| failures.push_back(now));
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.throttle.end(self.pair);
    }
}

/// A pair with a login under way is never forgotten: there are fewer connections than pairs.
fn make_room(all: &mut HashMap<Pair, Tries>, pair: Pair, now: Instant) {
    if all.len() < MOST_PAIRS || all.contains_key(&pair) {
        return;
    }
    let latest = |tries: &Tries| tries.failures.back().copied();
    all.retain(|_, tries| tries.under_way > 0 || latest(tries).is_some_and(|at| now.duration_since(at) < WINDOW));
    let idle = all.iter().filter(|(_, tries)| tries.under_way == 0);
    let quietest = idle.min_by_key(|(_, tries)| latest(tries)).map(|(&pair, _)| pair);
    if all.len() >= MOST_PAIRS
        && let Some(quietest) = quietest
    {
        all.remove(&quietest);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    fn fail(throttle: &Throttle, pair: Pair, now: Instant) {
        assert_eq!(throttle.judge(pair, now), Verdict::Go);
        Attempt { throttle, pair }.failed_at(now);
    }

    async fn admit<'a>(throttle: &'a Throttle, name: &str) -> Attempt<'a> {
        throttle.admit(name, HERE).await.unwrap()
    }

    #[test]
    fn the_eleventh_try_waits_until_the_first_failure_is_five_minutes_old() {
        let (throttle, start) = (Throttle::default(), Instant::now());
        let second = |n| start + Duration::from_secs(n);
        (0..10).for_each(|n| fail(&throttle, 1, second(n)));
        assert_eq!(throttle.judge(1, second(10)), Verdict::Refused(Duration::from_secs(290)));
        fail(&throttle, 1, second(300));
        assert_eq!(throttle.judge(1, second(300)), Verdict::Refused(Duration::from_secs(1)));
    }

    #[tokio::test]
    async fn others_are_not_affected_and_a_success_clears_the_slate() {
        let throttle = Throttle::default();
        for _ in 0..9 {
            admit(&throttle, "ann").await.failed();
        }
        admit(&throttle, "ann").await.succeeded();
        for _ in 0..10 {
            admit(&throttle, "ann").await.failed();
        }
        assert!(throttle.admit("ann", HERE).await.is_err());
        assert!(throttle.admit("ann", None).await.is_ok());
        admit(&throttle, "bob").await.succeeded();
    }

    #[tokio::test]
    async fn an_eleventh_try_side_by_side_waits_for_the_others() {
        let throttle = Throttle::default();
        let mut under_way = Vec::new();
        for _ in 0..10 {
            under_way.push(admit(&throttle, "ann").await);
        }
        let mut eleventh = Box::pin(throttle.admit("ann", HERE));
        assert!(eleventh.as_mut().now_or_never().is_none());
        under_way.pop().unwrap().failed();
        assert!(eleventh.as_mut().now_or_never().is_none());
        drop(under_way.pop());
        assert!(eleventh.now_or_never().unwrap().is_ok());
    }

    #[tokio::test]
    async fn what_was_given_up_never_was() {
        let throttle = Throttle::default();
        for _ in 0..20 {
            drop(admit(&throttle, "ann").await);
        }
        assert!(throttle.tries().is_empty());
    }

    #[test]
    fn memory_stays_bounded_whatever_names_are_tried() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        (0..MOST_PAIRS as u64 + 50).for_each(|pair| fail(&throttle, pair, now));
        assert_eq!(throttle.tries().len(), MOST_PAIRS);
    }
}
