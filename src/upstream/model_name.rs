//! The name of the model: the one of the settings, or one chosen from the server's list.

use std::sync::Arc;

use jiff::civil::Date;
use tokio::sync::OnceCell;

use super::model_endpoint::ModelEndpoint;
use super::model_list::{self, LIST_TIMEOUT, ListedModel};
use super::{Flaw, UpstreamError, model_choice};

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Chat,
    Speech,
}

/// The name of a model. Clones share the choice.
#[derive(Clone, Debug)]
pub struct ModelName {
    purpose: Purpose,
    /// The name in the settings; empty if they leave the choice to the program.
    configured: String,
    chosen: Arc<OnceCell<String>>,
}

impl ModelName {
    /// Creates the name from the setting, which may be empty.
    pub fn new(purpose: Purpose, configured: String) -> Self {
        Self {
            purpose,
            configured,
            chosen: Arc::default(),
        }
    }

    /// Returns the name, or an empty text if none has been chosen yet.
    pub fn known(&self) -> &str {
        if self.configured.is_empty() {
            self.chosen.get().map_or("", String::as_str)
        } else {
            &self.configured
        }
    }

    /// Returns the name, which may have to be chosen from the server's list first.
    pub async fn resolve(&self, endpoint: &ModelEndpoint) -> Result<&str, UpstreamError> {
        if self.configured.is_empty() {
            self.chosen
                .get_or_try_init(|| self.purpose.choose(endpoint))
                .await
                .map(String::as_str)
        } else {
            Ok(&self.configured)
        }
    }

    /// Returns `error` with the models that the server has, if it may mean that it lacks this one.
    pub async fn explain(&self, error: UpstreamError, endpoint: &ModelEndpoint) -> UpstreamError {
        let UpstreamError::Refused { status, message } = &error else {
            return error;
        };
        let is_about_the_model = message.to_lowercase().contains("model");
        if !(*status == 404 || *status == 400 && is_about_the_model) {
            return error;
        }
        let Ok(models) = model_list::fetch(endpoint, LIST_TIMEOUT).await else {
            return error;
        };
        if models.is_empty() || model_choice::has_model(&models, self.known()) {
            return error;
        }
        UpstreamError::Refused {
            status: *status,
            message: format!(
                "{message}. It has: {}. Set {} to one of them, or to nothing",
                model_choice::names(&models),
                self.purpose.setting()
            ),
        }
    }
}

impl Purpose {
    /// Returns the setting that names a model for this purpose.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Chat => "openai.model",
            Self::Speech => "narrator.model",
        }
    }

    /// Returns the model of a list that suits the purpose.
    pub fn choice(self, models: &[ListedModel], today: Date) -> Option<&str> {
        match self {
            Self::Chat => model_choice::chat_model(models, today),
            Self::Speech => model_choice::speech_model(models, today),
        }
    }

    async fn choose(self, endpoint: &ModelEndpoint) -> Result<String, UpstreamError> {
        let models = model_list::fetch(endpoint, LIST_TIMEOUT)
            .await
            .map_err(|error| self.without_list(error))?;
        let choice = self.choice(&models, today()).map(str::to_owned);
        choice.ok_or_else(|| UpstreamError::Unusable(self.no_model(&models)))
    }

    fn no_model(self, models: &[ListedModel]) -> Flaw {
        let setting = self.setting();
        let does = match self {
            Self::Chat => "holds interviews",
            Self::Speech => "speaks",
        };
        if models.is_empty() {
            return Flaw::NoModel { setting };
        }
        let names = model_choice::names(models);
        format!("none of its models {does} by its name ({names}); set {setting}").into()
    }

    /// Adds the remedy to the error of a list. Errors that pass stay as they are.
    fn without_list(self, error: UpstreamError) -> UpstreamError {
        let setting = self.setting();
        let with_remedy =
            |message| format!("set {setting}, since its models cannot be listed: {message}");
        match error {
            UpstreamError::Refused { status, message } => UpstreamError::Refused {
                status,
                message: with_remedy(message),
            },
            UpstreamError::Unusable(flaw) => {
                UpstreamError::Unusable(with_remedy(flaw.to_string()).into())
            }
            other => other,
        }
    }
}

/// Returns the day on which a model is chosen.
pub fn today() -> Date {
    jiff::Zoned::now().date()
}
