//! The narrator, the speech model and the backend that the settings name.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::backend::{Connector, Target};
use crate::config::{ConfigError, Mode, NarratorEngine, Rate};
use crate::interview::Language;
use crate::interviewer::Interviewer;
use crate::machine::Machine;
use crate::models;
use crate::narrator::{CachedNarrator, Narrator, SpeechCache, command, espeak, openai, say};
use crate::upstream::{self, http2_pool::Http2Pool};

use super::{CommandError, Context};

impl Context {
    /// Creates the narrator, at the rate of the settings.
    pub fn narrator(&self) -> anyhow::Result<Narrator> {
        let mut narrator = match self.config.narrator.engine {
            NarratorEngine::None => Narrator::None,
            NarratorEngine::Auto => Narrator::offline_default(),
            NarratorEngine::Espeak => Narrator::Espeak(espeak::EspeakNarrator::default()),
            NarratorEngine::Say => Narrator::Say(say::SayNarrator::default()),
            NarratorEngine::Command => Narrator::Command(command::CommandNarrator::new(
                self.config.narrator.command.clone(),
            )),
            NarratorEngine::OpenAi if self.offline => {
                return Err(CommandError::Usage(
                    "--offline: narrator \"openai\" needs the network".into(),
                )
                .into());
            }
            NarratorEngine::OpenAi => self.openai_narrator()?,
        };
        narrator.set_rate(self.config.narrator.rate);
        Ok(narrator)
    }

    /// Adds the cache for the program's own sentences to `narrator`.
    pub fn cached_narrator(&self, narrator: Narrator) -> CachedNarrator {
        let limit = u64::from(self.config.narrator.cache_megabytes) * 1_000_000;
        let cache = (limit > 0)
            .then(|| SpeechCache::new(self.paths.speech_cache(), limit, self.bank.clone()));
        CachedNarrator::from(narrator).with_cache(cache)
    }

    /// Returns whether replies stay silent although the settings do not ask for silence.
    pub fn lacks_narrator(&self) -> anyhow::Result<bool> {
        let wanted = self.config.narrator.engine != NarratorEngine::None;
        Ok(wanted && matches!(self.narrator()?, Narrator::None))
    }

    fn openai_narrator(&self) -> anyhow::Result<Narrator> {
        let config = &self.config.openai;
        let base_url = config.endpoint()?;
        Ok(Narrator::OpenAi(openai::OpenAiNarrator {
            pool: Http2Pool::new(&base_url).context("cannot set up HTTP")?,
            key: self.key_for(&base_url)?,
            base_url,
            model: config.speech_model.clone(),
            voice: config.voice.clone(),
            rate: Rate::default(),
        }))
    }

    /// Returns the speech model for an interview in the language `interview`: the file or installed
    /// model that is named, else the best one installed for the spoken language.
    pub fn speech_model(&self, interview: Language) -> Option<PathBuf> {
        let named = &self.config.speech.model;
        let folder = self.paths.models();
        if named.is_empty() {
            return models::best_installed(&folder, self.heard_in(interview));
        }
        let file = PathBuf::from(named);
        let installed =
            models::find(&folder, named).filter(|entry| entry.has_file() && !file.exists());
        Some(installed.map_or(file, |entry| entry.file))
    }

    /// Returns the speech model that suits this computer and the language of interviews.
    pub fn recommended_model(&self) -> models::Recommendation {
        models::recommended(self.heard_in(self.interview_language), Machine::here())
    }

    /// Returns the language that answers are spoken in, or `None` if it is detected.
    pub fn heard_in(&self, interview: Language) -> Option<Language> {
        self.config.speech.language.during(interview)
    }

    /// Returns the address of the server of mode `server`, or an error if --offline forbids it.
    pub fn server_url(&self) -> Result<url::Url, ConfigError> {
        let url = self.config.server_url()?;
        if self.offline && !upstream::is_loopback(&url) {
            let reason = format!(
                "mode \"server\" needs the network to reach {}",
                self.config.server.url
            );
            return Err(ConfigError::Setting {
                origin: "--offline".into(),
                reason,
            });
        }
        Ok(url)
    }

    /// Creates the connector to the backend of the mode.
    pub fn connector(
        &self,
        interviewer: Interviewer,
        narrator: Narrator,
    ) -> anyhow::Result<Connector> {
        let database = self.paths.database();
        let target = match self.config.mode {
            Mode::Local => Target::Local(database),
            Mode::Server => Target::Server(self.server_url()?),
            Mode::Embedded => Target::Embedded {
                database,
                daily_chat_limit: self.config.serve.daily_chat_limit,
            },
        };
        Ok(Connector {
            target,
            interviewer,
            narrator,
            bank: self.bank.clone(),
            language: self.interview_language,
            secrets: self.secrets.clone(),
            preferences: self.preferences.clone(),
            http: self.http.clone(),
        })
    }
}
