//! What every command works with, resolved once from flags, environment and settings.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use rust_i18n::t;
use secrecy::SecretString;

use super::Fail;
use super::errors::tell;
use super::options::{FileOptions, Options};
use crate::config::{Config, ConfigError, LanguageChoice, Layers, LogTo, Setting};
use crate::interview::Language;
use crate::interview::bank::Bank;
use crate::logging;
use crate::models;
use crate::paths::Paths;
use crate::preferences::Preferences;
use crate::secrets::{self, SecretStore};
use crate::sync::lock;
use crate::upstream;
use crate::voice::{DevicePreference, SharedDevicePreference};

/// The surroundings as `main` found them; nothing below reads them again.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// All variables.
    pub variables: Vec<(String, String)>,
    /// Standard input is a terminal.
    pub stdin_is_terminal: bool,
    /// Standard output is a terminal.
    pub stdout_is_terminal: bool,
}

impl Environment {
    /// Of this process.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self {
            variables: variables.collect(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
        }
    }

    /// A variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// What a service manager (systemd) hands over in a file that only this service can read; an empty one is none.
    fn credential(&self, name: &str) -> Option<String> {
        let file = PathBuf::from(self.variable("CREDENTIALS_DIRECTORY")?).join(name);
        let text = std::fs::read_to_string(file).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// By the POSIX order of precedence.
    fn language(&self) -> Language {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| self.variable(name));
        locale.map_or(Language::English, Language::of_locale)
    }
}

/// Resources of one run.
#[derive(Clone, Debug)]
pub struct Context {
    /// The settings.
    pub config: Config,
    /// The folders.
    pub paths: Paths,
    /// Remembered answers.
    pub preferences: Arc<Mutex<Preferences>>,
    /// Tokens and keys.
    pub secrets: Arc<dyn SecretStore>,
    /// For downloads; a server or an endpoint gets a client of its own.
    pub http: reqwest::Client,
    /// Questions.
    pub bank: Arc<Bank>,
    /// Of the interface.
    pub language: Language,
    /// Of interviews.
    pub interview_language: Language,
    /// Which microphone.
    pub microphone: SharedDevicePreference,
    /// Which loudspeaker.
    pub loudspeaker: SharedDevicePreference,
    /// Files instead of a microphone.
    pub mic_files: Vec<PathBuf>,
    /// A file instead of a loudspeaker.
    pub speaker_file: Option<PathBuf>,
    /// No network.
    pub offline: bool,
    /// The value of `--language`, if it was given.
    pub language_flag: Option<LanguageChoice>,
    /// Whether notices are left out.
    pub quiet: bool,
    /// The log, where libraries' standard error goes too.
    pub log: Option<Arc<std::fs::File>>,
    /// The surroundings.
    pub environment: Environment,
}

impl Context {
    /// Reads the settings and opens the log. The log of a server goes where `serve.log` says.
    pub fn new(
        options: Options,
        environment: Environment,
        logs_as_server: bool,
    ) -> anyhow::Result<Self> {
        let settings = options.settings();
        let general = options.common.general;
        let files = options.common.files.or_from(&environment);
        let paths = Paths::new(files.config.as_deref(), files.data_dir.as_deref())?;
        let config = self::settings(&files, &settings, &environment, &paths)?;
        let log = match config.serve.log {
            LogTo::Text | LogTo::Json if logs_as_server => {
                logging::to_stderr(config.serve.log == LogTo::Json, general.verbose)
                    .context("cannot log")?;
                None
            }
            _ => open_log(&paths, general.verbose, general.quiet),
        };
        let preferences = Preferences::load(&paths.preferences());
        let language = config.language.or(environment.language());
        if let Some(name) = &options.recognition.model {
            require_model(name, &paths, language)?;
        }
        let (microphone, loudspeaker) = devices(&config, &preferences);
        Ok(Self {
            bank: Arc::new(bank(&config)?),
            secrets: secret_store(&preferences, &paths),
            preferences: Arc::new(Mutex::new(preferences)),
            http: upstream::http_client().context("cannot set up HTTP")?,
            interview_language: config.interview.language.or(language),
            microphone: SharedDevicePreference::new(microphone),
            loudspeaker: SharedDevicePreference::new(loudspeaker),
            mic_files: options.microphone.mic_file,
            speaker_file: options.speaker.speaker_file,
            offline: options.network.offline,
            language_flag: general.language.map(|_| config.language),
            quiet: general.quiet,
            language,
            config,
            paths,
            log,
            environment,
        })
    }

    /// A line for people on standard error.
    pub fn notice(&self, text: &str) {
        if !self.quiet {
            tell(text);
        }
    }

    /// Runs `change` on the remembered answers.
    pub fn remember<T>(&self, change: impl FnOnce(&mut Preferences) -> T) -> T {
        change(&mut lock(&self.preferences))
    }

    /// Whether there is a key of the OpenAI-compatible endpoint, as far as can be told without asking the keyring.
    pub fn has_openai_key(&self) -> bool {
        let handed_over = self.environment.variable("OPENAI_API_KEY").is_some();
        handed_over
            || self.environment.credential("openai-key").is_some()
            || self.remember(|preferences| preferences.has_key("openai"))
    }

    /// That key: environment before keyring. The keyring is asked only if a key was put there, since it may be slow or
    /// want unlocking.
    pub fn openai_key(&self) -> Option<SecretString> {
        if let Some(key) = self.environment.variable("OPENAI_API_KEY") {
            return Some(SecretString::from(key));
        }
        if let Some(key) = self.environment.credential("openai-key") {
            return Some(SecretString::from(key));
        }
        if !self.has_openai_key() {
            return None;
        }
        match self.secrets.get(&secrets::openai_entry()) {
            Ok(key) => key,
            Err(error) => {
                self.notice(&format!("the OpenAI key cannot be read: {error}"));
                None
            }
        }
    }

