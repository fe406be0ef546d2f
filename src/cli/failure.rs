//! The language and the words of failures, which may come before the settings could be read.

use std::path::Path;

use toml::{Table, Value};

use super::environment::Environment;
use super::options::Options;
use crate::config::LanguageChoice;
use crate::interview::Language;
use crate::paths::Paths;
use crate::runtime::wording;

/// Returns an error with its causes on one line, in the user's language.
pub fn words_of(error: &anyhow::Error, language: Language) -> String {
    wording::of(error.as_ref(), language)
}

/// Returns the language of the interface, whatever else is wrong with the settings.
pub fn language(options: &Options, environment: &Environment) -> Language {
    let flag = options.common.general.language.clone();
    let variable = || environment.variable("MOCK_INTERVIEWER_LANGUAGE");
    let named = flag.or_else(|| variable().map(str::to_owned));
    let choice = named.map(Value::String).or_else(|| {
        let files = options.common.files.clone().or_from(environment);
        let paths = Paths::new(files.config.as_deref(), files.data_dir.as_deref()).ok()?;
        in_file(paths.config_file())
    });
    let choice = choice.and_then(|value| value.try_into().ok());
    choice
        .unwrap_or(LanguageChoice::Auto)
        .or(environment.language())
}

fn in_file(file: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(file).ok()?;
    let mut settings: Table = text.parse().ok()?;
    settings.remove("language")
}
