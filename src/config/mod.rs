//! Settings, layered: flag > environment > file > default.
//!
//! `config.example.toml` lists every key with its default; a test proves that it equals
//! [`Config::default`]. An empty text means "not set".

mod kinds;
mod layers;

use serde::{Deserialize, Serialize};
use url::Url;

pub use kinds::{InterviewerEngine, LanguageChoice, Mode, NarratorEngine, SpeechLanguage};
pub use layers::{ConfigError, Layers, Setting};

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the interview runs.
    pub mode: Mode,
    /// Of the interface.
    pub language: LanguageChoice,
    /// How an interview is held.
    pub interview: Interview,
    /// The server of `mode = "server"`.
    pub server: Server,
    /// Who asks.
    pub interviewer: Interviewer,
    /// The OpenAI-compatible endpoint.
    pub openai: OpenAi,
    /// Who speaks.
    pub narrator: Narrator,
    /// Speech recognition.
    pub speech: Speech,
    /// The bundled server.
    pub serve: Serve,
}

/// How an interview is held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Interview {
    /// `auto`: the interface's.
    pub language: LanguageChoice,
    /// How many questions are put, follow-ups included.
    pub questions: u32,
    /// Folders with own question banks: `{en,ko}/*.toml` in each.
    pub question_folders: Vec<String>,
}

/// The server of `mode = "server"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Its address.
    pub url: String,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Interviewer {
    /// Which engine.
    pub engine: InterviewerEngine,
}

/// The OpenAI-compatible endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenAi {
    /// Empty: OpenAI's own.
    pub base_url: String,
    /// Writes.
    pub model: String,
    /// Speaks.
    pub speech_model: String,
    /// Of the speaking model.
    pub voice: String,
}

/// Who speaks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Narrator {
    /// Which engine.
    pub engine: NarratorEngine,
    /// Program and arguments for `engine = "command"`.
    pub command: Vec<String>,
}

/// Speech recognition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Speech {
    /// Whisper model: a file, or the name of an installed one; empty: the best one installed.
    pub model: String,
    /// That answers are spoken in.
    pub language: SpeechLanguage,
    /// Where models are downloaded from; empty: where they are published.
    pub mirror: String,
}

/// The bundled server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Serve {
    /// Address and port.
    pub listen: String,
    /// Empty: `server.db` in the data folder.
    pub database_url: String,
    /// Turns a user may take a day.
    pub daily_chat_limit: u32,
    /// Web origins that may call it.
    pub allow_origins: Vec<String>,
}

impl Default for Interview {
    fn default() -> Self {
        Self { language: LanguageChoice::Auto, questions: 5, question_folders: vec![] }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self { url: "http://127.0.0.1:8000".into() }
    }
}

impl OpenAi {
    /// The public endpoint, used when only a key is set.
    pub const PUBLIC: &str = "https://api.openai.com/v1";

    /// The endpoint to talk to.
    pub fn endpoint(&self) -> Result<Url, ConfigError> {
        let text = if self.base_url.is_empty() { Self::PUBLIC } else { &self.base_url };
        http_url("openai.base_url", text)
    }
}

impl Default for OpenAi {
    fn default() -> Self {
        Self {
            base_url: String::new(),
            model: "gpt-4o-mini".into(),
            speech_model: "gpt-4o-mini-tts".into(),
            voice: "alloy".into(),
        }
    }
}

impl Speech {
    /// Where the models are published; a mirror serves the same file names.
    pub const PUBLISHED: &str = "https://huggingface.co/ggerganov/whisper.cpp/resolve/main/";
}

impl Default for Speech {
    fn default() -> Self {
        Self { model: String::new(), language: SpeechLanguage::Interview, mirror: Self::PUBLISHED.into() }
    }
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8000".into(),
            database_url: String::new(),
            daily_chat_limit: 6,
            allow_origins: vec![],
        }
    }
}

impl Config {
    /// The example file, which documents every key.
    pub const EXAMPLE: &str = include_str!("../../config.example.toml");

    /// Refuses values that are well-typed but of no use.
    pub fn check(self) -> Result<Self, ConfigError> {
        http_url("server.url", &self.server.url)?;
        self.mirror()?;
        self.openai.endpoint()?;
        if !(1..=50).contains(&self.interview.questions) {
            return Err(ConfigError::value(
                "interview.questions",
                &self.interview.questions.to_string(),
                "a number from 1 to 50",
            ));
        }
        if self.narrator.engine == NarratorEngine::Command && self.narrator.command.is_empty() {
            return Err(ConfigError::value(
                "narrator.command",
                "[]",
                "a program and its arguments, since narrator.engine is \"command\"",
            ));
        }
        Ok(self)
    }

    /// The server of `mode = "server"`.
    pub fn server_url(&self) -> Result<Url, ConfigError> {
        http_url("server.url", &self.server.url)
    }

    /// Where models are downloaded from.
    pub fn mirror(&self) -> Result<Url, ConfigError> {
        let text = if self.speech.mirror.is_empty() { Speech::PUBLISHED } else { &self.speech.mirror };
        http_url("speech.mirror", text)
    }
}

fn http_url(key: &str, text: &str) -> Result<Url, ConfigError> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(url),
        _ => Err(ConfigError::value(key, text, "an http:// or https:// address")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn example_file_equals_the_defaults() {
        let example: Config = toml::from_str(Config::EXAMPLE).unwrap();
        assert_eq!(example, Config::default());
    }

    #[test]
    fn example_file_lists_every_key() {
        let example: toml::Table = toml::from_str(Config::EXAMPLE).unwrap();
        let default = toml::Table::try_from(Config::default()).unwrap();
        assert_eq!(layers::leaves(&example), layers::leaves(&default));
    }

    #[test]
    fn values_of_no_use_are_refused_with_what_is_allowed() {
        let mut config = Config::default();
        config.interview.questions = 0;
        let message = config.check().unwrap_err().to_string();
        assert_eq!(message, "interview.questions: \"0\" cannot be used; allowed: a number from 1 to 50");
    }
}
