//! The API's client: our server and the original alike.
//!
//! The original answers many faults with pages of HTML, may send counts as text, and knows none of the extensions;
//! whatever it does, the caller gets a [`ClientError`] with words for a person.

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

/// How long a server may take over an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// A chat turn, within which a model writes a whole reply and a voice speaks it.
    pub turn: Duration,
    /// Anything else.
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

/// A server, perhaps signed in to.
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
    /// `base` such as `http://127.0.0.1:8000`; `http` as [`crate::upstream::http_client_for`] builds it.
    /// Credentials in the address are dropped: they would become a second `Authorization` beside the token's.
    pub fn new(http: reqwest::Client, mut base: Url) -> Self {
        // Neither fails on an address that has a host, and one without has no credentials.
        let _ = (base.set_username(""), base.set_password(None));
        Self {
            http,
            base,
            token: None,
            language: None,
            timeouts: Timeouts::default(),
        }
    }

    /// The same server with a token.
    #[must_use]
    pub fn with_token(self, token: SecretString) -> Self {
        Self {
            token: Some(token),
            ..self
        }
    }

    /// The same server, asked for interviews in `language`.
    #[must_use]
    pub fn with_language(self, language: Language) -> Self {
        Self {
            language: Some(language),
            ..self
        }
    }

    /// The same server with other patience.
    #[must_use]
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// Who it is signed in as, if at all.
    pub fn token(&self) -> Option<&SecretString> {
        self.token.as_ref()
    }

    /// Which server.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// What the server is; `None`: the plain original (404).
    pub async fn service(&self) -> Result<Option<ServiceInfo>, ClientError> {
        match self.send(self.open(Method::GET, &["api", ""])).await {
            Err(ClientError::Refused { status: 404, .. }) => Ok(None),
            answer => self.json(answer?).await.map(Some),
        }
    }

    /// Registers.
    pub async fn register(
        &self,
        username: &str,
        email: &str,
        password: &SecretString,
    ) -> Result<(), ClientError> {
        let password = password.expose_secret().to_owned();
        let request = RegisterRequest {
            username: username.to_owned(),
            email: email.to_owned(),
            password2: password.clone(),
            password,
        };
        self.send(
            self.open(Method::POST, &["api", "user", "register", ""])
                .json(&request),
        )
        .await
        .map(drop)
    }

    /// Signs in; gives the token.
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
                self.open(Method::POST, &["api", "user", "login", ""])
                    .json(&request),
            )
            .await;
        let reply: LoginResponse = self.json(answer.map_err(ClientError::at_login)?).await?;
        if reply.token.trim().is_empty() {
            Err(self.unusable(200, "it gave no token"))
        } else {
            Ok(reply.token.into())
        }
    }

    /// Revokes the token. By `POST`: the original refuses `GET`.
    pub async fn logout(&self) -> Result<(), ClientError> {
        self.send(self.signed(Method::POST, &["api", "user", "logout", ""])?)
            .await
            .map(drop)
    }

    /// The current interview.
    pub async fn conversations(&self) -> Result<ConversationResponse, ClientError> {
        let answer = self
            .send(self.signed(Method::GET, &["api", "chat", "gpt", ""])?)
            .await?;
        self.json(answer).await
    }

    /// One turn under an idempotency key (sent only where [`Client::service`] offers `idempotency`).
    pub async fn chat(
        &self,
        request: &ChatRequest,
        idempotency_key: Option<&str>,
    ) -> Result<CompletedTurn, ClientError> {
        let answer = self
            .send_turn(self.turn_call(request, idempotency_key)?)
            .await?;
        self.whole(answer).await
    }

    fn turn_call(
        &self,
        request: &ChatRequest,
        idempotency_key: Option<&str>,
    ) -> Result<RequestBuilder, ClientError> {
        let call = self
            .signed(Method::POST, &["api", "chat", "gpt", ""])?
            .timeout(self.timeouts.turn)
            .json(request);
        Ok(match idempotency_key {
            Some(key) => call.header("idempotency-key", key),
            None => call,
        })
    }

    async fn whole(&self, answer: reqwest::Response) -> Result<CompletedTurn, ClientError> {
        let reply: TurnResponse = self.json(answer).await?;
        if reply.response.trim().is_empty() {
            Err(self.unusable(200, "its reply is empty"))
        } else {
            Ok(done(reply))
        }
    }

    /// A turn as a stream, from any server: one delta with the whole text, then done.
    pub fn turn(
        &self,
        request: ChatRequest,
        idempotency_key: Option<String>,
    ) -> BoxStream<'static, Result<TurnEvent, ClientError>> {
        let client = self.clone();
        let stream = async_stream::try_stream! {
            let done = client.chat(&request, idempotency_key.as_deref()).await?;
            yield TurnEvent::Delta(done.response.clone());
            yield TurnEvent::Done(done);
        };
        stream.boxed()
    }

    fn host(&self) -> String {
        host_of(&self.base)
    }

    /// A call that needs no token. None is sent: the original refuses to register or log in under a stale one.
    fn open(&self, method: Method, path: &[&str]) -> RequestBuilder {
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

    /// A call that needs a token. Without one nothing is sent: the original answers that with a page of HTML.
    fn signed(&self, method: Method, path: &[&str]) -> Result<RequestBuilder, ClientError> {
        let Some(token) = &self.token else {
            return Err(ClientError::Unauthorized(
                "there is no token for this server".to_owned(),
            ));
        };
        Ok(self
            .open(method, path)
            .header("authorization", format!("Token {}", token.expose_secret())))
    }
}

fn done(reply: TurnResponse) -> CompletedTurn {
    CompletedTurn {
        response: reply.response,
        audio_url: reply.audio_url.filter(|url| !url.is_empty()),
        interview_id: reply.interview_id,
        question: reply.question,
        finished: reply.finished.unwrap_or_default(),
        count: reply.count,
        limit: reply.limit,
    }
}
