//! Who is signed in, and where the interview runs.

use std::sync::{Arc, Mutex};

use secrecy::SecretString;
use tokio::sync::{Mutex as AsyncMutex, mpsc};

use super::failures;
use crate::app::action::{Action, Failure, RuntimeEvent, SessionEvent, TurnId};
use crate::app::effect::TokenPlace;
use crate::backend::{Account, Backend, ConnectError, Connected, Connector, ServerConnection};
use crate::interview::Language;
use crate::interviewer::Interviewer;
use crate::paths::Paths;
use crate::preferences::Preferences;
use crate::secrets;
use crate::sync::lock;

/// The session of this run; clones share it.
#[derive(Clone)]
pub struct Session {
    connector: Arc<Mutex<Connector>>,
    state: Arc<AsyncMutex<State>>,
    preferences: Arc<Mutex<Preferences>>,
    paths: Paths,
    language: Language,
    actions: mpsc::Sender<Action>,
}

#[derive(Default)]
struct State {
    backend: Option<Backend>,
    link: Option<ServerConnection>,
}

impl Session {
    /// Not connected yet. `language` is the interface's.
    pub fn new(
        connector: Connector,
        paths: Paths,
        language: Language,
        actions: mpsc::Sender<Action>,
    ) -> Self {
        let preferences = connector.preferences.clone();
        Self {
            connector: Arc::new(Mutex::new(connector)),
            state: Arc::default(),
            preferences,
            paths,
            language,
            actions,
        }
    }

    /// The answers of the user are asked by this interviewer from the next connection on.
    pub fn ask_with(&self, interviewer: Interviewer) {
        self.connector().interviewer = interviewer;
    }

    /// Connects and tells the app who is signed in.
    pub async fn connect(self) {
        let mut state = self.state.lock().await;
        let action = match self.reconnect(&mut state).await {
            Ok(action) => action,
            Err(error) => {
                // The next request connects again; until then nothing of an earlier connection is used.
                *state = State::default();
                Action::Session(SessionEvent::NotConnected(failures::connect(
                    &error,
                    self.language,
                )))
            }
        };
        self.tell(action).await;
        self.tell_what_can_be_done(&state).await;
    }

    async fn tell_what_can_be_done(&self, state: &State) {
        if let Some(backend) = &state.backend {
            self.tell(Action::Session(SessionEvent::CanFinish(
                backend.can_finish(),
            )))
            .await;
        }
    }

    async fn reconnect(&self, state: &mut State) -> Result<Action, ConnectError> {
        let connector = self.connector().clone();
        Ok(match connector.connect().await? {
            Connected::Local(backend) => {
                *state = State {
                    backend: Some(*backend),
                    link: None,
                };
                Action::Session(SessionEvent::SignedIn {
                    user: String::new(),
                })
            }
            Connected::SignedIn(user, backend, link) => {
                *state = State {
                    backend: Some(*backend),
                    link: Some(*link),
                };
                Action::Session(SessionEvent::SignedIn { user })
            }
            Connected::SignedOut(link) => {
                *state = State {
                    backend: None,
                    link: Some(*link),
                };
                Action::Session(SessionEvent::SignedOut)
            }
            Connected::Unreadable(error, link) => {
                tracing::warn!(%error, "the kept token cannot be read");
                *state = State {
                    backend: None,
                    link: Some(*link),
                };
                Action::Session(SessionEvent::SignedOut)
            }
        })
    }

    /// Where the interview runs; connects again if an earlier attempt failed.
    pub async fn backend(&self) -> Result<Backend, Failure> {
        let mut state = self.state.lock().await;
        if state.backend.is_none() && state.link.is_none() {
            let action = self
                .reconnect(&mut state)
                .await
                .map_err(|error| failures::connect(&error, self.language))?;
            self.tell(action).await;
            self.tell_what_can_be_done(&state).await;
        }
        state.backend.clone().ok_or(Failure::Unauthorized)
    }

    /// Signs in, after registering if `email` is given.
    pub async fn sign_in(
        self,
        turn: TurnId,
        username: String,
        email: Option<String>,
        password: SecretString,
    ) {
        let mut state = self.state.lock().await;
        let action = match self
            .try_sign_in(&mut state, &username, email, &password)
            .await
        {
            Ok(storage_error) => {
                self.tell(Action::Session(SessionEvent::SignedIn { user: username }))
                    .await;
                self.tell_what_can_be_done(&state).await;
                storage_error.map(|reason| Action::Session(SessionEvent::NoKeyring { reason }))
            }
            Err(failure) => Some(Action::Session(SessionEvent::SignInFailed {
                turn,
                failure,
            })),
        };
        if let Some(action) = action {
            self.tell(action).await;
        }
    }

    async fn try_sign_in(
        &self,
        state: &mut State,
        username: &str,
        email: Option<String>,
        password: &SecretString,
    ) -> Result<Option<String>, Failure> {
        if state.link.is_none() {
            self.reconnect(state)
                .await
                .map_err(|error| failures::connect(&error, self.language))?;
        }
        let account = state
            .link
            .as_ref()
            .map(|link| link.account.clone())
            .ok_or(Failure::Unauthorized)?;
        let signed_in = enter(&account, username, email, password).await;
        let signed_in = signed_in.map_err(|error| failures::sign_in(&error, self.language))?;
        state.backend = Some(Backend::Remote(signed_in.remote));
        Ok(signed_in.storage_error.map(|error| error.to_string()))
    }

    /// Keeps the token where the user chose, there being no keyring.
    pub async fn keep(self, place: TokenPlace) {
        if place == TokenPlace::Memory {
            return;
        }
        let state = self.state.lock().await;
        let (Some(Backend::Remote(remote)), Some(link)) = (&state.backend, &state.link) else {
            return;
        };
        let file = Arc::new(secrets::FileStore::new(self.paths.secrets()));
        let kept = link
            .account
            .keep_in(remote, file)
            .await
            .map_err(|error| error.to_string());
        let remembered = kept.and_then(|()| {
            lock(&self.preferences)
                .keep_secrets_in_file()
                .map_err(|error| error.to_string())
        });
        if let Err(reason) = remembered {
            self.tell(Action::Runtime(RuntimeEvent::Notice(reason)))
                .await;
        }
    }

    /// Lets an embedded server finish its turns and stop.
    pub async fn close(&self) {
        let link = self.state.lock().await.link.take();
        if let Some(embedded) = link.and_then(|link| link.embedded) {
            embedded.stop().await;
        }
    }

    fn connector(&self) -> std::sync::MutexGuard<'_, Connector> {
        lock(&self.connector)
    }

    async fn tell(&self, action: Action) {
        // The loop is gone: nobody is left to know.
        let _ = self.actions.send(action).await;
    }
}

async fn enter(
    account: &Account,
    username: &str,
    email: Option<String>,
    password: &SecretString,
) -> Result<crate::backend::SignInOutcome, crate::client::ClientError> {
    if let Some(email) = email {
        account.register(username, &email, password).await?;
    }
    account.sign_in(username, password).await
}
