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

use super::{Store, StoreError, fault};

static MIGRATIONS: Migrator = sqlx::migrate!("assets/migrations");

/// How long a request waits for a connection. Longer, and its client had better be told to come again.
const ACQUIRE: Duration = Duration::from_secs(10);

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

    /// As [`Store::open`], waiting at most `busy` for the lock of a file.
    pub(super) async fn open_waiting(url: &str, busy: Duration) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let sqlite = url.starts_with("sqlite:");
        let opened = if sqlite { sqlite::open(url, busy).await } else { postgres::open(url).await };
        opened.map_err(|reason| StoreError::Open { url: without_secrets(url), reason })
    }
}

fn options(url: &str) -> Result<AnyConnectOptions, String> {
    AnyConnectOptions::from_str(url).map_err(|error| fault::plainly(&error))
}

/// The address without password and parameters, where a password may hide as well.
fn without_secrets(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut url) if url.has_host() && url.scheme() != "sqlite" => {
            // Fails for addresses that cannot hold a password, which then have none.
            url.set_password(None).ok();
            url.set_query(None);
            url.into()
        }
        Ok(url) if url.scheme() == "sqlite" => url.into(),
        _ => "(address not shown)".to_owned(),
    }
}
