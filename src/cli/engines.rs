//! The narrator, the speech model and the backend that the settings name.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use rust_i18n::t;
use url::Url;

use crate::backend::{Connector, Target};
use crate::config::{ConfigError, Mode, NarratorEngine, OpenAiConfig, Rate};
use crate::interview::Language;
use crate::interviewer::Interviewer;
use crate::machine::Machine;
use crate::models;
use crate::narrator::spoken_forms::SpokenForms;
use crate::narrator::{CachedNarrator, Narrator, SpeechCache, command, espeak, openai, say};
use crate::upstream;
use crate::upstream::http2_pool::Http2Pool;
use crate::upstream::model_endpoint::ModelEndpoint;
use crate::upstream::model_name::{ModelName, Purpose};

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
            NarratorEngine::OpenAi => {
                self.allowed_offline("narrator \"openai\"", &self.speech_server()?)?;
                self.openai_narrator()?
            }
        };
        narrator.set_rate(self.config.narrator.rate);
        Ok(narrator)
    }

    /// Adds the cache for the program's own sentences to `narrator`.
    pub fn cached_narrator(&self, narrator: Narrator) -> CachedNarrator {
        let limit = u64::from(self.config.narrator.cache_megabytes) * 1_000_000;
        let cache = (limit > 0)
            .then(|| SpeechCache::new(self.paths.speech_cache(), limit, self.bank.clone()));
        CachedNarrator::from(narrator)
            .with_cache(cache)
            .with_spoken_forms(Arc::new(SpokenForms::of(&self.bank)))
    }

    /// Returns whether replies stay silent although the settings do not ask for silence.
    pub fn lacks_narrator(&self) -> anyhow::Result<bool> {
        let wanted = self.config.narrator.engine != NarratorEngine::None;
        Ok(wanted && matches!(self.narrator()?, Narrator::None))
    }

    /// Creates the narrator that speaks through a server. Reads its key, which may take as long as a
    /// keyring does.
    fn openai_narrator(&self) -> anyhow::Result<Narrator> {
        let config = &self.config.openai;
        Ok(Narrator::OpenAi(openai::OpenAiNarrator {
            endpoint: self.model_endpoint(self.speech_server()?)?,
            model: ModelName::new(Purpose::Speech, self.speech_server_model().to_owned()),
            voice: config.voice.clone(),
            rate: Rate::default(),
        }))
    }

    /// Returns the address of the server that speaks: its own setting, else `OpenAI` where there is
    /// a key for it, else the server that asks.
    pub fn speech_server(&self) -> anyhow::Result<Url> {
        if let Some(own) = self.config.narrator.endpoint()? {
            return Ok(own);
        }
        let openai = OpenAiConfig::public();
        if !self.offline && self.has_key_for(&openai) {
            return Ok(openai);
        }
        Ok(self.config.openai.endpoint()?)
    }

    /// Returns the model that the settings name for the server that speaks, or an empty text.
    pub fn speech_server_model(&self) -> &str {
        match self.config.narrator.model.as_str() {
            "" => &self.config.openai.speech_model,
            model => model,
        }
    }

    /// Creates the endpoint at `base` with its own key.
    pub fn model_endpoint(&self, base: Url) -> anyhow::Result<ModelEndpoint> {
        let pool = Http2Pool::new(&base)
            .with_context(|| t!("cli.no_http", locale = self.language.code()))?;
        let key = self.key_for(&base)?;
        Ok(ModelEndpoint::new(pool, base, key))
    }

    /// Returns an error if `--offline` forbids to reach `base`.
    pub fn allowed_offline(&self, what: &str, base: &Url) -> Result<(), CommandError> {
        if self.offline && !upstream::is_loopback(base) {
            let host = upstream::host_of(base);
            let words = t!(
                "cli.offline",
                locale = self.language.code(),
                what = what,
                host = host
            );
            return Err(CommandError::Usage(words.into()));
        }
        Ok(())
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
    pub fn server_url(&self) -> Result<Url, ConfigError> {
        let url = self.config.server_url()?;
        if self.offline && !upstream::is_loopback(&url) {
            return Err(ConfigError::Offline {
                url: self.config.server.url.clone(),
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
            Mode::Embedded => Target::Embedded(database),
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
