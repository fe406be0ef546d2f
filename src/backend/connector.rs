//! How a backend comes to be: opened in this process, signed in to, or started and signed in to.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use url::Url;

use super::account::{Account, ResumedSession, TokenStorage};
use super::{Backend, Embedded, EmbeddedError};
use crate::client::{Client, ClientError};
use crate::interview::Language;
use crate::interview::bank::Bank;
use crate::interviewer::Interviewer;
use crate::narrator::Narrator;
use crate::practice::Practice;
use crate::preferences::Preferences;
use crate::secrets::{SecretError, SecretStore};
use crate::store::{Store, StoreError};
use crate::upstream;

/// How long speech is kept in a database that embedded mode may have written to as well, as the server keeps it.
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Everything a backend is made of.
#[derive(Clone, Debug)]
pub struct Connector {
    /// Which backend.
    pub target: Target,
    /// Asks, in local and embedded mode.
    pub interviewer: Interviewer,
    /// Speaks, in embedded mode.
    pub narrator: Narrator,
    /// Own and built-in questions.
    pub bank: Arc<Bank>,
    /// Of the interviews.
    pub language: Language,
    /// Keeps tokens.
    pub secrets: Arc<dyn SecretStore>,
    /// Remembers who signed in.
    pub preferences: Arc<Mutex<Preferences>>,
    /// For downloads. A server is reached by a client of its own, which may have to leave the proxy out.
    pub http: reqwest::Client,
}

/// Which backend.
#[derive(Clone, Debug)]
pub enum Target {
    /// This process, over a database file.
    Local(PathBuf),
    /// A server.
    Server(Url),
    /// The bundled server, over the database file of local mode.
    Embedded {
        /// The file.
        database: PathBuf,
        /// Turns a day.
        daily_chat_limit: u32,
    },
}

/// What connecting led to.
#[derive(Debug)]
pub enum Connected {
    /// No account needed.
    Local(Box<Backend>),
    /// An account from an earlier run.
    SignedIn(String, Box<Backend>, Box<ServerConnection>),
    /// Somebody has to sign in.
    SignedOut(Box<ServerConnection>),
    /// Somebody has to sign in, since the kept token cannot be read.
    Unreadable(SecretError, Box<ServerConnection>),
}

/// A reachable server, and the embedded one behind it if there is one.
#[derive(Debug)]
pub struct ServerConnection {
    /// Signs in and out.
    pub account: Account,
    /// Lives as long as the link.
    pub embedded: Option<Embedded>,
}

/// Why there is no backend.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The bundled server.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// Built without it.
    #[error("this program was built without the embedded server")]
    NoServer,
}

impl Connector {
    /// Opens the database or reaches the server.
    pub async fn connect(&self) -> Result<Connected, ConnectError> {
        match &self.target {
            Target::Local(database) => Ok(Connected::Local(Box::new(self.local(database).await?))),
            Target::Server(url) => {
                resume(ServerConnection {
                    account: self.account(url, TokenStorage::Server(url.clone()))?,
                    embedded: None,
                })
                .await
            }
            Target::Embedded {
                database,
                daily_chat_limit,
            } => {
                let embedded = self.embed(database, *daily_chat_limit).await?;
                let account =
                    self.account(embedded.url(), TokenStorage::Embedded(database.clone()))?;
                resume(ServerConnection {
                    account,
                    embedded: Some(embedded),
                })
                .await
            }
        }
    }

    async fn local(&self, database: &Path) -> Result<Backend, StoreError> {
        let store = Store::open(&Store::sqlite_url(database)).await?;
        let now = jiff::Timestamp::now();
        // No server runs that would do it.
        store.delete_expired_replies(now - KEPT).await?;
        let user = store.local_user(now).await?.id;
        Ok(Backend::Local {
            practice: Practice::new(store, self.interviewer.clone(), self.bank.clone()),
            user,
        })
    }

    fn account(&self, url: &Url, place: TokenStorage) -> Result<Account, ClientError> {
        let client = Client::new(http_for(url)?, url.clone()).with_language(self.language);
        Ok(Account::new(
            client,
            place,
            self.language,
            self.secrets.clone(),
            self.preferences.clone(),
        ))
    }

    #[cfg(feature = "server")]
    async fn embed(
        &self,
        database: &Path,
        daily_chat_limit: u32,
    ) -> Result<Embedded, ConnectError> {
        let store = Store::open(&Store::sqlite_url(database)).await?;
        let practice = Practice::new(store.clone(), self.interviewer.clone(), self.bank.clone());
        let settings = crate::server::Settings {
            daily_chat_limit,
            ..crate::server::Settings::default()
        };
        let service = crate::server::Service {
            practice,
            store,
            narrator: self.narrator.clone(),
            settings,
        };
        Ok(Embedded::start(service).await?)
    }

    #[cfg(not(feature = "server"))]
    #[expect(
        clippy::unused_async,
        reason = "the same shape as with the server built in"
    )]
    async fn embed(
        &self,
        _database: &Path,
        _daily_chat_limit: u32,
    ) -> Result<Embedded, ConnectError> {
        Err(ConnectError::NoServer)
    }
}

fn http_for(url: &Url) -> Result<reqwest::Client, ClientError> {
    let unreachable = |error| ClientError::Unreachable {
        host: upstream::host_of(url),
        reason: upstream::root_cause(&error),
    };
    upstream::http_client_for(url).map_err(unreachable)
}

async fn resume(link: ServerConnection) -> Result<Connected, ConnectError> {
    let link = Box::new(link);
    Ok(match link.account.resume().await? {
        ResumedSession::SignedIn(user, remote) => {
            Connected::SignedIn(user, Box::new(Backend::Remote(remote)), link)
        }
        ResumedSession::SignedOut => Connected::SignedOut(link),
        ResumedSession::Unreadable(error) => Connected::Unreadable(error, link),
    })
}
