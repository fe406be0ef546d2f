//! The settings, in layers: option > environment > file > default.
//!
//! `config.example.toml` lists every key with its default; a test proves that it equals
//! [`Config::default`]. An empty text means "not set".

mod allowed;
mod defaults;
mod error;
mod home;
mod kinds;
mod layers;
mod model_server;
mod percent;
mod values;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use url::Url;

pub use allowed::Allowed;
pub use error::{ConfigError, Problem};
pub use home::{HomeError, expand_database, expand_home};
pub use kinds::{
    Channel, InterviewerEngine, LanguageChoice, LogTo, Mode, NarratorEngine, Registration,
    SpeechLanguage, StyleSample,
};
pub use layers::{Layers, Setting, UnknownVariable};
pub use model_server::{
    PRESETS, Preset, base_address, is_azure, key_variable, model_title, preset_at,
};
pub use percent::{OutOfRange, Percent, Rate, Volume};
pub use values::listen_address;

/// All settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub mode: Mode,
    /// The language of the interface.
    pub language: LanguageChoice,
    pub interview: InterviewConfig,
    /// The server of `mode = "server"`.
    pub server: ServerConfig,
    pub interviewer: InterviewerConfig,
    pub openai: OpenAiConfig,
    pub narrator: NarratorConfig,
    /// The settings of speech recognition.
    pub speech: SpeechConfig,
    pub audio: AudioConfig,
    /// The settings of the `serve` command and the embedded server.
    pub serve: ServeConfig,
}

/// The form of an interview.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InterviewConfig {
    /// The language of interviews; `auto` is that of the interface.
    pub language: LanguageChoice,
    /// The number of main questions.
    #[serde(deserialize_with = "values::questions")]
    pub questions: u32,
    /// Folders with the user's question banks, each with files `{en,ko}/*.toml`.
    pub question_folders: Vec<String>,
}

/// The server of `mode = "server"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    #[serde(deserialize_with = "values::http")]
    pub url: String,
}

/// The interviewer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InterviewerConfig {
    pub engine: InterviewerEngine,
}

/// The OpenAI-compatible endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenAiConfig {
    /// The address, or the name of a preset; OpenAI's own if empty.
    #[serde(deserialize_with = "model_server::deserialize")]
    pub base_url: String,
    /// The host that `OPENAI_API_KEY` goes to; OpenAI's own if empty.
    #[serde(deserialize_with = "model_server::deserialize")]
    pub key_host: String,
    /// The model that asks the questions; one of those the server lists if empty.
    pub model: String,
    /// The model that speaks, where `narrator.model` names none; one that the server lists if empty.
    pub speech_model: String,
    /// The voice of the speech model.
    pub voice: String,
}

/// The narrator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NarratorConfig {
    pub engine: NarratorEngine,
    /// The program and its arguments for `engine = "command"`.
    pub command: Vec<String>,
    /// The server for `engine = "openai"`, as in [`OpenAiConfig`]; OpenAI's if empty.
    #[serde(deserialize_with = "model_server::deserialize")]
    pub base_url: String,
    /// The speech model for `engine = "openai"`; one that the server lists if empty.
    pub model: String,
    pub volume: Volume,
    pub rate: Rate,
    /// The size in megabytes (10⁶ bytes) of the disk cache for the program's own sentences as speech;
    /// 0 turns it off.
    pub cache_megabytes: u32,
}

/// The settings of speech recognition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpeechConfig {
    /// The Whisper model: a file, or the name of an installed model; the best one installed if empty.
    pub model: String,
    /// The language that answers are spoken in.
    pub language: SpeechLanguage,
    /// The address to download models from; the place of publication if empty.
    #[serde(deserialize_with = "values::http_or_empty")]
    pub mirror: String,
    /// The number of threads; 0 is one for each physical core.
    pub threads: usize,
    pub style_sample: StyleSample,
    /// Whether the microphone stays open while an interview is on the screen.
    pub open_microphone: bool,
}

