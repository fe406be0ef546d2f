//! Users: registration, passwords and administration.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{Store, StoreError, invitations};
use crate::username;

const FINDING: &str = "looking for a user";
const CREATING: &str = "creating a user";

/// The ID of the reserved local user: the nil UUID, which no random one equals.
pub(super) const LOCAL_ID: &str = "00000000-0000-0000-0000-000000000000";
/// A name that cannot be registered, since user names contain no brackets. Nor can its empty email
/// address.
const LOCAL_NAME: &str = "(local)";

/// The ID of a user: a UUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UserId(pub(super) String);

#[cfg(test)]
impl UserId {
    /// Returns an ID for tests that need no database.
    pub(crate) fn for_test(name: &str) -> Self {
        Self(name.to_owned())
    }
}

/// A user in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub username: String,
    pub email: String,
    /// The PHC string; empty for the reserved local user, who cannot log in.
    pub password_hash: String,
    /// Turns per day, where they differ from the server's default.
    pub daily_limit: Option<u32>,
    /// Set if the user may log in.
    pub active: bool,
}

/// A user to create. The values have been validated.
#[derive(Clone, Debug)]
pub struct NewUser<'a> {
    pub username: &'a str,
    pub email: &'a str,
    /// The PHC string.
    pub password_hash: &'a str,
}

impl Store {
    /// Creates a user. Fails with [`StoreError::UsernameTaken`], [`StoreError::UsernameLooksTaken`]
    /// or [`StoreError::EmailTaken`], also when several are created at once.
    pub async fn create_user(
        &self,
        user: NewUser<'_>,
        now: jiff::Timestamp,
    ) -> Result<UserId, StoreError> {
        let mut connection = self
            .pool
            .acquire()
            .await
            .map_err(StoreError::query(CREATING))?;
        let inserted = insert_new(&mut connection, &user, now).await?;
        // Those who wait for a connection must not keep all of them.
        drop(connection);
        match inserted {
            Some(id) => Ok(id),
            None => Err(self.what_is_taken(&user).await?),
        }
    }

    /// Creates a user and uses up an invitation, both or neither. Fails with
    /// [`StoreError::NotInvited`] if the invitation, a hash, was used already.
    pub async fn create_invited_user(
        &self,
        user: NewUser<'_>,
        invitation: &str,
        now: jiff::Timestamp,
    ) -> Result<UserId, StoreError> {
        let failed = || StoreError::query(CREATING);
        let mut transaction = self.pool.begin().await.map_err(failed())?;
        invitations::redeem(&mut transaction, invitation, now).await?;
        let inserted = insert_new(&mut transaction, &user, now).await?;
        let Some(id) = inserted else {
            transaction.rollback().await.map_err(failed())?;
            return Err(self.what_is_taken(&user).await?);
        };
        transaction.commit().await.map_err(failed())?;
        Ok(id)
    }

    /// Fails like [`Store::create_user`] if the name or the email address is taken already, or if the
    /// name looks like another one.
    pub async fn check_available(&self, username: &str, email: &str) -> Result<(), StoreError> {
        let sql = "SELECT username, email_folded FROM users \
                   WHERE username = $1 OR email_folded = $2 OR username_skeleton = $3";
        let email = email.to_lowercase();
        let others: Vec<(String, String)> = sqlx::query_as(sql)
            .bind(username)
            .bind(&email)
            .bind(username::skeleton(username))
            .fetch_all(&self.pool)
            .await
            .map_err(StoreError::query(FINDING))?;
        if others.iter().any(|(name, _)| name == username) {
            Err(StoreError::UsernameTaken)
        } else if others.iter().any(|(_, other)| *other == email) {
            Err(StoreError::EmailTaken)
        } else if others.is_empty() {
            Ok(())
        } else {
            Err(StoreError::UsernameLooksTaken)
        }
    }

    /// Returns the user with exactly this name, never the reserved local user.
    pub async fn user_by_name(&self, username: &str) -> Result<Option<User>, StoreError> {
        // PostgreSQL refuses such a parameter, and no name contains this character.
        if username.contains('\0') {
            return Ok(None);
        }
        let row = sqlx::query("SELECT * FROM users WHERE username = $1 AND id <> $2")
            .bind(username)
            .bind(LOCAL_ID)
            .fetch_optional(&self.pool)
            .await
            .map_err(StoreError::query(FINDING))?;
        row.map(|row| read_user(&row))
            .transpose()
            .map_err(StoreError::query(FINDING))
    }

