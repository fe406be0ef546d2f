//! Settings, layered: flag > environment > file > default.
//!
//! `config.example.toml` lists every key with its default; a test proves that it equals
//! [`Config::default`]. An empty text means "not set".

mod defaults;
mod error;
mod kinds;
mod layers;
mod percent;
mod values;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use url::Url;

pub use error::ConfigError;
pub use kinds::{
    Channel, InterviewerEngine, LanguageChoice, LogTo, Mode, NarratorEngine, SpeechLanguage,
    StyleSample,
};
pub use layers::{Layers, Setting};
pub use percent::{OutOfRange, Percent, Rate, Volume};
pub use values::listen_address;

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the interview runs.
    pub mode: Mode,
    /// Of the interface.
    pub language: LanguageChoice,
    /// How an interview is held.
    pub interview: InterviewConfig,
    /// The server of `mode = "server"`.
    pub server: ServerConfig,
    /// Who asks.
    pub interviewer: InterviewerConfig,
    /// The OpenAI-compatible endpoint.
    pub openai: OpenAiConfig,
    /// Who speaks.
    pub narrator: NarratorConfig,
    /// Speech recognition.
    pub speech: SpeechConfig,
    /// Microphone and loudspeaker.
    pub audio: AudioConfig,
    /// The bundled server.
    pub serve: ServeConfig,
}

/// How an interview is held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InterviewConfig {
    /// `auto`: the interface's.
    pub language: LanguageChoice,
    /// How many questions are put, follow-ups included.
    #[serde(deserialize_with = "values::questions")]
    pub questions: u32,
    /// Folders with own question banks: `{en,ko}/*.toml` in each.
    pub question_folders: Vec<String>,
}

/// The server of `mode = "server"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Its address.
    #[serde(deserialize_with = "values::http")]
    pub url: String,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InterviewerConfig {
    /// Which engine.
    pub engine: InterviewerEngine,
}

/// The OpenAI-compatible endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenAiConfig {
    /// Empty: OpenAI's own.
    #[serde(deserialize_with = "values::http_or_empty")]
    pub base_url: String,
    /// Writes.
    pub model: String,
    /// Speaks.
    pub speech_model: String,
    /// Of the speaking model.
    pub voice: String,
}

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NarratorConfig {
    /// Which engine.
    pub engine: NarratorEngine,
    /// Program and arguments for `engine = "command"`.
    pub command: Vec<String>,
    /// How loud.
    pub volume: Volume,
    /// How fast.
    pub rate: Rate,
    /// Most megabytes (10⁶ bytes) of the program's own lines kept on disk as speech; 0: none.
    pub cache_megabytes: u32,
}

/// Speech recognition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpeechConfig {
    /// Whisper model: a file, or the name of an installed one; empty: the best one installed.
    pub model: String,
    /// That answers are spoken in.
    pub language: SpeechLanguage,
    /// Where models are downloaded from; empty: where they are published.
    #[serde(deserialize_with = "values::http_or_empty")]
    pub mirror: String,
    /// Threads speech is recognised with; 0: one a physical core.
    pub threads: usize,
    /// Whether the model is shown a sample of the style to write in.
    pub style_sample: StyleSample,
    /// Whether the microphone is open as long as an interview is on the screen.
    pub open_microphone: bool,
}

/// Microphone and loudspeaker; what is empty is as chosen in the interface, else the system's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AudioConfig {
    /// Name of a microphone, or a part of it that only one has.
    pub microphone: String,
    /// Its channel.
    pub microphone_channel: Channel,
    /// Name of a loudspeaker, or a part of it that only one has.
    pub speaker: String,
}

/// The bundled server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServeConfig {
    /// Address and port.
    #[serde(deserialize_with = "values::listen")]
    pub listen: String,
    /// Empty: `server.db` in the data folder.
    pub database_url: String,
    /// Turns a user may take a day.
    #[serde(deserialize_with = "values::turns")]
    pub daily_chat_limit: u32,
    /// Whose midnight begins a new day, such as `Asia/Seoul`; empty: the system's.
    #[serde(deserialize_with = "values::time_zone")]
    pub time_zone: String,
    /// Web origins that may call it.
    pub allow_origins: Vec<String>,
    /// Days that a login lasts; 0: until it is ended.
    pub login_days: u32,
    /// Addresses or networks of reverse proxies that are believed what they say of a client.
    pub trusted_proxies: Vec<String>,
    /// It is reached through something that speaks TLS, and may listen beyond this machine.
    pub behind_tls: bool,
    /// Where its log goes.
    pub log: LogTo,
    /// Anybody may read its metrics; else its own machine alone.
    pub open_metrics: bool,
}

impl OpenAiConfig {
    /// The public endpoint, used when only a key is set.
    pub const PUBLIC: &str = "https://api.openai.com/v1";

    /// The endpoint to talk to.
    pub fn endpoint(&self) -> Result<Url, ConfigError> {
        let text = if self.base_url.is_empty() {
            Self::PUBLIC
        } else {
            &self.base_url
        };
        http_url("openai.base_url", text)
    }
}

impl SpeechConfig {
    /// Where the models are published; a mirror serves the same file names.
    pub const PUBLISHED: &str = "https://huggingface.co/ggerganov/whisper.cpp/resolve/main/";
}

impl Config {
    /// The example file, which documents every key.
    pub const EXAMPLE: &str = include_str!("../../config.example.toml");

    /// Refuses what does not go together, whichever layers it came from.
    pub fn check(self) -> Result<Self, ConfigError> {
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

    /// Whose midnight begins a new day of `serve`.
    pub fn time_zone(&self) -> Result<TimeZone, ConfigError> {
        let name = &self.serve.time_zone;
        values::zone(name).ok_or_else(|| ConfigError::value("serve.time_zone", name, values::ZONE))
    }

    /// Where models are downloaded from.
    pub fn mirror(&self) -> Result<Url, ConfigError> {
        let text = if self.speech.mirror.is_empty() {
            SpeechConfig::PUBLISHED
        } else {
            &self.speech.mirror
        };
        http_url("speech.mirror", text)
    }
}

fn http_url(key: &str, text: &str) -> Result<Url, ConfigError> {
    values::http_url(text).ok_or_else(|| ConfigError::value(key, text, values::HTTP))
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
    fn a_narrator_that_is_a_command_needs_one() {
        let mut config = Config::default();
        config.narrator.engine = NarratorEngine::Command;
        let message = config.check().unwrap_err().to_string();
        assert!(
            message.starts_with("narrator.command: \"[]\" cannot be used; allowed: a program"),
            "{message}"
        );
    }
}
