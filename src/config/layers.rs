//! The layers of the settings: option over environment over file over default. Each error names the
//! origin of the value.

use std::path::Path;

use toml::{Table, Value};

use super::{Allowed, Config, ConfigError, Problem};

/// The prefix of environment variables that set something.
pub const PREFIX: &str = "MOCK_INTERVIEWER_";

/// The variables with the prefix that the program reads before any settings.
const NOT_SETTINGS: [&str; 2] = ["CONFIG", "DATA_DIR"];
/// The variables that the test suite's scripts set.
const OF_TESTS: &str = "TEST_";

/// The least similarity of a variable's name to another that is suggested in its place.
const LEAST_SIMILARITY: f64 = 0.8;

/// An environment variable that looks like a setting but is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVariable {
    pub name: String,
    /// The variable that was probably meant.
    pub nearest: Option<String>,
}

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
    unknown: Vec<UnknownVariable>,
}

impl Default for Layers {
    fn default() -> Self {
        Self {
            table: defaults(),
            unknown: Vec::new(),
        }
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

    /// Adds the `MOCK_INTERVIEWER_*` variables. An unknown one is left out, since it may belong to
    /// another version or program; [`Self::unknown_variables`] returns it. `OPENAI_BASE_URL`, which
    /// other programs read as well, counts less than they do.
    pub fn environment(
        mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let keys = leaves(&defaults());
        let variables: Vec<_> = variables.collect();
        self = self.shared_variable(&variables)?;
        for (origin, text) in variables {
            let Some(name) = origin.strip_prefix(PREFIX).filter(|name| is_setting(name)) else {
                continue;
            };
            let key = keys.iter().find(|key| variable_name(key) == name).cloned();
            match key {
                Some(key) => self = self.setting(&Setting { key, text, origin })?,
                None => self.unknown.push(unknown_variable(origin, &keys)),
            }
        }
        Ok(self)
    }

    /// Returns the variables that look like settings but are none.
    pub fn unknown_variables(&self) -> &[UnknownVariable] {
        &self.unknown
    }

    fn shared_variable(self, variables: &[(String, String)]) -> Result<Self, ConfigError> {
        let shared = variables
            .iter()
            .find(|(name, text)| name == "OPENAI_BASE_URL" && !text.trim().is_empty());
        let Some((origin, text)) = shared else {
            return Ok(self);
        };
        self.setting(&Setting {
            key: "openai.base_url".to_owned(),
            text: text.clone(),
            origin: origin.clone(),
        })
    }

    /// Adds the options of the command line.
    pub fn flags(self, settings: &[Setting]) -> Result<Self, ConfigError> {
        settings.iter().try_fold(self, Self::setting)
    }

    fn setting(mut self, setting: &Setting) -> Result<Self, ConfigError> {
        let refuse = |reason: String| ConfigError::Setting {
            origin: setting.origin.clone(),
            reason,
            problem: problem_with(&setting.key),
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

fn is_setting(name: &str) -> bool {
    !NOT_SETTINGS.contains(&name) && !name.starts_with(OF_TESTS)
}

fn unknown_variable(name: String, keys: &[String]) -> UnknownVariable {
    let similarity = |known: &String| strsim::jaro_winkler(known, &name[PREFIX.len()..]);
    let nearest = keys
        .iter()
        .map(|key| variable_name(key))
        .max_by(|one, other| similarity(one).total_cmp(&similarity(other)))
        .filter(|known| similarity(known) >= LEAST_SIMILARITY)
        .map(|known| format!("{PREFIX}{known}"));
    UnknownVariable { name, nearest }
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
        problem: problem_at(text, line),
    }
}

/// Returns the problem with a line of a file, numbered from 1.
fn problem_at(text: &str, line: usize) -> Problem {
    if text.parse::<Table>().is_err() {
        return Problem::Syntax;
    }
    let header = |line: &str| {
        let line = line.trim();
        let inner = line.strip_prefix('[')?.split(']').next()?;
        Some(inner.trim_start_matches('[').trim().to_owned())
    };
    let lines: Vec<&str> = text.lines().take(line).collect();
    let last = lines.last().copied().unwrap_or_default();
    if let Some(table) = header(last) {
        return problem_with(&table);
    }
    let key = last.split('=').next().unwrap_or_default().trim();
    problem_with(&match lines.iter().rev().find_map(|line| header(line)) {
        Some(table) => format!("{table}.{key}"),
        None => key.to_owned(),
    })
}

/// Returns the problem with the setting of the dotted name `key`, given that there is one.
fn problem_with(key: &str) -> Problem {
    match Allowed::of(key) {
        Some(allowed) => Problem::Value(allowed),
        None if defaults().get(key).is_some_and(Value::is_table) => Problem::Table,
        None => Problem::UnknownKey,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

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
    }

    #[rstest]
    #[case::misspelt(
        "MOCK_INTERVIEWER_SERVE_LISTENS",
        Some("MOCK_INTERVIEWER_SERVE_LISTEN")
    )]
    #[case::without_its_table("MOCK_INTERVIEWER_DAILY_LIMIT", None)]
    #[case::lower_case("MOCK_INTERVIEWER_mode", None)]
    #[case::nothing("MOCK_INTERVIEWER_", None)]
    #[case::in_korean("MOCK_INTERVIEWER_모드", None)]
    fn an_unknown_variable_is_left_out_and_named(
        #[case] name: &str,
        #[case] nearest: Option<&str>,
    ) {
        let pairs = [(name, "x"), ("MOCK_INTERVIEWER_INTERVIEW_QUESTIONS", "3")];
        let layers = Layers::default().environment(variables(&pairs)).unwrap();
        let unknown = UnknownVariable {
            name: name.to_owned(),
            nearest: nearest.map(str::to_owned),
        };
        assert_eq!(layers.unknown_variables(), [unknown]);
        assert_eq!(layers.build().unwrap().interview.questions, 3);
    }

    #[rstest]
    #[case("MOCK_INTERVIEWER_CONFIG")]
    #[case("MOCK_INTERVIEWER_DATA_DIR")]
    #[case("MOCK_INTERVIEWER_TEST_POSTGRES")]
    #[case("MOCK_INTERVIEWERS")]
    #[case("HOME")]
    fn a_variable_with_another_use_is_no_setting(#[case] name: &str) {
        let layers = Layers::default().environment(variables(&[(name, "x")]));
        assert_eq!(layers.unwrap().unknown_variables(), []);
    }

    #[test]
    fn the_shared_variable_counts_less_than_our_own_and_more_than_the_file() {
        let base = |pairs: &[(&str, &str)]| {
            let file = "[openai]\nbase_url = \"mistral\"";
            let layers = Layers::default().text(Path::new("c.toml"), file).unwrap();
            let config = layers.environment(variables(pairs)).unwrap().build();
            config.unwrap().openai.base_url
        };
        let shared = ("OPENAI_BASE_URL", "groq");
        let own = ("MOCK_INTERVIEWER_OPENAI_BASE_URL", "ollama");
        assert_eq!(base(&[]), "mistral");
        assert_eq!(base(&[("OPENAI_BASE_URL", "")]), "mistral");
        assert_eq!(base(&[shared]), "groq");
        assert_eq!(base(&[own, shared]), "ollama");
    }
}
