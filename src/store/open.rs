//! Opening a database. A first connection checks the database before anything is written, reports
//! what is wrong, and runs the migrations; only then the pool is created.

mod postgres;
mod sqlite;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::AnyConnectOptions;
use sqlx::migrate::Migrator;
use url::Url;

use super::fault::Fault;
use super::{Store, StoreError, error_text};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("assets/migrations");

/// The time a request waits for a connection. After that, its client is asked to try again later.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

impl Store {
    /// Opens the database at `url` (`sqlite:///path` or `postgres://…`), which is created and
    /// migrated as needed.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, sqlite::BUSY_TIMEOUT).await
    }

    /// Returns the URL of a SQLite file, whatever characters its path contains.
    pub fn sqlite_url(path: &Path) -> String {
        let mut path = path.to_string_lossy().into_owned();
        // The percent sign comes first, because the other escapes introduce new ones.
        for (c, escaped) in [("%", "%25"), ("?", "%3F"), ("#", "%23"), (" ", "%20")] {
            path = path.replace(c, escaped);
        }
        format!("sqlite://{path}")
    }

    /// Returns a URL that may be shown to users.
    pub fn url_without_password(url: &str) -> String {
        if url.is_empty() {
            String::new()
        } else {
            without_secrets(url)
        }
    }

    /// Opens the database, and waits at most `busy_timeout` for the lock of a file.
    pub(super) async fn open_with(url: &str, busy_timeout: Duration) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let opened = if url.starts_with("sqlite:") {
            sqlite::open(url, busy_timeout).await
        } else {
            postgres::open(url).await
        };
        let store = opened.map_err(|reason| StoreError::Open {
            url: without_secrets(url),
            reason,
        })?;
        // Another server that starts at the same time may do the same; the next start finds the rest.
        if let Err(error) = store.fill_username_skeletons().await {
            tracing::warn!(%error, "not all user names are compared with new ones");
        }
        Ok(store)
    }
}

fn options(url: &str) -> Result<AnyConnectOptions, Fault> {
    AnyConnectOptions::from_str(url).map_err(|error| error_text::describe(&error))
}

/// Removes the password from a URL, wherever in it that is.
fn without_secrets(url: &str) -> String {
    let parsed = Url::parse(url)
        .ok()
        .filter(|url| !url.cannot_be_a_base() || url.scheme() == "sqlite");
    let Some(mut url) = parsed else {
        return "(address not shown)".to_owned();
    };
    // Fails for URLs that cannot contain a password, which then have none.
    url.set_password(None).ok();
    let is_secret = |key: &str| key.to_lowercase().contains("password");
    if url.query_pairs().any(|(key, _)| is_secret(&key)) {
        let kept: Vec<_> = url
            .query_pairs()
            .into_owned()
            .filter(|(key, _)| !is_secret(key))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(kept);
    }
    url.into()
}
