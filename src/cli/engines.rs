//! Which interviewer, narrator, model and backend the settings mean.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::backend::{Connector, Target};
use crate::config::{InterviewerEngine, Mode, NarratorEngine};
use crate::interview::Language;
use crate::interviewer::openai::OpenAi;
use crate::interviewer::{Identity, Interviewer};
use crate::machine::Machine;
use crate::models;
use crate::narrator::{Narrator, command, openai};
use crate::upstream;

use super::{Context, Fail};

/// Who asks, and who could after a question to the user.
pub struct Asking {
    /// Asks.
    pub interviewer: Interviewer,
    /// Could ask instead, once the user agrees that answers go there.
    pub pending: Option<Pending>,
}

/// An endpoint that the user was not asked about yet.
pub struct Pending {
    /// Such as `gpt-4o-mini`.
    pub model: String,
    /// Where the answers would go.
    pub host: String,
    /// The endpoint.
    pub interviewer: Interviewer,
}

impl Context {
    /// Who asks: `auto` takes the endpoint only with the user's remembered consent.
    pub fn asking(&self) -> anyhow::Result<Asking> {
        let offline = Interviewer::offline(self.bank.clone());
        let only = |interviewer| Ok(Asking { interviewer, pending: None });
        // A server asks by itself: no key is read, and there is nothing to agree to.
        if self.config.mode == Mode::Server {
            return only(offline);
        }
        match self.config.interviewer.engine {
            InterviewerEngine::Offline => only(offline),
            InterviewerEngine::OpenAi if self.offline => {
                Err(Fail::Usage("--offline: interviewer \"openai\" needs the network".into()).into())
            }
            InterviewerEngine::OpenAi => only(Interviewer::OpenAi(self.openai()?)),
            InterviewerEngine::Auto if self.offline => only(offline),
            InterviewerEngine::Auto => self.ask_for_consent(offline),
        }
    }

    fn ask_for_consent(&self, offline: Interviewer) -> anyhow::Result<Asking> {
        let key = self.openai_key();
        if key.is_none() && self.config.openai.base_url.is_empty() {
            return Ok(Asking { interviewer: offline, pending: None });
        }
        let openai = self.openai_with(key)?;
        let host = upstream::host_of(&self.config.openai.endpoint()?);
        Ok(match self.remember(|choices| choices.consent(&host)) {
            Some(true) => Asking { interviewer: Interviewer::OpenAi(openai), pending: None },
            Some(false) => Asking { interviewer: offline, pending: None },
            None => {
                let (model, interviewer) = (self.config.openai.model.clone(), Interviewer::OpenAi(openai));
                Asking { interviewer: offline, pending: Some(Pending { model, host, interviewer }) }
            }
        })
    }

    /// Who asks where nobody can be asked for consent: the question bank, and it says so.
    pub fn asking_unattended(&self) -> anyhow::Result<Interviewer> {
        let Asking { interviewer, pending } = self.asking()?;
        if let Some(Pending { model, host, .. }) = pending {
            self.notice(&rust_i18n::t!("cli.stays_offline", locale = self.language.code(), model = model, host = host));
        }
        Ok(interviewer)
    }

    /// Who asks, in words.
    pub fn asks(&self, identity: &Identity) -> String {
        let locale = self.language.code();
        match (self.config.mode, identity) {
            (Mode::Server, _) => self.config.server.url.clone(),
            (_, Identity::QuestionBank) => rust_i18n::t!("cli.question_bank", locale = locale).into(),
            (_, Identity::Model { model, host }) => {
                rust_i18n::t!("cli.model_at", locale = locale, model = model, host = host).into()
            }
        }
    }

    fn openai(&self) -> anyhow::Result<OpenAi> {
        self.openai_with(self.openai_key())
    }

    fn openai_with(&self, key: Option<secrecy::SecretString>) -> anyhow::Result<OpenAi> {
        let endpoint = self.config.openai.endpoint()?;
        Ok(OpenAi::new(http_for(&endpoint)?, endpoint, key, self.config.openai.model.clone()))
    }

