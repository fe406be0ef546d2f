//! The layers of the settings: option over environment over file over default. Each error names the
//! origin of the value.

use std::path::Path;

use toml::{Table, Value};

use super::{Config, ConfigError};

/// The prefix of environment variables that set something.
pub const PREFIX: &str = "MOCK_INTERVIEWER_";

/// The variables with the prefix that are not settings: the program reads the first two before any
/// settings, and the test suite's scripts set the others.
const NOT_SETTINGS: [&str; 4] = ["CONFIG", "DATA_DIR", "TEST_SOUND", "TEST_KEYRING"];

/// One value from an option or an environment variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The dotted name, such as `server.url`.
    pub key: String,
    pub text: String,
    /// The option or variable, such as `--server-url` or `MOCK_INTERVIEWER_SERVER_URL`.
    pub origin: String,
}

/// The settings of the layers merged so far, lowest first.
#[derive(Debug)]
pub struct Layers {
    table: Table,
}

impl Default for Layers {
    fn default() -> Self {
        Self { table: defaults() }
    }
}

impl Layers {
    /// Adds a file. It may be missing unless `must_exist` is set.
    pub fn file(self, path: &Path, must_exist: bool) -> Result<Self, ConfigError> {
        match std::fs::read_to_string(path) {
            Ok(text) => self.text(path, &text),
            Err(source) if source.kind() == std::io::ErrorKind::NotFound && !must_exist => Ok(self),
            Err(source) => Err(ConfigError::Unreadable {
                path: path.into(),
                source,
            }),
        }
    }

    /// Adds the text of a file; `path` names it in errors.
    pub fn text(mut self, path: &Path, text: &str) -> Result<Self, ConfigError> {
        toml::from_str::<Config>(text).map_err(|error| at_line(path, text, &error))?;
        let table: Table = toml::from_str(text).map_err(|error| at_line(path, text, &error))?;
        merge(&mut self.table, table);
        Ok(self)
    }

    /// Adds the `MOCK_INTERVIEWER_*` variables; an unknown one is refused.
    pub fn environment(
        self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let keys = leaves(&defaults());
        let mut layers = self;
        for (origin, text) in variables {
            let Some(name) = origin
                .strip_prefix(PREFIX)
                .filter(|name| !NOT_SETTINGS.contains(name))
            else {
                continue;
            };
            let key = keys
                .iter()
                .find(|key| variable_name(key) == name)
                .ok_or_else(|| unknown_variable(&origin, &keys))?;
            layers = layers.setting(&Setting {
                key: key.clone(),
                text,
                origin,
            })?;
        }
        Ok(layers)
    }

    /// Adds the options of the command line.
    pub fn flags(self, settings: &[Setting]) -> Result<Self, ConfigError> {
        settings.iter().try_fold(self, Self::setting)
    }

    fn setting(mut self, setting: &Setting) -> Result<Self, ConfigError> {
        let refuse = |reason: String| ConfigError::Setting {
            origin: setting.origin.clone(),
            reason,
        };
        // The type is the default's: the value to replace may have another type that is allowed.
        let default = value_at(&mut defaults(), &setting.key).clone();
        *value_at(&mut self.table, &setting.key) =
            parse_like(&default, &setting.text).map_err(refuse)?;
        self.table
            .clone()
            .try_into::<Config>()
            .map_err(|error| refuse(error.message().to_owned()))?;
        Ok(self)
    }

    /// Returns the merged settings.
    pub fn build(self) -> Result<Config, ConfigError> {
        let config: Config = self
            .table
            .try_into()
            .expect("each layer was checked when it was added");
        config.check()
    }
}

fn defaults() -> Table {
    Table::try_from(Config::default()).expect("the defaults are plain tables")
}

fn variable_name(key: &str) -> String {
    key.replace('.', "_").to_uppercase()
}

fn unknown_variable(origin: &str, keys: &[String]) -> ConfigError {
    let names: Vec<String> = keys
        .iter()
        .map(|key| format!("{PREFIX}{}", variable_name(key)))
        .collect();
    ConfigError::Setting {
        origin: origin.into(),
        reason: format!("no such setting; allowed: {}", names.join(", ")),
    }
}

/// Returns the dotted names of all values in a table, sorted.
pub(super) fn leaves(table: &Table) -> Vec<String> {
    let mut names: Vec<String> = table
        .iter()
        .flat_map(|(key, value)| match value {
            Value::Table(inner) => leaves(inner)
                .into_iter()
                .map(|rest| format!("{key}.{rest}"))
                .collect(),
            _ => vec![key.clone()],
        })
        .collect();
    names.sort();
    names
}

fn merge(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

fn value_at<'t>(table: &'t mut Table, key: &str) -> &'t mut Value {
    let (first, rest) = key
        .split_once('.')
        .map_or((key, None), |(first, rest)| (first, Some(rest)));
    let value = table.get_mut(first).expect("keys come from the defaults");
    match (rest, value) {
        (Some(rest), Value::Table(inner)) => value_at(inner, rest),
        (_, value) => value,
    }
}

/// Parses text as a value of the default's type. The items of a list are separated by commas.
fn parse_like(default: &Value, text: &str) -> Result<Value, String> {
    let list = || {
        text.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| Value::String(item.into()))
    };
    match default {
        Value::Integer(_) => text
            .trim()
            .parse()
            .map(Value::Integer)
            .map_err(|_| format!("{text:?} is not a whole number")),
        Value::Boolean(_) => text
            .trim()
            .parse()
            .map(Value::Boolean)
            .map_err(|_| format!("{text:?} is not true or false")),
        Value::Array(_) => Ok(Value::Array(list().collect())),
        _ => Ok(Value::String(text.to_owned())),
    }
}

