//! The API server: HTTP in front of [`Practice`].
//!
//! ```text
//! connection ─► layers ─► router ─► auth ─► users · account · chat · interviews · media · operation
//! ```
//!
//! The order in which a request is checked (404, 401, 405, 413, 415, 400) follows from this nesting: the router knows
//! the path, `auth` wraps every method of a path, and `body::Fields` reads the body last.

mod accept;
mod account;
mod auth;
mod body;
mod chat;
mod connection;
mod cors;
mod credentials;
mod docs;
mod error;
mod events;
mod interviews;
mod language;
mod layers;
mod media;
mod metrics;
mod operation;
mod passwords;
mod proxies;
mod purge;
mod range;
mod request;
mod responses;
mod speech;
mod throttle;
mod turn;
mod users;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router, middleware};
use jiff::tz::TimeZone;
use tokio::sync::Semaphore;

pub use connection::{ServerError, serve};
pub use cors::{Origin, OriginError};
pub(crate) use credentials::normal_name;
pub use proxies::Network;

use crate::api::ServiceInfo;
use crate::interview::Language;
use crate::narrator::Narrator;
use crate::practice::Practice;
use crate::store::Store;
use responses::ServerFailure;

/// What an administrator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Turns a day for users without a limit of their own.
    pub daily_chat_limit: u32,
    /// Web pages on these origins may call the API; CORS is off when empty.
    pub allow_origins: Vec<Origin>,
    /// Decides when a new day begins.
    pub time_zone: TimeZone,
    /// How long a spoken reply is kept; an idempotency record stays a day longer, though it counts for 24 hours only.
    pub retention: Duration,
    /// How long a login lasts; `None`: until it is ended.
    pub login_lasts: Option<Duration>,
    /// Reverse proxies that are believed what they say of a client.
    pub trusted_proxies: Vec<Network>,
    /// How long a client may take to send the head of a request, and again its body, and to read on in an answer.
    pub client_timeout: Duration,
    /// How long events wait for their first word: a failure until then is an answer with a status of its own. Who has to
    /// wait longer sees that they have begun, and that the connection lives.
    pub first_word_within: Duration,
    /// Anybody may read the metrics; else this machine alone.
    pub open_metrics: bool,
    /// How long turns in flight may take to finish once the server is told to stop.
    pub shutdown_grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            daily_chat_limit: 6,
            allow_origins: Vec::new(),
            time_zone: TimeZone::system(),
            retention: Duration::from_hours(24),
            login_lasts: None,
            trusted_proxies: Vec::new(),
            client_timeout: Duration::from_secs(30),
            first_word_within: Duration::from_secs(5),
            open_metrics: false,
            shutdown_grace: Duration::from_mins(1),
        }
    }
}

impl Settings {
    /// Logins from before this have ended.
    fn oldest_login(&self, now: jiff::Timestamp) -> jiff::Timestamp {
        let last = self
            .login_lasts
            .and_then(|lasts| now.checked_sub(lasts).ok());
        last.unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

/// Everything the server works with.
#[derive(Clone, Debug)]
pub struct Service {
    /// Holds the interviews.
    pub practice: Practice,
    /// Users, tokens and spoken replies; the same one `practice` writes to.
    pub store: Store,
    /// Speaks the replies; [`Narrator::None`] makes every `audio_url` null.
    pub narrator: Narrator,
    /// See there.
    pub settings: Settings,
}

/// What the handlers share: the service, and the gates that keep its cost bounded.
#[derive(Debug)]
struct Shared {
    service: Service,
    passwords: passwords::Passwords,
    voices: Semaphore,
    metrics: metrics::Metrics,
}

impl Shared {
    fn new(service: Service) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            service,
            passwords: passwords::Passwords::new(processors),
            voices: Semaphore::new(2 * processors),
            metrics: metrics::Metrics::default(),
        }
    }

    fn settings(&self) -> &Settings {
        &self.service.settings
    }

    fn now(&self) -> jiff::Zoned {
        jiff::Timestamp::now().to_zoned(self.settings().time_zone.clone())
    }
}

/// Builds the whole API.
pub fn router(service: Service) -> Router {
    let shared = Arc::new(Shared::new(service));
    let signed_in = middleware::from_fn_with_state(shared.clone(), auth::require);
    let router = Router::new()
        .both("/api", get(about))
        .both("/api/user/register", post(users::register))
        .both("/api/user/login", post(users::login))
        .both(
            "/api/user/logout",
            get(users::logout_by_get)
                .head(users::no_logout)
                .post(users::logout)
                .fallback(users::no_logout)
                .layer(signed_in.clone()),
        )
        .both(
            "/api/user/me",
            get(account::me)
                .delete(account::delete)
                .layer(signed_in.clone()),
        )
        .both(
            "/api/user/password",
            post(account::password).layer(signed_in.clone()),
        )
        .both(
            "/api/interviews",
            get(interviews::list).layer(signed_in.clone()),
        )
        .both(
            "/api/interviews/{id}",
            get(interviews::get)
                .delete(interviews::delete)
                .layer(signed_in.clone()),
        )
        .both(
            "/api/interviews/{id}/report",
            get(interviews::report).layer(signed_in.clone()),
        )
        .both("/api/schema", get(docs::schema))
        .both("/api/docs", get(docs::page))
        .route("/api/docs/style.css", get(docs::style))
        .both("/healthz", get(operation::health))
        .both("/metrics", get(operation::metrics))
        .fallback(|| async { error::ApiError::not_found() });
    let router = layers::with_timeout(router, &shared).both(
        "/api/chat/gpt",
        get(chat::conversations).post(chat::turn).layer(signed_in),
    );
    let router = layers::without_caching(router).route("/media/{name}", get(media::get));
    layers::with_layers(router, &shared).with_state(shared)
}

/// A path answers with and without its trailing slash, never with a redirect.
trait BothForms {
    fn both(self, path: &str, methods: MethodRouter<Arc<Shared>>) -> Self;
}

impl BothForms for Router<Arc<Shared>> {
    fn both(self, path: &str, methods: MethodRouter<Arc<Shared>>) -> Self {
        self.route(path, methods.clone())
            .route(&format!("{path}/"), methods)
    }
}

/// Names of the extensions; `speech` comes with a narrator. See [`crate::api::ServiceInfo::features`].
const FEATURES: [&str; 8] = [
    "idempotency",
    "events",
    "interview-options",
    "interviews",
    "account",
    "health",
    "metrics",
    "schema",
];

/// `GET /api/`: what this server is and which extensions it offers.
#[utoipa::path(
    get,
    path = "/api/",
    summary = "What this server is",
    tag = "operation",
    responses((status = 200, description = "What this server is, and which extensions it offers.", body = ServiceInfo), ServerFailure),
)]
async fn about(State(shared): State<Arc<Shared>>) -> Json<ServiceInfo> {
    let speaks = !matches!(shared.service.narrator, Narrator::None);
    let features = FEATURES.into_iter().chain(speaks.then_some("speech"));
    Json(ServiceInfo {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        languages: Language::ALL
            .map(|language| language.code().to_owned())
            .to_vec(),
        features: features.map(str::to_owned).collect(),
    })
}
