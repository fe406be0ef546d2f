//! Signing in to a server, and keeping the token where the user wants it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use url::Url;

use super::{Remote, ServerFeatures};
use crate::client::{Client, ClientError};
use crate::interview::Language;
use crate::preferences::Preferences;
use crate::secrets::{SecretError, SecretStore, embedded_entry, server_entry};
use crate::sync::lock;

/// Which server, as tokens and names are kept.
#[derive(Clone, Debug)]
pub enum TokenStorage {
    /// By its address.
    Server(Url),
    /// By its database, since its port differs from run to run.
    Embedded(PathBuf),
}

impl TokenStorage {
    fn entry(&self, user: &str) -> String {
        match self {
            Self::Server(url) => server_entry(url, user),
            Self::Embedded(database) => embedded_entry(database, user),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Server(url) => url.to_string(),
            Self::Embedded(database) => database.display().to_string(),
        }
    }
}

/// One server, and whoever signs in to it.
#[derive(Clone, Debug)]
pub struct Account {
    client: Client,
    place: TokenStorage,
    language: Language,
    /// Where the token is kept; clones share it.
    secrets: Arc<Mutex<Arc<dyn SecretStore>>>,
    preferences: Arc<Mutex<Preferences>>,
}

/// A fresh login.
#[derive(Debug)]
pub struct SignInOutcome {
    /// The interview on that server.
    pub remote: Remote,
    /// Why the token could not be kept, if so: the user is asked where to.
    pub storage_error: Option<SecretError>,
}

/// Whoever signed in in an earlier run.
#[derive(Debug)]
pub enum ResumedSession {
    /// The token is still valid.
    SignedIn(String, Remote),
    /// None is kept, or the server no longer takes it.
    SignedOut,
    /// The place where it was kept cannot be read.
    Unreadable(SecretError),
}

impl Account {
    /// An account on the server behind `client`.
    pub fn new(
        client: Client,
        place: TokenStorage,
        language: Language,
        secrets: Arc<dyn SecretStore>,
        preferences: Arc<Mutex<Preferences>>,
    ) -> Self {
        Self {
            client,
            place,
            language,
            secrets: Arc::new(Mutex::new(secrets)),
            preferences,
        }
    }

    /// Takes up the login of an earlier run.
    pub async fn resume(&self) -> Result<ResumedSession, ClientError> {
        let Some(user) = self
            .preferences()
            .user(&self.place.name())
            .map(str::to_owned)
        else {
            return Ok(ResumedSession::SignedOut);
        };
        let token = match self.kept(&user).await {
            Ok(Some(token)) => token,
            Ok(None) => return Ok(ResumedSession::SignedOut),
            Err(error) => return Ok(ResumedSession::Unreadable(error)),
        };
        let client = self.client.clone().with_token(token);
        match client.conversations().await {
            Ok(_) => Ok(ResumedSession::SignedIn(
                user,
                Remote::new(client, self.language, self.features().await?),
            )),
            Err(ClientError::Unauthorized(_)) => Ok(ResumedSession::SignedOut),
            Err(error) => Err(error),
        }
    }

    /// Who signed in last, if they did not sign out.
    pub fn user(&self) -> Option<String> {
        self.preferences()
            .user(&self.place.name())
            .map(str::to_owned)
    }

    /// Registers a new user; signing in is a step of its own.
    pub async fn register(
        &self,
        username: &str,
        email: &str,
        password: &SecretString,
    ) -> Result<(), ClientError> {
        self.client.register(username, email, password).await
    }

    /// Signs in and keeps the token. The server is asked what it is beforehand: a login that then failed on that
    /// question would leave a token nobody knows, and the original lets nobody in until it is revoked.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &SecretString,
    ) -> Result<SignInOutcome, ClientError> {
        let features = self.features().await?;
        let token = self.client.login(username, password).await?;
        let storage_error = self
            .keep(username, token.clone(), self.secrets())
            .await
            .err();
        if let Err(error) = self
            .preferences()
            .set_user(&self.place.name(), Some(username))
        {
            tracing::warn!(%error, "cannot remember who signed in");
        }
        let client = self.client.clone().with_token(token);
        Ok(SignInOutcome {
            remote: Remote::new(client, self.language, features),
            storage_error,
        })
    }

    /// Revokes the token of `remote` and forgets it. It is kept while the server cannot be told, so that signing out
    /// can be tried again.
    pub async fn sign_out(&self, remote: &Remote) -> Result<(), ClientError> {
        match remote.client().logout().await {
            Ok(()) | Err(ClientError::Unauthorized(_)) => {
                self.forget().await;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps the token of `remote` in another place than the first choice, and looks for it there from then on.
    pub async fn keep_in(
        &self,
        remote: &Remote,
        place: Arc<dyn SecretStore>,
    ) -> Result<(), SecretError> {
        if let (Some(user), Some(token)) = (self.user(), remote.client().token()) {
            self.keep(&user, token.clone(), place.clone()).await?;
        }
        *lock(&self.secrets) = place;
        Ok(())
    }

    async fn keep(
        &self,
        user: &str,
        token: SecretString,
        place: Arc<dyn SecretStore>,
    ) -> Result<(), SecretError> {
        let entry = self.place.entry(user);
        blocking(move || place.set(&entry, &token)).await
    }

    async fn kept(&self, user: &str) -> Result<Option<SecretString>, SecretError> {
        let (entry, secrets) = (self.place.entry(user), self.secrets());
        blocking(move || secrets.get(&entry)).await
    }

    async fn forget(&self) {
        let Some(user) = self.user() else { return };
        let (entry, secrets) = (self.place.entry(&user), self.secrets());
        if let Err(error) = blocking(move || secrets.delete(&entry)).await {
            tracing::warn!(%error, "cannot forget the token");
        }
        if let Err(error) = self.preferences().set_user(&self.place.name(), None) {
            tracing::warn!(%error, "cannot forget who signed in");
        }
    }

    async fn features(&self) -> Result<ServerFeatures, ClientError> {
        Ok(self
            .client
            .service()
            .await?
            .as_ref()
            .map(ServerFeatures::new)
            .unwrap_or_default())
    }

    fn secrets(&self) -> Arc<dyn SecretStore> {
        lock(&self.secrets).clone()
    }

    fn preferences(&self) -> std::sync::MutexGuard<'_, Preferences> {
        lock(&self.preferences)
    }
}

/// A keyring may ask the user to unlock it: never on an async thread.
async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    tokio::task::spawn_blocking(call)
        .await
        .unwrap_or_else(|error| Err(SecretError::Failed(error.to_string())))
}
