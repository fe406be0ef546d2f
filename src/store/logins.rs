//! Guessing passwords is slow: ten failures for one name from one address, and the next try has to wait.
//!
//! A login takes a place before its password is looked at, a row of ten; so however many are tried at once, in however
//! many processes, no more than ten can fail within five minutes.

use jiff::{SignedDuration, Timestamp};

use super::{Store, StoreError};

const PLACES: i64 = 10;
/// How long a failure keeps its place.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);
/// A try that took longer has failed: its process died, or the client learned nothing and may as well wait.
const LONGEST_TRY: SignedDuration = SignedDuration::from_secs(30);

const ADMITTING: &str = "looking for failed logins";
const KEEPING: &str = "keeping a failed login";

/// Whether a login may be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Now.
    Go(LoginTry),
    /// Those under way may be the failures that are left.
    WaitForOthers,
    /// After as many failures, not before that long.
    Refused(SignedDuration),
}

/// A place taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginTry {
    who: String,
    place: i64,
    at: Timestamp,
}

/// A place as stored.
#[derive(sqlx::FromRow)]
struct Taken {
    place: i64,
    tried_at: i64,
    under_way: i64,
}

impl Store {
    /// Takes a place for a login of `who`, a hash of name and address.
    pub async fn try_login(&self, who: &str, now: Timestamp) -> Result<Admission, StoreError> {
        loop {
            let taken = self.taken_places(who, now).await?;
            let Some(place) =
                (0..PLACES).find(|place| taken.iter().all(|taken| taken.place != *place))
            else {
                return Ok(verdict(&taken, now));
            };
            let attempt = LoginTry {
                who: who.to_owned(),
                place,
                at: now,
            };
            if self.take_place(&attempt).await? {
                return Ok(Admission::Go(attempt));
            }
            // Somebody else was quicker; there are ten places, so this ends.
        }
    }

    /// It counts.
    pub async fn login_failed(&self, attempt: &LoginTry) -> Result<(), StoreError> {
        self.change_place(
            "UPDATE login_tries SET under_way = 0 WHERE who = $1 AND place = $2 AND tried_at = $3",
            attempt,
        )
        .await
    }

    /// It never was.
    pub async fn login_given_up(&self, attempt: &LoginTry) -> Result<(), StoreError> {
        self.change_place(
            "DELETE FROM login_tries WHERE who = $1 AND place = $2 AND tried_at = $3",
            attempt,
        )
        .await
    }

    /// Earlier failures are forgiven; the tries beside it go on.
    pub async fn login_succeeded(&self, attempt: &LoginTry) -> Result<(), StoreError> {
        let sql = "DELETE FROM login_tries WHERE who = $1 AND (under_way = 0 OR (place = $2 AND tried_at = $3))";
        self.change_place(sql, attempt).await
    }

    /// Deletes what counts no more.
    pub async fn forget_logins(&self, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM login_tries WHERE tried_at <= $1")
            .bind(oldest_valid(now))
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("forgetting failed logins"))
    }

    async fn taken_places(&self, who: &str, now: Timestamp) -> Result<Vec<Taken>, StoreError> {
        let sql =
            "SELECT place, tried_at, under_way FROM login_tries WHERE who = $1 AND tried_at > $2";
        let rows = sqlx::query_as(sql)
            .bind(who)
            .bind(oldest_valid(now))
            .fetch_all(&self.pool);
        rows.await.map_err(StoreError::query(ADMITTING))
    }

    /// `false` when it is taken.
    async fn take_place(&self, attempt: &LoginTry) -> Result<bool, StoreError> {
        let sql = "INSERT INTO login_tries (who, place, tried_at, under_way) VALUES ($1, $2, $3, 1) \
                   ON CONFLICT (who, place) DO UPDATE SET tried_at = excluded.tried_at, under_way = 1 \
                   WHERE login_tries.tried_at <= $4";
        let done = sqlx::query(sql)
            .bind(&attempt.who)
            .bind(attempt.place)
            .bind(attempt.at.as_millisecond())
            .bind(oldest_valid(attempt.at))
            .execute(&self.pool);
        Ok(done
            .await
            .map_err(StoreError::query(KEEPING))?
            .rows_affected()
            == 1)
    }

    async fn change_place(&self, sql: &'static str, attempt: &LoginTry) -> Result<(), StoreError> {
        let done = sqlx::query(sql)
            .bind(&attempt.who)
            .bind(attempt.place)
            .bind(attempt.at.as_millisecond());
        done.execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query(KEEPING))
    }
}

/// All places are taken.
fn verdict(taken: &[Taken], now: Timestamp) -> Admission {
    let age = |taken: &Taken| SignedDuration::from_millis(now.as_millisecond() - taken.tried_at);
    if taken
        .iter()
        .any(|taken| taken.under_way == 1 && age(taken) < LONGEST_TRY)
    {
        return Admission::WaitForOthers;
    }
    let oldest = taken.iter().map(age).max().unwrap_or_default();
    Admission::Refused(WINDOW.saturating_sub(oldest))
}

/// In milliseconds since 1970; places taken then or earlier are free.
fn oldest_valid(now: Timestamp) -> i64 {
    now.as_millisecond()
        .saturating_sub(WINDOW.as_millis() as i64)
}
