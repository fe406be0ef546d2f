//! The client of the API, for our server and the original alike.
//!
//! The original answers many errors with HTML pages, may send counts as strings, and knows none of
//! the extensions. Whatever it does, the caller gets a [`ClientError`] that can be shown to users.

mod audio;
mod error;
mod events;
mod interviews;
mod wire;

use std::fmt;
use std::time::Duration;

use futures_util::stream::{BoxStream, StreamExt};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use self::error::ClientError;
#[cfg(fuzzing)]
pub use self::events::read_events;
use crate::api::{
    ChatRequest, ConversationResponse, LoginRequest, LoginResponse, RegisterRequest, ServiceInfo,
    TurnResponse,
};
use crate::interview::Language;
use crate::practice::{CompletedTurn, TurnEvent};
use crate::upstream::{host_of, join_path};

/// The time a server may take to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// The limit of a chat turn, within which a model writes a whole reply and a narrator speaks
    /// it.
    pub turn: Duration,
    /// The limit of every other call.
    pub call: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            turn: Duration::from_secs(90),
            call: Duration::from_secs(20),
        }
    }
}

/// A client of one server, with or without a token.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<SecretString>,
    language: Option<Language>,
    timeouts: Timeouts,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signed_in = self.token.is_some();
        f.debug_struct("Client")
            .field("host", &self.host())
            .field("signed_in", &signed_in)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Creates a client of the server at `base`, such as `http://127.0.0.1:8000`, with an `http`
    /// client from [`crate::upstream::http_client_for`]. Credentials in the address are dropped:
    /// they would become a second `Authorization` header beside the one with the token.
    pub fn new(http: reqwest::Client, mut base: Url) -> Self {
        // Both fail only for an address without a host, which has no credentials.
        let _ = base.set_username("");
        let _ = base.set_password(None);
        Self {
            http,
            base,
            token: None,
            language: None,
            timeouts: Timeouts::default(),
        }
    }

    /// Adds the token to send.
    #[must_use]
    pub fn with_token(self, token: SecretString) -> Self {
        Self {
            token: Some(token),
            ..self
        }
    }

    /// Asks for answers in `language`.
    #[must_use]
    pub fn with_language(self, language: Language) -> Self {
        Self {
            language: Some(language),
            ..self
        }
    }

    /// Replaces the time limits.
    #[must_use]
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    pub fn token(&self) -> Option<&SecretString> {
        self.token.as_ref()
    }

    /// Returns the address of the server.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// Returns what the server is and offers; `None` for the plain original, which answers 404.
    pub async fn service(&self) -> Result<Option<ServiceInfo>, ClientError> {
        match self
            .send(self.without_auth(Method::GET, &["api", ""]))
            .await
        {
            Err(ClientError::Refused { status: 404, .. }) => Ok(None),
            answer => self.json(answer?).await.map(Some),
        }
    }

    /// Creates an account, with the code of an invitation if the server asks for one.
    pub async fn register(
        &self,
        username: &str,
        email: &str,
        password: &SecretString,
        invite: Option<&str>,
    ) -> Result<(), ClientError> {
        let password = password.expose_secret().to_owned();
        let request = RegisterRequest {
            username: username.to_owned(),
            email: email.to_owned(),
            password2: password.clone(),
            password,
            invite: invite.map(str::to_owned),
        };
        self.send(
            self.without_auth(Method::POST, &["api", "user", "register", ""])
                .json(&request),
        )
        .await
        .map(drop)
    }

    /// Signs in, and returns the token.
    pub async fn login(
        &self,
        username: &str,
        password: &SecretString,
    ) -> Result<SecretString, ClientError> {
        let request = LoginRequest {
            username: username.to_owned(),
            password: password.expose_secret().to_owned(),
        };
        let answer = self
            .send(
                self.without_auth(Method::POST, &["api", "user", "login", ""])
                    .json(&request),
            )
            .await;
        let reply: LoginResponse = self
            .json(answer.map_err(ClientError::explain_login_failure)?)
            .await?;
        if reply.token.trim().is_empty() {
            Err(self.unusable(200, "it gave no token"))
        } else {
            Ok(reply.token.into())
        }
    }

    /// Revokes the token, by `POST` because the original refuses `GET`.
    pub async fn logout(&self) -> Result<(), ClientError> {
        self.send(self.with_auth(Method::POST, &["api", "user", "logout", ""])?)
            .await
            .map(drop)
    }

    /// Returns the current interview.
    pub async fn conversations(&self) -> Result<ConversationResponse, ClientError> {
        let answer = self
            .send(self.with_auth(Method::GET, &["api", "chat", "gpt", ""])?)
            .await?;
        self.json(answer).await
    }

    /// Takes a turn. The idempotency key may be given only where [`Client::service`] offers
    /// `idempotency`.
    pub async fn chat(
        &self,
        request: &ChatRequest,
        idempotency_key: Option<&str>,
    ) -> Result<CompletedTurn, ClientError> {
        let answer = self
            .send_turn(self.turn_request(request, idempotency_key)?)
            .await?;
        self.read_turn(answer).await
    }

    fn turn_request(
        &self,
        request: &ChatRequest,
        idempotency_key: Option<&str>,
    ) -> Result<RequestBuilder, ClientError> {
        let call = self
            .with_auth(Method::POST, &["api", "chat", "gpt", ""])?
            .timeout(self.timeouts.turn)
            .json(request);
        Ok(match idempotency_key {
            Some(key) => call.header("idempotency-key", key),
            None => call,
        })
    }

    async fn read_turn(&self, answer: reqwest::Response) -> Result<CompletedTurn, ClientError> {
        let reply: TurnResponse = self.json(answer).await?;
        self.completed(reply)
    }

    fn completed(&self, reply: TurnResponse) -> Result<CompletedTurn, ClientError> {
        if reply.response.trim().is_empty() {
            Err(self.unusable(200, "its reply is empty"))
        } else {
            Ok(completed_turn(reply))
        }
    }

    /// Takes a turn on any server, as a stream: one delta with the whole reply, then the end.
    pub fn turn(
        &self,
        request: ChatRequest,
        idempotency_key: Option<String>,
    ) -> BoxStream<'static, Result<TurnEvent, ClientError>> {
        let client = self.clone();
        let stream = async_stream::try_stream! {
            let turn = client.chat(&request, idempotency_key.as_deref()).await?;
            yield TurnEvent::Delta(turn.response.clone());
            yield TurnEvent::Done(turn);
        };
        stream.boxed()
    }

    fn host(&self) -> String {
        host_of(&self.base)
    }

    /// Returns a call without the token: the original refuses to register or log in with a stale
    /// one.
    fn without_auth(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let call = self
            .http
            .request(method, join_path(&self.base, path))
            .timeout(self.timeouts.call);
        let call = call.header("accept", "application/json");
        match self.language {
            Some(language) => call.header("accept-language", language.code()),
            None => call,
        }
    }

    /// Returns a call with the token, and fails without one: the original would answer with an HTML
    /// page.
    fn with_auth(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, ClientError> {
        let Some(token) = &self.token else {
            return Err(ClientError::Unauthorized(
                "there is no token for this server".to_owned(),
            ));
        };
        Ok(self
            .without_auth(method, path)
            .header("authorization", format!("Token {}", token.expose_secret())))
    }
}

fn completed_turn(reply: TurnResponse) -> CompletedTurn {
    CompletedTurn {
        response: reply.response,
        audio_url: reply.audio_url.filter(|url| !url.is_empty()),
        interview_id: reply.interview_id,
        question: reply.question,
        asked: reply.asked,
        open: None,
        topic_ignored: false,
        finished: reply.finished.unwrap_or_default(),
        count: reply.count,
        limit: reply.limit,
    }
}
