//! Where users stand when a turn begins: what every turn and every look at the conversation reads.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use sqlx::any::AnyRow;
use sqlx::{AnyPool, AssertSqlSafe};

use super::engine::Engine;
use super::interviews::{READING, get, read_transcript};
use super::together::{self, Together};
use super::{InterviewId, Store, StoreError, Transcript, UserId};

/// Where a user stands when a turn begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Turns taken on the day.
    pub turns: u64,
    /// The interview asked for; `None` when there is none.
    pub transcript: Option<Transcript>,
}

impl Store {
    /// The user's turns on `day`, and one of their interviews: the one named, or the current one.
    pub async fn standing(
        &self,
        user: &UserId,
        day: Date,
        id: Option<&InterviewId>,
    ) -> Result<Standing, StoreError> {
        match id {
            None => self.standings.ask((user.clone(), day)).await,
            Some(id) => Ok(Standing {
                turns: self.turns_on(user, day).await?,
                transcript: self.interview(user, id).await?,
            }),
        }
    }
}

/// Where users stand with their current interviews.
pub(super) fn standings(pool: AnyPool, engine: &Engine) -> Together<(UserId, Date), Standing> {
    let messages = engine.messages();
    Together::new(
        READING,
        engine.at_once(),
        move |asked: Vec<(UserId, Date)>| {
            let pool = pool.clone();
            async move { find_standings(&pool, messages, &asked).await }
        },
    )
}

async fn find_standings(
    pool: &AnyPool,
    messages: &'static str,
    asked: &[(UserId, Date)],
) -> Result<Vec<Standing>, StoreError> {
    let days: BTreeSet<Date> = asked.iter().map(|(_, day)| *day).collect();
    let mut found = HashMap::new();
    // One, but around midnight.
    for day in days {
        let users: Vec<&UserId> = asked
            .iter()
            .filter(|asked| asked.1 == day)
            .map(|(user, _)| user)
            .collect();
        for (user, standing) in find_standings_on(pool, messages, day, users).await? {
            found.insert((user, day), standing);
        }
    }
    let none = Standing {
        turns: 0,
        transcript: None,
    };
    Ok(asked
        .iter()
        .map(|asked| found.get(asked).unwrap_or(&none).clone())
        .collect())
}

async fn find_standings_on(
    pool: &AnyPool,
    messages: &'static str,
    day: Date,
    users: Vec<&UserId>,
) -> Result<Vec<(UserId, Standing)>, StoreError> {
    let users = together::padded(users);
    let sql = format!(
        "SELECT users.id AS whose, usage.turns, interviews.*, {messages} AS messages FROM users \
         LEFT JOIN usage ON usage.user_id = users.id AND usage.day = $1 \
         LEFT JOIN interviews ON interviews.user_id = users.id AND interviews.is_current = 1 WHERE users.id IN ({})",
        together::places(2, users.len())
    );
    let query = sqlx::query(AssertSqlSafe(sql)).bind(day.to_string());
    let query = users.iter().fold(query, |query, user| query.bind(&user.0));
    let rows = query
        .fetch_all(pool)
        .await
        .map_err(StoreError::doing(READING))?;
    rows.iter()
        .map(|row| Ok((UserId(get(row, "whose")?), read_standing(row)?)))
        .collect()
}

fn read_standing(row: &AnyRow) -> Result<Standing, StoreError> {
    let there = get::<Option<&str>>(row, "id")?.is_some();
    Ok(Standing {
        turns: get::<Option<i64>>(row, "turns")?
            .unwrap_or_default()
            .unsigned_abs(),
        transcript: if there {
            Some(read_transcript(row)?)
        } else {
            None
        },
    })
}
