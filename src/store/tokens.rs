//! Logins: tokens, of which only hashes are kept.

use std::collections::HashMap;

use sqlx::{AnyPool, AssertSqlSafe, Row};

use super::engine::Engine;
use super::together::{self, Together};
use super::users::{LOCAL_ID, user};
use super::{Store, StoreError, User};

const LOOKING_FOR_TOKEN: &str = "looking for a token";

/// A token that was given out and not revoked.
#[derive(Clone, Debug)]
pub(super) struct Login {
    /// Whose.
    user: User,
    /// When it was given out.
    since: jiff::Timestamp,
}

/// The logins of tokens, by hash.
pub(super) fn logins(pool: AnyPool, engine: &Engine) -> Together<String, Option<Login>> {
    Together::new(LOOKING_FOR_TOKEN, engine.at_once(), move |hashes| {
        let pool = pool.clone();
        async move {
            find_logins(&pool, &hashes)
                .await
                .map_err(StoreError::doing(LOOKING_FOR_TOKEN))
        }
    })
}

async fn find_logins(pool: &AnyPool, hashes: &[String]) -> Result<Vec<Option<Login>>, sqlx::Error> {
    let padded = together::padded(hashes.to_vec());
    let sql = format!(
        "SELECT tokens.hash, tokens.created_at AS since, users.* FROM tokens \
         JOIN users ON users.id = tokens.user_id WHERE users.id <> $1 AND tokens.hash IN ({})",
        together::places(2, padded.len())
    );
    let query = padded.iter().fold(
        sqlx::query(AssertSqlSafe(sql)).bind(LOCAL_ID),
        sqlx::query::Query::bind,
    );
    let mut found: HashMap<String, Login> = HashMap::new();
    for row in query.fetch_all(pool).await? {
        let since = jiff::Timestamp::from_millisecond(row.try_get("since")?)
            .unwrap_or(jiff::Timestamp::MIN);
        found.insert(
            row.try_get("hash")?,
            Login {
                user: user(&row)?,
                since,
            },
        );
    }
    Ok(hashes.iter().map(|hash| found.get(hash).cloned()).collect())
}

impl Store {
    /// By SHA-256 (hex) of a token given out at `since` or later. Never the reserved local user; disabled users too.
    pub async fn user_by_token(
        &self,
        token_hash: &str,
        since: jiff::Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let login = self.logins.ask(token_hash.to_owned()).await?;
        Ok(login
            .filter(|login| login.since >= since)
            .map(|login| login.user))
    }

    /// Adds one login; `false` when the password was changed or the account deleted since `user` was read.
    pub async fn add_token(
        &self,
        user: &User,
        token_hash: &str,
        now: jiff::Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO tokens (hash, user_id, created_at) SELECT $1, id, CAST($2 AS BIGINT) FROM users \
                   WHERE id = $3 AND password_hash = $4";
        let added = sqlx::query(sql)
            .bind(token_hash)
            .bind(now.as_millisecond())
            .bind(&user.id.0)
            .bind(&user.password_hash)
            .execute(&self.pool)
            .await
            .map_err(StoreError::doing("keeping a token"))?;
        Ok(added.rows_affected() == 1)
    }

    /// Ends logins from before `since`.
    pub async fn forget_tokens(&self, since: jiff::Timestamp) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM tokens WHERE created_at < $1")
            .bind(since.as_millisecond())
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::doing("ending old logins"))
    }

    /// Ends one login.
    pub async fn revoke_token(&self, token_hash: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM tokens WHERE hash = $1")
            .bind(token_hash)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::doing("revoking a token"))
    }
}