fn at_line(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let key = text
        .lines()
        .nth(line - 1)
        .and_then(|line| line.split('=').next())
        .unwrap_or_default()
        .trim();
    ConfigError::File {
        path: path.into(),
        line,
        key: key.into(),
        reason: error.message().replace('\n', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Channel, LanguageChoice, Mode};
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> std::vec::IntoIter<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<Vec<_>>()
            .into_iter()
    }

    #[test]
    fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
        let flag = Setting {
            key: "interview.questions".into(),
            text: "4".into(),
            origin: "--questions".into(),
        };
        let layers = Layers::default()
            .text(
                Path::new("c.toml"),
                "mode = \"server\"\nlanguage = \"ko\"\n[interview]\nquestions = 2",
            )
            .and_then(|layers| {
                layers.environment(variables(&[
                    ("MOCK_INTERVIEWER_LANGUAGE", "en"),
                    ("MOCK_INTERVIEWER_INTERVIEW_QUESTIONS", "3"),
                ]))
            })
            .and_then(|layers| layers.flags(&[flag]));
        let config = layers.unwrap().build().unwrap();
        assert_eq!(
            (config.mode, config.language, config.interview.questions),
            (Mode::Server, LanguageChoice::En, 4)
        );
        assert_eq!(config.serve.daily_chat_limit, 6);
    }

    #[test]
    fn a_channel_is_a_number_or_a_word_in_the_file_and_in_the_environment() {
        let channel = |file: &str, variable: &str| {
            let layers = Layers::default().text(Path::new("c.toml"), file).unwrap();
            let layers = layers.environment(variables(&[(
                "MOCK_INTERVIEWER_AUDIO_MICROPHONE_CHANNEL",
                variable,
            )]));
            layers
                .map(|layers| layers.build().unwrap().audio.microphone_channel)
                .map_err(|error| error.to_string())
        };
        let number = "[audio]\nmicrophone_channel = 3";
        assert_eq!(
            Layers::default()
                .text(Path::new("c.toml"), number)
                .unwrap()
                .build()
                .unwrap()
                .audio
                .microphone_channel,
            Channel::Only(3)
        );
        assert_eq!(channel(number, "mix"), Ok(Channel::Mix));
        assert_eq!(
            channel("[audio]\nmicrophone_channel = \"mix\"", "2"),
            Ok(Channel::Only(2))
        );
        assert_eq!(channel(number, ""), Ok(Channel::Unset));
        let wrong = "MOCK_INTERVIEWER_AUDIO_MICROPHONE_CHANNEL: invalid value: string \"left\", expected \"mix\" or the number of a channel, from 1";
        assert_eq!(channel("", "left"), Err(wrong.to_owned()));
    }

    #[test]
    fn a_wrong_line_is_named_with_its_key_and_what_is_allowed() {
        for (text, expected) in [
            (
                "mode = \"local\"\n[interview]\nquestion = 3",
                "c.toml:3: question: unknown field `question`, expected one of `language`, `questions`, `question_folders`",
            ),
            (
                "mode = \"cloud\"",
                "c.toml:1: mode: unknown variant `cloud`, expected one of `local`, `server`, `embedded`",
            ),
            (
                "\n[serve]\ndaily_chat_limit = \"six\"",
                "c.toml:3: daily_chat_limit: invalid type: string \"six\", expected a whole number from 0 to 4294967295",
            ),
            (
                "[interview]\nquestions = 0",
                "c.toml:2: questions: invalid value: integer `0`, expected a whole number from 1 to 50",
            ),
            (
                "[server]\nurl = \"practice.example\"",
                "c.toml:2: url: \"practice.example\" cannot be used; allowed: an http:// or https:// address",
            ),
            (
                "[serve]\nlisten = \"8000\"",
                "c.toml:2: listen: \"8000\" cannot be used; allowed: an address and a port, such as 127.0.0.1:8000",
            ),
            (
                "[serve]\ntime_zone = \"Mars/Olympus\"",
                "c.toml:2: time_zone: \"Mars/Olympus\" cannot be used; allowed: the name of a time zone known to this system, such as Asia/Seoul",
            ),
            (
                "[audio]\nmicrophone_channel = 0",
                "c.toml:2: microphone_channel: invalid value: integer `0`, expected \"mix\" or the number of a channel, from 1",
            ),
        ] {
            let error = Layers::default()
                .text(Path::new("c.toml"), text)
                .unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn a_wrong_variable_is_named() {
        let layers = |pairs| Layers::default().environment(variables(pairs));
        let wrong = layers(&[("MOCK_INTERVIEWER_MODE", "cloud")])
            .unwrap_err()
            .to_string();
        assert_eq!(
            wrong,
            "MOCK_INTERVIEWER_MODE: unknown variant `cloud`, expected one of `local`, `server`, `embedded`"
        );
        let none = layers(&[("MOCK_INTERVIEWER_INTERVIEW_QUESTIONS", "0")])
            .unwrap_err()
            .to_string();
        assert_eq!(
            none,
            "MOCK_INTERVIEWER_INTERVIEW_QUESTIONS: invalid value: integer `0`, expected a whole number from 1 to 50"
        );
        let unknown = layers(&[("MOCK_INTERVIEWER_MODEL", "x")])
            .unwrap_err()
            .to_string();
        assert!(
            unknown.starts_with("MOCK_INTERVIEWER_MODEL: no such setting; allowed: MOCK_INTERVIEWER_AUDIO_MICROPHONE"),
            "{unknown}"
        );
        assert!(layers(&[("MOCK_INTERVIEWER_CONFIG", "x"), ("HOME", "/")]).is_ok());
    }
}
