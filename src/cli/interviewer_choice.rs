//! The choice of the interviewer. It is decided without reading a key, which may take as long as a
//! keyring does, and made with it.

use anyhow::Context as _;
use url::Url;

use super::Context;
use crate::config::{InterviewerEngine, Mode};
use crate::interviewer::openai::OpenAiInterviewer;
use crate::interviewer::{Identity, Interviewer};
use crate::upstream;
use crate::upstream::discovery::{self, Candidate, FoundServer};
use crate::upstream::key::OPENAI_VARIABLE;

/// The interviewer that the settings and the user's consent lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InterviewerChoice {
    Bank,
    Endpoint(EndpointName),
    /// The question bank, until the user agrees that answers are sent to the endpoint.
    BankUntilConsent(EndpointName),
}

/// An OpenAI-compatible endpoint as it is shown to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointName {
    /// The model's name, which is empty if one is to be chosen.
    pub model: String,
    /// The host that answers are sent to.
    pub host: String,
}

impl InterviewerChoice {
    /// Returns who asks at first.
    pub fn identity(&self) -> Identity {
        match self {
            Self::Bank | Self::BankUntilConsent(_) => Identity::QuestionBank,
            Self::Endpoint(EndpointName { model, host }) => Identity::Model {
                model: model.clone(),
                host: host.clone(),
            },
        }
    }

    /// Returns the endpoint that the user has not been asked about.
    pub fn pending(&self) -> Option<&EndpointName> {
        match self {
            Self::BankUntilConsent(endpoint) => Some(endpoint),
            Self::Bank | Self::Endpoint(_) => None,
        }
    }
}

impl Context {
    /// Returns the interviewer of the mode's interviews.
    pub fn interviewer_choice(&self) -> anyhow::Result<InterviewerChoice> {
        // The server chooses its interviewer, so there is nothing to consent to.
        if self.config.mode == Mode::Server {
            Ok(InterviewerChoice::Bank)
        } else {
            self.local_choice()
        }
    }

    /// Returns the interviewer of this process: `auto` takes the endpoint only with the user's
    /// remembered consent.
    fn local_choice(&self) -> anyhow::Result<InterviewerChoice> {
        Ok(match self.config.interviewer.engine {
            InterviewerEngine::Offline => InterviewerChoice::Bank,
            InterviewerEngine::OpenAi => {
                let base = self.config.openai.endpoint()?;
                self.allowed_offline("interviewer \"openai\"", &base)?;
                InterviewerChoice::Endpoint(self.endpoint()?)
            }
            InterviewerEngine::Auto if !self.has_endpoint() => InterviewerChoice::Bank,
            InterviewerEngine::Auto => {
                let endpoint = self.endpoint()?;
                match self.with_preferences(|preferences| preferences.consent(&endpoint.host)) {
                    Some(true) => InterviewerChoice::Endpoint(endpoint),
                    Some(false) => InterviewerChoice::Bank,
                    None => InterviewerChoice::BankUntilConsent(endpoint),
                }
            }
        })
    }

    /// Returns whether a key or the address of an endpoint is set, and `--offline` allows to reach it.
    pub fn has_endpoint(&self) -> bool {
        let Ok(endpoint) = self.config.openai.endpoint() else {
            return false;
        };
        let is_set = !self.config.openai.base_url.is_empty() || self.has_key_for(&endpoint);
        is_set && self.allowed_offline("", &endpoint).is_ok()
    }

    /// Returns where to look for a model server on this machine: where they usually listen, if the
    /// settings leave the choice and name no endpoint.
    pub fn discovery_candidates(&self) -> Vec<Candidate> {
        let is_open = self.config.mode != Mode::Server
            && self.config.interviewer.engine == InterviewerEngine::Auto
            && !self.has_endpoint();
        if is_open {
            discovery::usual_addresses()
        } else {
            vec![]
        }
    }

    /// Returns the model server on this machine that the user agreed to earlier, if it runs.
    async fn agreed_server(&self) -> Option<FoundServer> {
        let mut candidates = self.discovery_candidates();
        candidates.retain(|candidate| {
            let host = upstream::host_of(&candidate.base_url);
            self.with_preferences(|preferences| preferences.consent(&host)) == Some(true)
        });
        discovery::find(candidates).await.into_iter().next()
    }

