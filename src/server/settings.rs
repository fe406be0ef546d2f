//! The settings of the server.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::cors::Origin;
use super::proxies::Network;
use crate::config::Registration;

/// Everything an administrator decides about the server.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Turns a day for users without a limit of their own.
    pub daily_chat_limit: u32,
    /// Who may create an account.
    pub registration: Registration,
    /// Accounts that may be created from one address within an hour; 0 for any number.
    pub registrations_per_hour: u32,
    /// Lifts the limit for everybody, as in embedded mode, where the server is the user's own.
    pub unlimited_turns: bool,
    /// Origins of the web pages that may call the API. CORS is off when there are none.
    pub allow_origins: Vec<Origin>,
    /// Decides when a new day begins.
    pub time_zone: TimeZone,
    /// The time for which a spoken reply is kept. An idempotency record stays a day longer, though
    /// it counts for 24 hours only.
    pub retention: Duration,
    /// The duration of a login; `None` if it lasts until the user logs out.
    pub login_lasts: Option<Duration>,
    /// Reverse proxies whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// The time a client may take to send the head of a request, again to send its body, and to go
    /// on reading an answer.
    pub client_timeout: Duration,
    /// The longest time for which the head of an event stream waits for the first word. A failure
    /// until then has a status of its own; after it, the client sees that the stream has begun and
    /// that the connection lives.
    pub first_word_within: Duration,
    /// Lets clients on other machines read the metrics.
    pub open_metrics: bool,
    /// The time that requests in flight may take to finish once the server is told to stop.
    pub shutdown_grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            daily_chat_limit: 6,
            registration: Registration::Open,
            registrations_per_hour: 0,
            unlimited_turns: false,
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
    /// Returns the time before which every login has expired.
    pub(super) fn oldest_login(&self, now: jiff::Timestamp) -> jiff::Timestamp {
        self.login_lasts
            .and_then(|lasts| now.checked_sub(lasts).ok())
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}
