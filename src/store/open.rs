//! Opening a database: a first connection looks before anything is written, names what is wrong, and brings the tables
//! up to date; only then the pool is made.

mod postgres;
mod sqlite;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::any::AnyConnectOptions;
use sqlx::migrate::Migrator;
use url::Url;

use super::{Store, StoreError, error_text};

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("assets/migrations");

/// How long a request waits for a connection. Longer, and its client had better be told to come again.
pub(super) const ACQUIRE: Duration = Duration::from_secs(10);

impl Store {
    /// Opens `url` (`sqlite:///path` or `postgres://…`), making and migrating it as needed.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_waiting(url, sqlite::BUSY).await
    }

    /// The URL of a SQLite file, whatever characters its path holds.
    pub fn sqlite_url(path: &Path) -> String {
        let mut path = path.to_string_lossy().into_owned();
        // The per cent sign first: the others bring new ones.
        for (c, escaped) in [("%", "%25"), ("?", "%3F"), ("#", "%23"), (" ", "%20")] {
            path = path.replace(c, escaped);
        }
        format!("sqlite://{path}")
    }

    /// A URL as it may be shown: without its password.
    pub fn url_without_password(url: &str) -> String {
        if url.is_empty() {
            String::new()
        } else {
            without_secrets(url)
        }
    }

    /// As [`Store::open`], waiting at most `busy` for the lock of a file.
    pub(super) async fn open_waiting(url: &str, busy: Duration) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let sqlite = url.starts_with("sqlite:");
        let opened = if sqlite {
            sqlite::open(url, busy).await
        } else {
            postgres::open(url).await
        };
        opened.map_err(|reason| StoreError::Open {
            url: without_secrets(url),
            reason,
        })
    }
}

fn options(url: &str) -> Result<AnyConnectOptions, String> {
    AnyConnectOptions::from_str(url).map_err(|error| error_text::describe(&error))
}

/// The address without a password, wherever in it that hides.
fn without_secrets(url: &str) -> String {
    let parsed = Url::parse(url)
        .ok()
        .filter(|url| !url.cannot_be_a_base() || url.scheme() == "sqlite");
    let Some(mut url) = parsed else {
        return "(address not shown)".to_owned();
    };
    // Fails for addresses that cannot hold a password, which then have none.
    url.set_password(None).ok();
    let secret = |key: &str| key.to_lowercase().contains("password");
    if url.query_pairs().any(|(key, _)| secret(&key)) {
        let kept: Vec<_> = url
            .query_pairs()
            .into_owned()
            .filter(|(key, _)| !secret(key))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(kept);
    }
    url.into()
}
