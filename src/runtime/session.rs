//! The connection to the place where interviews run, and the user who is signed in there.

use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use tokio::sync::{Mutex as AsyncMutex, mpsc};

use super::failures;
use crate::app::action::{Action, Failure, RuntimeEvent, SessionEvent, TurnId};
use crate::app::effect::TokenPlace;
use crate::backend::{
    Account, Backend, ConnectError, Connected, Connector, ServerConnection, SignInOutcome,
};
use crate::client::ClientError;
use crate::interview::Language;
use crate::interviewer::Interviewer;
use crate::paths::Paths;
use crate::preferences::Preferences;
use crate::runtime::wording;
use crate::secrets;
use crate::sync::lock;

/// The session of this run; clones share it.
#[derive(Clone)]
pub struct Session {
    connector: Arc<Mutex<Connector>>,
    connection: Arc<AsyncMutex<Connection>>,
    preferences: Arc<Mutex<Preferences>>,
    paths: Paths,
    language: Language,
    actions: mpsc::Sender<Action>,
}

/// The current connection.
#[derive(Default)]
struct Connection {
    /// `None` while nobody is signed in.
    backend: Option<Backend>,
    /// `None` in local mode.
    link: Option<ServerConnection>,
}

impl Session {
    /// Returns a session that is not connected yet. `language` is that of the user interface.
    pub fn new(
        connector: Connector,
        paths: Paths,
        language: Language,
        actions: mpsc::Sender<Action>,
    ) -> Self {
        let preferences = connector.preferences.clone();
        Self {
            connector: Arc::new(Mutex::new(connector)),
            connection: Arc::default(),
            preferences,
            paths,
            language,
            actions,
        }
    }

    /// Uses this interviewer from the next connection on.
    pub fn set_interviewer(&self, interviewer: Interviewer) {
        lock(&self.connector).interviewer = interviewer;
    }

    /// Connects, and reports who is signed in.
    pub async fn connect(self) {
        let mut connection = self.connection.lock().await;
        match self.reconnect(&mut connection).await {
            Ok(event) => self.send(event).await,
            Err(error) => {
                // The next request connects again, and uses nothing of an earlier connection.
                *connection = Connection::default();
                let failure = failures::of_connection(&error, self.language);
                self.send(SessionEvent::NotConnected(failure)).await;
            }
        }
        self.send_abilities(&connection).await;
    }

    async fn send_abilities(&self, connection: &Connection) {
        if let Some(backend) = &connection.backend {
            let can_finish = backend.can_finish();
            self.send(SessionEvent::CanFinish(can_finish)).await;
        }
    }

    async fn reconnect(&self, connection: &mut Connection) -> Result<SessionEvent, ConnectError> {
        let connector = lock(&self.connector).clone();
        let (backend, link, event) = match connector.connect().await? {
            Connected::Local(backend) => {
                let user = String::new();
                (Some(*backend), None, SessionEvent::SignedIn { user })
            }
            Connected::SignedIn(user, backend, link) => {
                (Some(*backend), Some(*link), SessionEvent::SignedIn { user })
            }
            Connected::SignedOut(link) => {
                // Nobody should fill in a form for a server that is not there.
                link.account.reach().await?;
                (None, Some(*link), SessionEvent::SignedOut)
            }
            Connected::Unreadable(error, link) => {
                link.account.reach().await?;
                tracing::warn!(%error, "the stored token cannot be read");
                (None, Some(*link), SessionEvent::SignedOut)
            }
        };
        *connection = Connection { backend, link };
        Ok(event)
    }

    /// Returns where the interview runs. Connects again if an earlier attempt failed.
    pub async fn backend(&self) -> Result<Backend, Failure> {
        let mut connection = self.connection.lock().await;
        if connection.backend.is_none() && connection.link.is_none() {
            let event = self.reconnect(&mut connection).await;
            let event = event.map_err(|error| failures::of_connection(&error, self.language))?;
            self.send(event).await;
            self.send_abilities(&connection).await;
        }
        connection.backend.clone().ok_or(Failure::Unauthorized)
    }

    /// Signs in, after registering if `email` is given.
    pub async fn sign_in(
        self,
        turn: TurnId,
        username: String,
        email: Option<String>,
        password: SecretString,
    ) {
        let mut connection = self.connection.lock().await;
        let outcome = self
            .try_sign_in(&mut connection, &username, email, &password)
            .await;
        match outcome {
            Ok(not_stored) => {
                self.send(SessionEvent::SignedIn { user: username }).await;
                self.send_abilities(&connection).await;
                if let Some(reason) = not_stored {
                    self.send(SessionEvent::NoKeyring { reason }).await;
                }
            }
            Err(failure) => {
                self.send(SessionEvent::SignInFailed { turn, failure })
                    .await;
            }
        }
    }

    /// Signs in, and returns why the token could not be stored, if so.
    async fn try_sign_in(
        &self,
        connection: &mut Connection,
        username: &str,
        email: Option<String>,
        password: &SecretString,
    ) -> Result<Option<String>, Failure> {
        if connection.link.is_none() {
            self.reconnect(connection)
                .await
                .map_err(|error| failures::of_connection(&error, self.language))?;
        }
        let link = connection.link.as_ref().ok_or(Failure::Unauthorized)?;
        let signed_in = register_and_sign_in(&link.account, username, email, password)
            .await
            .map_err(|error| failures::of_sign_in(&error, self.language))?;
        connection.backend = Some(Backend::Remote(signed_in.remote));
        Ok(signed_in
            .storage_error
            .map(|error| wording::of(&error, self.language)))
    }

    /// Stores the token where the user chose, in place of a keyring.
    pub async fn store_token(self, place: TokenPlace) {
        let stored = match place {
            TokenPlace::Memory => Ok(()),
            TokenPlace::File => self.store_token_in_file().await,
        };
        if let Err(reason) = stored {
            let notice = Action::Runtime(RuntimeEvent::Notice(reason));
            let _ = self.actions.send(notice).await;
        }
    }

    async fn store_token_in_file(&self) -> Result<(), String> {
        let connection = self.connection.lock().await;
        let (Some(Backend::Remote(remote)), Some(link)) = (&connection.backend, &connection.link)
        else {
            return Ok(());
        };
        let file = Arc::new(secrets::FileStore::new(self.paths.secrets()));
        let stored = link.account.keep_in(remote, file).await;
        stored.map_err(|error| wording::of(&error, self.language))?;
        lock(&self.preferences)
            .keep_secrets_in_file()
            .map_err(|error| wording::of(&error, self.language))
    }

    /// Lets an embedded server finish its turns and stop.
    pub async fn close(&self) {
        let link = self.connection.lock().await.link.take();
        if let Some(embedded) = link.and_then(|link| link.embedded) {
            embedded.stop().await;
        }
    }

    async fn send(&self, event: SessionEvent) {
        // Once the loop is gone, nobody needs the event.
        let _ = self.actions.send(Action::Session(event)).await;
    }
}

async fn register_and_sign_in(
    account: &Account,
    username: &str,
    email: Option<String>,
    password: &SecretString,
) -> Result<SignInOutcome, ClientError> {
    if let Some(email) = email {
        account.register(username, &email, password, None).await?;
    }
    account.sign_in(username, password).await
}