    /// The same, with tokens and keys in a file from now on: the user's choice, which is remembered.
    pub fn keeping_secrets_in_a_file(&self) -> std::io::Result<Self> {
        self.remember(Preferences::keep_secrets_in_file)?;
        Ok(Self {
            secrets: Arc::new(secrets::FileStore::new(self.paths.secrets())),
            ..self.clone()
        })
    }

    /// Whether a person can be asked something.
    pub fn can_ask(&self) -> bool {
        self.environment.stdin_is_terminal && self.environment.stdout_is_terminal
    }
}

/// Returns the settings that result from every layer.
pub fn settings(
    files: &FileOptions,
    flags: &[Setting],
    environment: &Environment,
    paths: &Paths,
) -> Result<Config, ConfigError> {
    Layers::default()
        .file(paths.config_file(), files.config.is_some())?
        .environment(environment.variables.iter().cloned())?
        .flags(flags)?
        .build()
}

/// Refuses a `--model` that is neither a file nor an installed model.
fn require_model(name: &str, paths: &Paths, language: Language) -> Result<(), Fail> {
    let entries = models::list(&paths.models());
    let installed: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.has_file())
        .map(|entry| entry.name.as_str())
        .collect();
    if Path::new(name).exists() || installed.contains(&name) {
        return Ok(());
    }
    let locale = language.code();
    let message = if installed.is_empty() {
        t!("cli.no_such_model", locale = locale, name = name)
    } else {
        let installed = installed.join(", ");
        t!(
            "cli.no_such_model_but",
            locale = locale,
            name = name,
            installed = installed
        )
    };
    Err(Fail::Usage(message.into()))
}

/// Built-in and own questions. A bank of the user's that cannot be used is a wrong setting.
pub fn bank(config: &Config) -> Result<Bank, ConfigError> {
    let folders: Vec<PathBuf> = config
        .interview
        .question_folders
        .iter()
        .map(PathBuf::from)
        .collect();
    Bank::built_in()
        .with_folders(&folders)
        .map_err(|error| ConfigError::Setting {
            origin: "interview.question_folders".into(),
            reason: error.to_string(),
        })
}

/// The microphone and the loudspeaker of the settings, else those chosen in the interface. A remembered channel is one of
/// the remembered microphone.
fn devices(config: &Config, preferences: &Preferences) -> (DevicePreference, DevicePreference) {
    let (set, chosen) = (&config.audio, preferences.audio());
    let microphone = if set.microphone.is_empty() {
        DevicePreference {
            name: chosen.microphone.clone(),
            channel: set.microphone_channel.or(chosen.channel),
        }
    } else {
        DevicePreference {
            name: set.microphone.clone(),
            channel: set.microphone_channel,
        }
    };
    let speaker = if set.speaker.is_empty() {
        &chosen.speaker
    } else {
        &set.speaker
    };
    (
        microphone,
        DevicePreference {
            name: speaker.clone(),
            ..DevicePreference::default()
        },
    )
}

fn open_log(paths: &Paths, verbose: bool, quiet: bool) -> Option<Arc<std::fs::File>> {
    match logging::to_file(&paths.log(), verbose) {
        Ok(file) => Some(Arc::new(file)),
        Err(error) if !quiet => {
            tell(&format!(
                "nothing will be logged: {:#}",
                anyhow::Error::from(error)
            ));
            None
        }
        Err(_) => None,
    }
}

fn secret_store(preferences: &Preferences, paths: &Paths) -> Arc<dyn SecretStore> {
    if preferences.secrets_in_file() {
        Arc::new(secrets::FileStore::new(paths.secrets()))
    } else {
        Arc::new(secrets::KeyringStore::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Channel;
    use crate::preferences::SelectedDevices;

    #[test]
    fn a_credential_of_the_service_manager_is_read_from_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let variables = vec![(
            "CREDENTIALS_DIRECTORY".to_owned(),
            folder.path().display().to_string(),
        )];
        let environment = Environment {
            variables,
            ..Environment::default()
        };
        std::fs::write(folder.path().join("openai-key"), "").unwrap();
        assert_eq!(environment.credential("openai-key"), None);
        std::fs::write(folder.path().join("openai-key"), "sk-test\n").unwrap();
        assert_eq!(
            environment.credential("openai-key"),
            Some("sk-test".to_owned())
        );
        assert_eq!(environment.credential("another"), None);
    }

    #[test]
    fn a_device_of_the_settings_beats_a_remembered_one_and_its_channel() {
        let folder = tempfile::tempdir().unwrap();
        let mut preferences = Preferences::load(&folder.path().join("choices.toml"));
        let audio = SelectedDevices {
            microphone: "Desk".into(),
            channel: Channel::Only(2),
            speaker: "Headset".into(),
        };
        preferences.set_audio(audio).unwrap();
        let preference = |name: &str, channel| DevicePreference {
            name: name.into(),
            channel,
        };
        let mut config = Config::default();
        assert_eq!(
            devices(&config, &preferences),
            (
                preference("Desk", Channel::Only(2)),
                preference("Headset", Channel::Unset)
            )
        );
        config.audio.microphone_channel = Channel::Mix;
        assert_eq!(
            devices(&config, &preferences).0,
            preference("Desk", Channel::Mix)
        );
        config.audio.microphone = "Studio".into();
        config.audio.microphone_channel = Channel::Unset;
        config.audio.speaker = "Hall".into();
        assert_eq!(
            devices(&config, &preferences),
            (
                preference("Studio", Channel::Unset),
                preference("Hall", Channel::Unset)
            )
        );
    }
}
