//! The service that the server is given, and the state that its handlers share.

use tokio::sync::Semaphore;

use super::health::HealthCheck;
use super::metrics::Metrics;
use super::passwords::Passwords;
use super::settings::Settings;
use crate::narrator::Narrator;
use crate::narrator::spoken_forms::SpokenForms;
use crate::practice::Practice;
use crate::store::{Store, User};

/// Everything the server works with.
#[derive(Clone, Debug)]
pub struct Service {
    pub practice: Practice,
    /// Holds the users, tokens and spoken replies. It is the store that `practice` writes to.
    pub store: Store,
    /// Speaks the replies. [`Narrator::None`] makes every `audio_url` null.
    pub narrator: Narrator,
    pub settings: Settings,
}

/// The state that the handlers share: the service, and the limits on its expensive work.
#[derive(Debug)]
pub(super) struct AppState {
    pub service: Service,
    pub passwords: Passwords,
    pub spoken_forms: SpokenForms,
    /// Permits to run the narrator.
    pub narrations: Semaphore,
    pub metrics: Metrics,
    pub health: HealthCheck,
}

impl AppState {
    pub fn new(service: Service) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            spoken_forms: SpokenForms::of(service.practice.bank()),
            service,
            passwords: Passwords::new(processors),
            narrations: Semaphore::new(2 * processors),
            metrics: Metrics::default(),
            health: HealthCheck::default(),
        }
    }

    pub fn settings(&self) -> &Settings {
        &self.service.settings
    }

    pub fn store(&self) -> &Store {
        &self.service.store
    }

    pub fn practice(&self) -> &Practice {
        &self.service.practice
    }

    /// Returns the present time in the server's time zone.
    pub fn now(&self) -> jiff::Zoned {
        jiff::Timestamp::now().to_zoned(self.settings().time_zone.clone())
    }

    /// Returns how many turns a day `user` may take; `None` without limit.
    pub fn daily_limit(&self, user: &User) -> Option<u32> {
        let settings = self.settings();
        (!settings.unlimited_turns).then(|| user.daily_limit.unwrap_or(settings.daily_chat_limit))
    }
}
