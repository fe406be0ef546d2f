//! The keys of model servers, each for its own host.

use rust_i18n::t;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{CommandError, Context};
use crate::runtime::wording;
use crate::secrets::key_entry;
use crate::upstream::{host_of, key};

/// The credential of the service manager that stands for `OPENAI_API_KEY`.
const CREDENTIAL: &str = "openai-key";

impl Context {
    /// Returns whether there is a key for the server at `base`, without asking the keyring.
    pub fn has_key_for(&self, base: &Url) -> bool {
        self.key_of_environment(base).is_some()
            || self.with_preferences(|preferences| preferences.has_key(&key_entry(base)))
    }

    /// Returns the key for the server at `base`: that of the environment, else of the keyring. Fails
    /// if it could be read on its way, or cannot be sent at all.
    pub fn key_for(&self, base: &Url) -> Result<Option<SecretString>, CommandError> {
        let Some(key) = self
            .key_of_environment(base)
            .or_else(|| self.stored_key(base))
        else {
            return Ok(None);
        };
        if key::is_readable_on_the_way(base) {
            return Err(self.refused_key("connect.key_in_clear", base));
        }
        if !key.expose_secret().chars().all(|c| c.is_ascii_graphic()) {
            return Err(self.refused_key("connect.key_garbled", base));
        }
        Ok(Some(key))
    }

    /// Returns the name of the variable that the key for `base` comes from, if it comes from one.
    pub fn key_variable(&self, base: &Url) -> Option<&'static str> {
        key::variables(base, &self.config.openai.key_host)
            .into_iter()
            .find(|name| self.variable_key(name).is_some())
    }

    fn key_of_environment(&self, base: &Url) -> Option<SecretString> {
        if let Some(key) = self
            .key_variable(base)
            .and_then(|name| self.variable_key(name))
        {
            return Some(key);
        }
        key::takes_openai_key(base, &self.config.openai.key_host)
            .then(|| self.environment.credential(CREDENTIAL))
            .flatten()
            .and_then(|text| key::cleaned(&text))
    }

    fn variable_key(&self, name: &str) -> Option<SecretString> {
        self.environment.variable(name).and_then(key::cleaned)
    }

    /// Returns the key of the keyring, which is asked only if a key was stored there, since it may
    /// be slow or ask to be unlocked.
    fn stored_key(&self, base: &Url) -> Option<SecretString> {
        let entry = key_entry(base);
        if !self.with_preferences(|preferences| preferences.has_key(&entry)) {
            return None;
        }
        match self.secrets.get(&entry) {
            Ok(key) => key.and_then(|key| key::cleaned(key.expose_secret())),
            Err(error) => {
                self.notice(&t!(
                    "connect.key_unreadable",
                    locale = self.language.code(),
                    host = host_of(base),
                    reason = wording::of(&error, self.language)
                ));
                None
            }
        }
    }

    fn refused_key(&self, message: &str, base: &Url) -> CommandError {
        let locale = self.language.code();
        CommandError::Usage(t!(message, locale = locale, host = host_of(base)).into())
    }
}
