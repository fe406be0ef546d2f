//! Who asks: decided without reading a key, which a keyring may take its time to give, and made with it.

use anyhow::Context as _;

use super::{Context, Fail};
use crate::config::{InterviewerEngine, Mode};
use crate::interviewer::openai::OpenAiInterviewer;
use crate::interviewer::{Identity, Interviewer};
use crate::upstream;

/// Who is to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asking {
    /// The question bank.
    Bank,
    /// The endpoint.
    Endpoint(Endpoint),
    /// The question bank, until the user agrees that answers go to the endpoint.
    BankUnless(Endpoint),
}

/// An OpenAI-compatible endpoint as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Such as `gpt-4o-mini`.
    pub model: String,
    /// Where the answers would go.
    pub host: String,
}

impl Asking {
    /// Who asks at first.
    pub fn identity(&self) -> Identity {
        match self {
            Self::Bank | Self::BankUnless(_) => Identity::QuestionBank,
            Self::Endpoint(Endpoint { model, host }) => Identity::Model {
                model: model.clone(),
                host: host.clone(),
            },
        }
    }

    /// The endpoint that the user was not asked about yet.
    pub fn pending(&self) -> Option<&Endpoint> {
        match self {
            Self::BankUnless(endpoint) => Some(endpoint),
            Self::Bank | Self::Endpoint(_) => None,
        }
    }
}

impl Context {
    /// Who asks in the mode's interviews.
    pub fn asking(&self) -> anyhow::Result<Asking> {
        // A server asks by itself: there is nothing to agree to.
        if self.config.mode == Mode::Server {
            Ok(Asking::Bank)
        } else {
            self.asking_here()
        }
    }

    /// Who asks in this process: `auto` takes the endpoint only with the user's remembered consent.
    fn asking_here(&self) -> anyhow::Result<Asking> {
        Ok(match self.config.interviewer.engine {
            InterviewerEngine::Offline => Asking::Bank,
            InterviewerEngine::OpenAi if self.offline => {
                return Err(Fail::Usage(
                    "--offline: interviewer \"openai\" needs the network".into(),
                )
                .into());
            }
            InterviewerEngine::OpenAi => Asking::Endpoint(self.endpoint()?),
            InterviewerEngine::Auto if self.offline || !self.has_endpoint() => Asking::Bank,
            InterviewerEngine::Auto => {
                let endpoint = self.endpoint()?;
                match self.remember(|preferences| preferences.consent(&endpoint.host)) {
                    Some(true) => Asking::Endpoint(endpoint),
                    Some(false) => Asking::Bank,
                    None => Asking::BankUnless(endpoint),
                }
            }
        })
    }

    /// A key or an address of the user's own is set.
    fn has_endpoint(&self) -> bool {
        self.has_openai_key() || !self.config.openai.base_url.is_empty()
    }

    fn endpoint(&self) -> anyhow::Result<Endpoint> {
        let host = upstream::host_of(&self.config.openai.endpoint()?);
        Ok(Endpoint {
            model: self.config.openai.model.clone(),
            host,
        })
    }

    /// The interviewer that asks at first.
    pub fn interviewer(&self, asking: &Asking) -> anyhow::Result<Interviewer> {
        match asking {
            Asking::Bank | Asking::BankUnless(_) => {
                Ok(Interviewer::question_bank(self.bank.clone()))
            }
            Asking::Endpoint(_) => self.openai(),
        }
    }

    /// The endpoint as interviewer. Reads the key, which may take as long as a keyring does.
    pub fn openai(&self) -> anyhow::Result<Interviewer> {
        let endpoint = self.config.openai.endpoint()?;
        let openai = OpenAiInterviewer::new(
            endpoint,
            self.openai_key(),
            self.config.openai.model.clone(),
        );
        Ok(Interviewer::OpenAi(openai.context("cannot set up HTTP")?))
    }

    /// Who asks where nobody can be asked for consent: the question bank, and it says so.
    pub fn asking_unattended(&self) -> anyhow::Result<Interviewer> {
        self.unattended(&self.asking()?)
    }

    /// Who asks those whom `serve` serves, wherever this user's own interviews run.
    #[cfg(feature = "server")]
    pub fn asking_as_server(&self) -> anyhow::Result<Interviewer> {
        self.unattended(&self.asking_here()?)
    }

    fn unattended(&self, asking: &Asking) -> anyhow::Result<Interviewer> {
        if let Some(Endpoint { model, host }) = asking.pending() {
            self.notice(&rust_i18n::t!(
                "cli.stays_offline",
                locale = self.language.code(),
                model = model,
                host = host
            ));
        }
        self.interviewer(asking)
    }

    /// Who asks, in words.
    pub fn asks(&self, identity: &Identity) -> String {
        let locale = self.language.code();
        match (self.config.mode, identity) {
            (Mode::Server, _) => self.config.server.url.clone(),
            (_, Identity::QuestionBank) => {
                rust_i18n::t!("cli.question_bank", locale = locale).into()
            }
            (_, Identity::Model { model, host }) => {
                rust_i18n::t!("cli.model_at", locale = locale, model = model, host = host).into()
            }
        }
    }
}
