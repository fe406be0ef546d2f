//! The check of the settings, and the resources for the other checks, which run even if the
//! settings are wrong.

use rust_i18n::t;

use super::finding::Finding;
use crate::cli::config;
use crate::cli::context::settings;
use crate::cli::failure::{self, words_of};
use crate::cli::options::Options;
use crate::cli::{Context, Environment};
use crate::config::{ConfigError, Layers, UnknownVariable};
use crate::interview::Language;
use crate::paths::{Paths, shown};

const CHECK: &str = "settings";

/// The settings as they were found, and the resources made with them.
pub struct LoadedSettings {
    pub context: Context,
    pub finding: Finding,
    /// False if the resources are made with the defaults.
    pub are_right: bool,
}

/// Reads the settings. A wrong option is an error, as in every command; what else is wrong is
/// a finding.
pub fn load(options: Options, environment: Environment) -> anyhow::Result<LoadedSettings> {
    let mut options = options;
    // The findings say it already.
    options.common.general.quiet = true;
    let files = options.common.files.clone().or_from(&environment);
    let paths = Paths::new(files.config.as_deref(), files.data_dir.as_deref())?;
    let flags = options.settings();
    let language = failure::language(&options, &environment);
    let read = settings(&files, &flags, &environment, &paths)
        .map_err(anyhow::Error::from)
        .and_then(|(config, unknown)| config::check(&config).map(|()| (config, unknown)));
    let (config, outcome) = match read {
        Ok((config, unknown)) => (config, Ok(unknown)),
        Err(error) if is_option(&error) => return Err(error),
        Err(error) => (Layers::default().flags(&flags)?.build()?, Err(error)),
    };
    let are_right = outcome.is_ok();
    let finding = match outcome {
        Ok(unknown) => right(&paths, &unknown, language),
        Err(error) => wrong(&error, language),
    };
    let mut context = Context::with_config(config, paths, options, environment, false)?;
    context.language = language;
    Ok(LoadedSettings {
        context,
        finding,
        are_right,
    })
}

fn is_option(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(ConfigError::Setting { origin, .. }) if origin.starts_with("--")
    )
}

fn wrong(error: &anyhow::Error, language: Language) -> Finding {
    let remedy = t!("doctor.settings.remedy", locale = language.code());
    Finding::failed(CHECK, words_of(error, language), remedy)
}

fn right(paths: &Paths, unknown: &[UnknownVariable], language: Language) -> Finding {
    let locale = language.code();
    if !unknown.is_empty() {
        let names: Vec<&str> = unknown.iter().map(|one| one.name.as_str()).collect();
        let nearest: Vec<&str> = unknown
            .iter()
            .filter_map(|one| one.nearest.as_deref())
            .collect();
        let summary = t!(
            "doctor.settings.unknown",
            locale = locale,
            names = names.join(", ")
        );
        let remedy = if nearest.is_empty() {
            t!("doctor.settings.remove", locale = locale)
        } else {
            t!(
                "doctor.settings.rename",
                locale = locale,
                names = nearest.join(", ")
            )
        };
        return Finding::warning(CHECK, summary, remedy);
    }
    let file = shown(paths.config_file());
    let summary = if paths.config_file().exists() {
        t!("doctor.settings.file", locale = locale, file = file)
    } else {
        t!("doctor.settings.none", locale = locale, file = file)
    };
    Finding::ok(CHECK, summary)
}
