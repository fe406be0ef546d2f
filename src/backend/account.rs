//! Signing in to a server, and storing the token where the user wants it.

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

/// The server to which a stored token belongs.
#[derive(Clone, Debug)]
pub enum TokenStorage {
    /// A server, identified by its address.
    Server(Url),
    /// The embedded server, identified by its database, because its port differs from run to run.
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

/// The account of a user on one server, signed in or not.
#[derive(Clone, Debug)]
pub struct Account {
    client: Client,
    storage: TokenStorage,
    language: Language,
    /// The store of the token. Clones share it.
    secrets: Arc<Mutex<Arc<dyn SecretStore>>>,
    preferences: Arc<Mutex<Preferences>>,
}

/// A successful login.
#[derive(Debug)]
pub struct SignInOutcome {
    pub remote: Remote,
    /// The reason why the token could not be stored, if it could not. The user is asked where to store it instead.
    pub storage_error: Option<SecretError>,
}

/// The login of an earlier run.
#[derive(Debug)]
pub enum ResumedSession {
    /// The token is still valid.
    SignedIn(String, Remote),
    /// No token is stored, or the server no longer accepts it.
    SignedOut,
    /// The stored token cannot be read.
    Unreadable(SecretError),
}

impl Account {
    pub fn new(
        client: Client,
        storage: TokenStorage,
        language: Language,
        secrets: Arc<dyn SecretStore>,
        preferences: Arc<Mutex<Preferences>>,
    ) -> Self {
        Self {
            client,
            storage,
            language,
            secrets: Arc::new(Mutex::new(secrets)),
            preferences,
        }
    }

    /// Resumes the login of an earlier run.
    pub async fn resume(&self) -> Result<ResumedSession, ClientError> {
        let Some(user) = self
            .preferences()
            .user(&self.storage.name())
            .map(str::to_owned)
        else {
            return Ok(ResumedSession::SignedOut);
        };
        let token = match self.stored_token(&user).await {
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

    /// Fails if the server cannot be reached. Whatever it answers, it is there.
    pub async fn reach(&self) -> Result<(), ClientError> {
        match self.client.service().await {
            Err(error @ ClientError::Unreachable { .. }) => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Returns the user who signed in last, unless they signed out.
    pub fn user(&self) -> Option<String> {
        self.preferences()
            .user(&self.storage.name())
            .map(str::to_owned)
    }

    /// Creates an account, without signing in; `invite` is the code of an invitation.
    pub async fn register(
        &self,
        username: &str,
        email: &str,
        password: &SecretString,
        invite: Option<&str>,
    ) -> Result<(), ClientError> {
        self.client
            .register(username, email, password, invite)
            .await
    }

    /// Signs in and stores the token. The server is asked for its features first: if that failed
    /// after the login, the token would be lost, and the original admits nobody until it is
    /// revoked.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &SecretString,
    ) -> Result<SignInOutcome, ClientError> {
        let features = self.features().await?;
        let token = self.client.login(username, password).await?;
        let storage_error = self
            .store_token(username, token.clone(), self.secrets())
            .await
            .err();
        if let Err(error) = self
            .preferences()
            .set_user(&self.storage.name(), Some(username))
        {
            tracing::warn!(%error, "cannot remember the user who signed in");
        }
        let client = self.client.clone().with_token(token);
        Ok(SignInOutcome {
            remote: Remote::new(client, self.language, features),
            storage_error,
        })
    }

    /// Revokes the token of `remote` and deletes it. It stays stored while the server cannot be
    /// reached, so that the user can try again.
    pub async fn sign_out(&self, remote: &Remote) -> Result<(), ClientError> {
        match remote.client().logout().await {
            Ok(()) | Err(ClientError::Unauthorized(_)) => {
                self.delete_token().await;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Stores the token of `remote` in `secrets` instead, and uses that store from now on.
    pub async fn keep_in(
        &self,
        remote: &Remote,
        secrets: Arc<dyn SecretStore>,
    ) -> Result<(), SecretError> {
        if let (Some(user), Some(token)) = (self.user(), remote.client().token()) {
            self.store_token(&user, token.clone(), secrets.clone())
                .await?;
        }
        *lock(&self.secrets) = secrets;
        Ok(())
    }

    async fn store_token(
        &self,
        user: &str,
        token: SecretString,
        secrets: Arc<dyn SecretStore>,
    ) -> Result<(), SecretError> {
        let entry = self.storage.entry(user);
        blocking(move || secrets.set(&entry, &token)).await
    }

    async fn stored_token(&self, user: &str) -> Result<Option<SecretString>, SecretError> {
        let entry = self.storage.entry(user);
        let secrets = self.secrets();
        blocking(move || secrets.get(&entry)).await
    }

    async fn delete_token(&self) {
        let Some(user) = self.user() else { return };
        let entry = self.storage.entry(&user);
        let secrets = self.secrets();
        if let Err(error) = blocking(move || secrets.delete(&entry)).await {
            tracing::warn!(%error, "cannot delete the token");
        }
        if let Err(error) = self.preferences().set_user(&self.storage.name(), None) {
            tracing::warn!(%error, "cannot forget the user who signed in");
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

/// Runs `call` on a blocking thread, because a keyring may ask the user to unlock it.
async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
) -> Result<T, SecretError> {
    tokio::task::spawn_blocking(call)
        .await
        .unwrap_or_else(|error| Err(SecretError::Failed(error.to_string())))
}