    /// Replaces the password and deletes every token except `kept_token`. Returns `false` when the
    /// password was changed or the account deleted since `user` was read.
    pub async fn change_password(
        &self,
        user: &User,
        password_hash: &str,
        kept_token: &str,
    ) -> Result<bool, StoreError> {
        let failed = || StoreError::query("changing a password");
        let mut transaction = self.pool.begin().await.map_err(failed())?;
        let changed =
            sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3")
                .bind(password_hash)
                .bind(&user.id.0)
                .bind(&user.password_hash)
                .execute(&mut *transaction)
                .await
                .map_err(failed())?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query("DELETE FROM tokens WHERE user_id = $1 AND hash <> $2")
            .bind(&user.id.0)
            .bind(kept_token)
            .execute(&mut *transaction)
            .await
            .map_err(failed())?;
        // The names of speech derive from the old password, so nobody could find it any more, not
        // even to delete it.
        sqlx::query("DELETE FROM speech WHERE user_id = $1")
            .bind(&user.id.0)
            .execute(&mut *transaction)
            .await
            .map_err(failed())?;
        transaction.commit().await.map_err(failed())?;
        Ok(true)
    }

    /// Deletes a user with everything that belongs to them: tokens, interviews, counts, remembered
    /// answers, speech.
    pub async fn delete_user(&self, user: &UserId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM users WHERE id = $1 AND id <> $2")
            .bind(&user.0)
            .bind(LOCAL_ID)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("deleting an account"))
    }

    /// Returns all users except the local one, by name.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let sql = "SELECT * FROM users WHERE id <> $1 ORDER BY username";
        let rows = sqlx::query(sql).bind(LOCAL_ID).fetch_all(&self.pool).await;
        let rows = rows.map_err(StoreError::query("listing users"))?;
        rows.iter()
            .map(read_user)
            .collect::<Result<_, _>>()
            .map_err(StoreError::query("listing users"))
    }

    /// Sets the daily limit of a user; `None` for the server's default.
    pub async fn set_daily_limit(
        &self,
        user: &UserId,
        limit: Option<u32>,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE users SET daily_limit = $1 WHERE id = $2")
            .bind(limit.map(i64::from))
            .bind(&user.0)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("setting a limit"))
    }

    /// Enables or disables a user. The tokens of a disabled user are kept, and work again once the
    /// user is enabled.
    pub async fn set_active(&self, user: &UserId, active: bool) -> Result<(), StoreError> {
        sqlx::query("UPDATE users SET active = $1 WHERE id = $2")
            .bind(i64::from(active))
            .bind(&user.0)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(StoreError::query("enabling or disabling a user"))
    }

    /// Returns the reserved user of local mode, who is created at the first use.
    pub async fn local_user(&self, now: jiff::Timestamp) -> Result<User, StoreError> {
        let local = NewUser {
            username: LOCAL_NAME,
            email: "",
            password_hash: "",
        };
        let mut connection = self
            .pool
            .acquire()
            .await
            .map_err(StoreError::query(CREATING))?;
        insert_user(&mut connection, LOCAL_ID, &local, now).await?;
        drop(connection);
        let row = sqlx::query("SELECT * FROM users WHERE id = $1")
            .bind(LOCAL_ID)
            .fetch_one(&self.pool)
            .await;
        row.and_then(|row| read_user(&row))
            .map_err(StoreError::query("looking for the local user"))
    }

    /// Returns why a user was not created.
    async fn what_is_taken(&self, user: &NewUser<'_>) -> Result<StoreError, StoreError> {
        match self.check_available(user.username, user.email).await {
            // The account that was in the way has just been deleted.
            Ok(()) => Ok(StoreError::UsernameTaken),
            Err(error @ StoreError::Query { .. }) => Err(error),
            Err(taken) => Ok(taken),
        }
    }
}

async fn insert_new(
    connection: &mut AnyConnection,
    user: &NewUser<'_>,
    now: jiff::Timestamp,
) -> Result<Option<UserId>, StoreError> {
    let id = uuid::Uuid::new_v4().to_string();
    let inserted = insert_user(connection, &id, user, now).await?;
    Ok(inserted.then_some(UserId(id)))
}

/// Returns `false` when the name, one that looks like it or the email address is taken.
async fn insert_user(
    connection: &mut AnyConnection,
    id: &str,
    user: &NewUser<'_>,
    now: jiff::Timestamp,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO users (id, username, email, email_folded, password_hash, active, created_at, username_skeleton) \
               VALUES ($1, $2, $3, $4, $5, 1, $6, $7) ON CONFLICT DO NOTHING";
    let inserted = sqlx::query(sql)
        .bind(id)
        .bind(user.username)
        .bind(user.email)
        .bind(user.email.to_lowercase())
        .bind(user.password_hash)
        .bind(now.as_millisecond())
        .bind(username::skeleton(user.username))
        .execute(connection)
        .await
        .map_err(StoreError::query(CREATING))?;
    Ok(inserted.rows_affected() == 1)
}

pub(super) fn read_user(row: &AnyRow) -> Result<User, sqlx::Error> {
    let limit: Option<i64> = row.try_get("daily_limit")?;
    let active: i64 = row.try_get("active")?;
    Ok(User {
        id: UserId(row.try_get("id")?),
        username: row.try_get("username")?,
        email: row.try_get("email")?,
        password_hash: row.try_get("password_hash")?,
        daily_limit: limit.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX)),
        active: active != 0,
    })
}