/// The microphone and the loudspeaker. An empty setting is the device chosen in the interface, else
/// the system's default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AudioConfig {
    /// The name of a microphone, or a part of it that no other has.
    pub microphone: String,
    pub microphone_channel: Channel,
    /// The name of a loudspeaker, or a part of it that no other has.
    pub speaker: String,
}

/// The settings of the `serve` command and the embedded server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServeConfig {
    /// The address and port to listen on.
    #[serde(deserialize_with = "values::listen")]
    pub listen: String,
    /// The database; `server.db` in the data folder if empty.
    pub database_url: String,
    /// The number of turns a user may take a day.
    #[serde(deserialize_with = "values::count")]
    pub daily_chat_limit: u32,
    pub registration: Registration,
    /// The number of accounts that may be created from one address within an hour; 0 for any number.
    #[serde(deserialize_with = "values::count")]
    pub registrations_per_hour: u32,
    /// The time zone whose midnight begins a new day, such as `Asia/Seoul`; the system's if empty.
    #[serde(deserialize_with = "values::time_zone")]
    pub time_zone: String,
    /// The origins whose web pages may call the API.
    pub allow_origins: Vec<String>,
    /// The number of days a login lasts; with 0 it lasts until logout.
    pub login_days: u32,
    /// The addresses or networks of reverse proxies whose headers about the client are trusted.
    pub trusted_proxies: Vec<String>,
    /// Whether a proxy terminates TLS, so that the server may listen beyond this computer.
    pub behind_tls: bool,
    pub log: LogTo,
    /// Whether other computers may read the metrics.
    pub open_metrics: bool,
}

impl OpenAiConfig {
    /// The public endpoint, used if only a key is set.
    pub const PUBLIC: &str = "https://api.openai.com/v1";

    /// Returns the address of the public endpoint.
    pub fn public() -> Url {
        Url::parse(Self::PUBLIC).expect("it is an address")
    }

    /// Returns the address of the endpoint.
    pub fn endpoint(&self) -> Result<Url, ConfigError> {
        let text = if self.base_url.is_empty() {
            Self::PUBLIC
        } else {
            &self.base_url
        };
        base_address(text)
            .ok_or_else(|| ConfigError::value("openai.base_url", text, &model_server::allowed()))
    }
}

impl NarratorConfig {
    /// Returns the address of the speech server, or `None` if none is set.
    pub fn endpoint(&self) -> Result<Option<Url>, ConfigError> {
        let text = &self.base_url;
        if text.is_empty() {
            return Ok(None);
        }
        let refused = || ConfigError::value("narrator.base_url", text, &model_server::allowed());
        base_address(text).map(Some).ok_or_else(refused)
    }
}

impl SpeechConfig {
    /// The place where the models are published; a mirror serves the same file names.
    pub const PUBLISHED: &str = "https://huggingface.co/ggerganov/whisper.cpp/resolve/main/";
}

impl Config {
    /// The example file, which documents every key.
    pub const EXAMPLE: &str = include_str!("../../config.example.toml");

    /// Refuses settings that do not fit together, whichever layers they came from, and replaces `~`
    /// in paths.
    pub fn check(self) -> Result<Self, ConfigError> {
        if self.narrator.engine == NarratorEngine::Command && self.narrator.command.is_empty() {
            return Err(ConfigError::value(
                "narrator.command",
                "[]",
                "a program and its arguments, since narrator.engine is \"command\"",
            ));
        }
        self.expand_homes()
    }

    /// Returns the address of the server of `mode = "server"`.
    pub fn server_url(&self) -> Result<Url, ConfigError> {
        http_url("server.url", &self.server.url)
    }

    /// Returns the time zone whose midnight begins a new day of `serve`.
    pub fn time_zone(&self) -> Result<TimeZone, ConfigError> {
        let name = &self.serve.time_zone;
        values::zone(name).ok_or_else(|| ConfigError::value("serve.time_zone", name, values::ZONE))
    }

    /// Returns the address to download models from.
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