    fn endpoint(&self) -> anyhow::Result<EndpointName> {
        let host = upstream::host_of(&self.config.openai.endpoint()?);
        Ok(EndpointName {
            model: self.config.openai.model.clone(),
            host,
        })
    }

    /// Creates the interviewer that asks at first.
    pub fn interviewer(&self, choice: &InterviewerChoice) -> anyhow::Result<Interviewer> {
        match choice {
            InterviewerChoice::Bank | InterviewerChoice::BankUntilConsent(_) => {
                Ok(Interviewer::question_bank(self.bank.clone()))
            }
            InterviewerChoice::Endpoint(_) => self.openai_interviewer(),
        }
    }

    /// Creates the endpoint's interviewer. Reads the key, which may take as long as a keyring does.
    pub fn openai_interviewer(&self) -> anyhow::Result<Interviewer> {
        let base = self.config.openai.endpoint()?;
        self.interviewer_at(base, self.config.openai.model.clone())
    }

    /// Creates the interviewer of `model` at `base`, which chooses a model if `model` is empty.
    pub fn interviewer_at(&self, base: Url, model: String) -> anyhow::Result<Interviewer> {
        let key = self.key_for(&base)?;
        let openai = OpenAiInterviewer::new(base, key, model);
        Ok(Interviewer::OpenAi(openai.with_context(|| {
            rust_i18n::t!("cli.no_http", locale = self.language.code())
        })?))
    }

    /// Creates the interviewer for a run in which nobody can be asked for consent: without consent it
    /// is the question bank, and a notice says so.
    pub async fn unattended_interviewer(&self) -> anyhow::Result<Interviewer> {
        if let Some(server) = self.agreed_server().await {
            return self.interviewer_at(server.base_url, String::new());
        }
        self.create_unattended(&self.interviewer_choice()?)
    }

    /// Creates the interviewer of `serve`, wherever this user's own interviews run.
    #[cfg(feature = "server")]
    pub fn server_interviewer(&self) -> anyhow::Result<Interviewer> {
        self.create_unattended(&self.local_choice()?)
    }

    fn create_unattended(&self, choice: &InterviewerChoice) -> anyhow::Result<Interviewer> {
        if let Some(EndpointName { model, host }) = choice.pending() {
            let locale = self.language.code();
            let some_model = rust_i18n::t!("connect.a_model", locale = locale);
            let model = if model.is_empty() {
                &some_model
            } else {
                model.as_str()
            };
            self.notice(&rust_i18n::t!(
                "cli.stays_offline",
                locale = locale,
                model = model,
                host = host
            ));
        }
        if let InterviewerChoice::Endpoint(_) = choice {
            self.mention_unused_key()?;
        }
        self.interviewer(choice)
    }

    /// Says that the key for `OpenAI` does not go to another host that has no key.
    fn mention_unused_key(&self) -> anyhow::Result<()> {
        let base = self.config.openai.endpoint()?;
        let is_set = self.environment.variable(OPENAI_VARIABLE).is_some();
        if is_set && !upstream::is_loopback(&base) && !self.has_key_for(&base) {
            self.notice(&rust_i18n::t!(
                "connect.key_of_openai",
                locale = self.language.code(),
                host = upstream::host_of(&base)
            ));
        }
        Ok(())
    }

    /// Finds out which model asks, and says so if it ends soon.
    pub async fn prepare(&self, interviewer: &Interviewer) -> anyhow::Result<()> {
        let end = interviewer.prepare().await?;
        if let (Some(day), Identity::Model { model, host }) = (end, interviewer.identity()) {
            self.notice(&rust_i18n::t!(
                "connect.model_ends",
                locale = self.language.code(),
                model = model,
                host = host,
                day = day
            ));
        }
        Ok(())
    }

    /// Returns who asks, in the language of the interface.
    pub fn interviewer_name(&self, identity: &Identity) -> String {
        let locale = self.language.code();
        match (self.config.mode, identity) {
            (Mode::Server, _) => self.config.server.url.clone(),
            (_, Identity::QuestionBank) => {
                rust_i18n::t!("cli.question_bank", locale = locale).into()
            }
            (_, Identity::Model { model, host }) if model.is_empty() => host.clone(),
            (_, Identity::Model { model, host }) => {
                rust_i18n::t!("cli.model_at", locale = locale, model = model, host = host).into()
            }
        }
    }
}
