//! The resources of every command, resolved once from options, environment and settings.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::Context as _;
use rust_i18n::t;

use super::CommandError;
use super::environment::Environment;
use super::options::{FileOptions, Options};
use super::output::print_notice;
use crate::config::{Config, ConfigError, LanguageChoice, Layers, LogTo, Setting, UnknownVariable};
use crate::interview::Language;
use crate::interview::bank::Bank;
use crate::logging;
use crate::models;
use crate::paths::Paths;
use crate::preferences::Preferences;
use crate::runtime::wording;
use crate::secrets::{self, SecretStore};
use crate::sync::lock;
use crate::upstream;
use crate::voice::{DevicePreference, SharedDevicePreference};

/// The resources of one run.
#[derive(Clone, Debug)]
pub struct Context {
    pub config: Config,
    pub paths: Paths,
    /// The answers the user was asked for once.
    pub preferences: Arc<Mutex<Preferences>>,
    /// The store of tokens and keys.
    pub secrets: Arc<dyn SecretStore>,
    /// The HTTP client of the connector; downloads and model endpoints have their own.
    pub http: reqwest::Client,
    pub bank: Arc<Bank>,
    /// The language of the interface.
    pub language: Language,
    pub interview_language: Language,
    pub microphone: SharedDevicePreference,
    pub loudspeaker: SharedDevicePreference,
    /// The files to play instead of recording.
    pub mic_files: Vec<PathBuf>,
    /// The file to write speech to instead of playing it.
    pub speaker_file: Option<PathBuf>,
    pub offline: bool,
    /// The value of `--language`, if it was given.
    pub language_flag: Option<LanguageChoice>,
    /// Whether notices are left out.
    pub quiet: bool,
    /// The log file, to which the standard error of libraries goes as well.
    pub log: Option<Arc<std::fs::File>>,
    pub environment: Environment,
}

impl Context {
    /// Reads the settings and opens the log. The log of a server goes where `serve.log` says.
    pub fn new(
        options: Options,
        environment: Environment,
        logs_as_server: bool,
    ) -> anyhow::Result<Self> {
        let files = options.common.files.clone().or_from(&environment);
        let paths = Paths::new(files.config.as_deref(), files.data_dir.as_deref())?;
        let (config, unknown) = settings(&files, &options.settings(), &environment, &paths)?;
        if !options.common.general.quiet {
            warn_of_unknown(&unknown, config.language.or(environment.language()));
        }
        Self::with_config(config, paths, options, environment, logs_as_server)
    }

    /// Creates the resources for settings that were read already.
    pub fn with_config(
        config: Config,
        paths: Paths,
        options: Options,
        environment: Environment,
        logs_as_server: bool,
    ) -> anyhow::Result<Self> {
        let general = options.common.general;
        let language = config.language.or(environment.language());
        let log = match config.serve.log {
            LogTo::Text | LogTo::Json if logs_as_server => {
                logging::to_stderr(config.serve.log == LogTo::Json, general.verbose)
                    .with_context(|| t!("cli.cannot_log", locale = language.code()))?;
                None
            }
            _ => open_log(&paths, general.verbose, general.quiet, language),
        };
        let preferences = Preferences::load(&paths.preferences());
        if options.recognition.model.is_some() {
            require_model(&config.speech.model, &paths, language)?;
        }
        let (microphone, loudspeaker) = devices(&config, &preferences);
        Ok(Self {
            bank: Arc::new(bank(&config)?),
            secrets: secret_store(&preferences, &paths),
            preferences: Arc::new(Mutex::new(preferences)),
            http: upstream::http_client()
                .with_context(|| t!("cli.no_http", locale = language.code()))?,
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

    /// Writes a notice to standard error, unless --quiet was given.
    pub fn notice(&self, text: &str) {
        if !self.quiet {
            print_notice(text);
        }
    }

    /// Runs `work` on the preferences and returns its result.
    pub fn with_preferences<T>(&self, work: impl FnOnce(&mut Preferences) -> T) -> T {
        work(&mut lock(&self.preferences))
    }

    /// Returns the context with tokens and keys in a file, and remembers that choice.
    pub fn with_secrets_in_file(&self) -> std::io::Result<Self> {
        self.with_preferences(Preferences::keep_secrets_in_file)?;
        Ok(Self {
            secrets: Arc::new(secrets::FileStore::new(self.paths.secrets())),
            ..self.clone()
        })
    }

    /// Returns whether a person is there to answer questions.
    pub fn can_ask(&self) -> bool {
        self.environment.stdin_is_terminal && self.environment.stdout_is_terminal
    }
}

/// Returns the settings that result from every layer, and the variables that look like settings but
/// are none.
pub fn settings(
    files: &FileOptions,
    flags: &[Setting],
    environment: &Environment,
    paths: &Paths,
) -> Result<(Config, Vec<UnknownVariable>), ConfigError> {
    let layers = Layers::default()
        .file(paths.config_file(), files.config.is_some())?
        .environment(environment.variables.iter().cloned())?
        .flags(flags)?;
    let unknown = layers.unknown_variables().to_vec();
    Ok((layers.build()?, unknown))
}

/// Says on standard error that variables were ignored, and which ones were probably meant.
pub fn warn_of_unknown(variables: &[UnknownVariable], language: Language) {
    let locale = language.code();
    for UnknownVariable { name, nearest } in variables {
        let warning = if let Some(nearest) = nearest {
            t!(
                "cli.unknown_variable_but",
                locale = locale,
                name = name,
                nearest = nearest
            )
        } else {
            t!("cli.unknown_variable", locale = locale, name = name)
        };
        print_notice(&warning);
    }
}

/// Refuses a `--model` that is neither a file nor an installed model.
fn require_model(name: &str, paths: &Paths, language: Language) -> Result<(), CommandError> {
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
    Err(CommandError::Usage(message.into()))
}

/// Returns the built-in question bank with the user's own. A folder that cannot be used is a wrong
/// setting.
pub fn bank(config: &Config) -> Result<Bank, ConfigError> {
    let folders: Vec<PathBuf> = config
        .interview
        .question_folders
        .iter()
        .map(PathBuf::from)
        .collect();
    Bank::built_in()
        .with_folders(&folders)
        .map_err(ConfigError::Questions)
}

/// Returns the microphone and the loudspeaker of the settings, else those chosen in the interface. A
/// remembered channel belongs to the remembered microphone.
fn devices(config: &Config, preferences: &Preferences) -> (DevicePreference, DevicePreference) {
    let set = &config.audio;
    let chosen = preferences.audio();
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

fn open_log(
    paths: &Paths,
    verbose: bool,
    quiet: bool,
    language: Language,
) -> Option<Arc<std::fs::File>> {
    match logging::to_file(&paths.log(), verbose) {
        Ok(file) => Some(Arc::new(file)),
        Err(error) if !quiet => {
            let reason = wording::of(&error, language);
            print_notice(&t!("cli.no_log", locale = language.code(), reason = reason));
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