    /// Who speaks.
    pub fn narrator(&self) -> anyhow::Result<Narrator> {
        Ok(match self.config.narrator.engine {
            NarratorEngine::None => Narrator::None,
            NarratorEngine::Auto => Narrator::offline_default(),
            NarratorEngine::Espeak => Narrator::Espeak(crate::narrator::espeak::Espeak::default()),
            NarratorEngine::Say => Narrator::Say,
            NarratorEngine::Command => {
                Narrator::Command(command::Command { argv: self.config.narrator.command.clone() })
            }
            NarratorEngine::OpenAi if self.offline => {
                return Err(Fail::Usage("--offline: narrator \"openai\" needs the network".into()).into());
            }
            NarratorEngine::OpenAi => self.openai_speech()?,
        })
    }

    fn openai_speech(&self) -> anyhow::Result<Narrator> {
        let config = &self.config.openai;
        let base_url = config.endpoint()?;
        Ok(Narrator::OpenAi(openai::OpenAiSpeech {
            http: http_for(&base_url)?,
            base_url,
            key: self.openai_key(),
            model: config.speech_model.clone(),
            voice: config.voice.clone(),
        }))
    }

    /// The speech model for an interview held in `interview`: the file or installed model that is named, else the best
    /// one installed for what is spoken.
    pub fn speech_model(&self, interview: Language) -> Option<PathBuf> {
        let (named, folder) = (&self.config.speech.model, self.paths.models());
        if named.is_empty() {
            return models::installed(&folder, self.heard_in(interview));
        }
        let file = PathBuf::from(named);
        let installed = models::entry(&folder, named).filter(|entry| entry.is_there() && !file.exists());
        Some(installed.map_or(file, |entry| entry.file))
    }

    /// The speech model that suits this machine and what is spoken in interviews.
    pub fn recommended_model(&self) -> models::Choice {
        models::recommended(self.heard_in(self.interview_language), Machine::here())
    }

    /// The language that answers are spoken in; `None`: it is detected.
    pub fn heard_in(&self, interview: Language) -> Option<Language> {
        self.config.speech.language.during(interview)
    }

    /// What is recognised in an interview held in `interview`.
    #[cfg(feature = "voice")]
    pub fn spoken_in(&self, interview: Language) -> crate::voice::SpeechLanguage {
        crate::runtime::spoken_in(self.config.speech.language, interview)
    }

    /// The transcriber, its model loading in the background; fails if there is none.
    #[cfg(feature = "voice")]
    pub fn transcriber(&self) -> anyhow::Result<crate::voice::TranscriberHandle> {
        use crate::voice::{TranscriberHandle, Whisper};
        let language = self.interview_language;
        let Some(model) = self.speech_model(language) else {
            let name = self.recommended_model().model.name;
            anyhow::bail!(rust_i18n::t!("cli.no_model", locale = self.language.code(), name = name));
        };
        let load = move || Whisper::load(&model, models::published_bytes(&model)).map(|whisper| Box::new(whisper) as _);
        Ok(TranscriberHandle::spawn(load, |_| {}))
    }

    /// Makes the backend of the mode.
    pub fn connector(&self, interviewer: Interviewer, narrator: Narrator) -> anyhow::Result<Connector> {
        let database = self.paths.database();
        let target = match self.config.mode {
            Mode::Local => Target::Local(database),
            Mode::Server => Target::Server(self.config.server_url()?),
            Mode::Embedded => Target::Embedded { database, daily_chat_limit: self.config.serve.daily_chat_limit },
        };
        Ok(Connector {
            target,
            interviewer,
            narrator,
            bank: self.bank.clone(),
            language: self.interview_language,
            secrets: self.secrets.clone(),
            choices: self.choices.clone(),
            http: self.http.clone(),
        })
    }
}

/// An endpoint on this machine is reached directly, whatever proxy there is.
fn http_for(endpoint: &url::Url) -> anyhow::Result<reqwest::Client> {
    upstream::http_client_for(endpoint).context("cannot set up HTTP")
}
