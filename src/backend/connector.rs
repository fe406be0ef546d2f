//! Connecting to a backend: opening it in this process, signing in to a server, or starting the
//! embedded server and signing in to it.

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

/// The lifetime of speech, as in the server. The database may contain speech because embedded mode
/// writes to it too.
const SPEECH_LIFETIME: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Connects to a backend; holds everything a backend needs.
#[derive(Clone, Debug)]
pub struct Connector {
    pub target: Target,
    /// The interviewer of local and embedded mode.
    pub interviewer: Interviewer,
    /// The narrator of embedded mode.
    pub narrator: Narrator,
    pub bank: Arc<Bank>,
    pub language: Language,
    /// The store of tokens.
    pub secrets: Arc<dyn SecretStore>,
    /// The store of the names of users that signed in.
    pub preferences: Arc<Mutex<Preferences>>,
    /// The HTTP client for downloads. A server has a client of its own, which may have to bypass
    /// the proxy.
    pub http: reqwest::Client,
}

/// The backend to connect to.
#[derive(Clone, Debug)]
pub enum Target {
    /// The service in this process, over a database file.
    Local(PathBuf),
    Server(Url),
    /// The embedded server, over the database file of local mode.
    Embedded(PathBuf),
}

/// The result of connecting.
#[derive(Debug)]
pub enum Connected {
    /// The backend needs no account.
    Local(Box<Backend>),
    /// The user who signed in during an earlier run, still signed in.
    SignedIn(String, Box<Backend>, Box<ServerConnection>),
    /// A user has to sign in.
    SignedOut(Box<ServerConnection>),
    /// A user has to sign in, because the stored token cannot be read.
    Unreadable(SecretError, Box<ServerConnection>),
}

/// A reachable server, and its handle if it is the embedded one.
#[derive(Debug)]
pub struct ServerConnection {
    pub account: Account,
    /// Runs as long as this value exists.
    pub embedded: Option<Embedded>,
}

/// The reason why connecting failed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    #[error("this program was built without the embedded server")]
    NoServer,
}

impl Connector {
    /// Opens the database or contacts the server.
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
            Target::Embedded(database) => {
                let embedded = self.embed(database).await?;
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
        // No server is running that would do this.
        store.delete_expired_replies(now - SPEECH_LIFETIME).await?;
        let user = store.local_user(now).await?.id;
        Ok(Backend::Local {
            practice: Practice::new(store, self.interviewer.clone(), self.bank.clone()),
            user,
        })
    }

    fn account(&self, url: &Url, place: TokenStorage) -> Result<Account, ClientError> {
        let client = Client::new(http_client(url)?, url.clone()).with_language(self.language);
        Ok(Account::new(
            client,
            place,
            self.language,
            self.secrets.clone(),
            self.preferences.clone(),
        ))
    }

    #[cfg(feature = "server")]
    async fn embed(&self, database: &Path) -> Result<Embedded, ConnectError> {
        let store = Store::open(&Store::sqlite_url(database)).await?;
        let practice = Practice::new(store.clone(), self.interviewer.clone(), self.bank.clone());
        let settings = crate::server::Settings {
            unlimited_turns: true,
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
        reason = "the signature is the same as with the server built in"
    )]
    async fn embed(&self, _database: &Path) -> Result<Embedded, ConnectError> {
        Err(ConnectError::NoServer)
    }
}

fn http_client(url: &Url) -> Result<reqwest::Client, ClientError> {
    upstream::http_client_for(url).map_err(|error| ClientError::Unreachable {
        host: upstream::host_of(url),
        reason: upstream::root_cause(&error),
    })
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
