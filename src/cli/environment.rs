//! The environment of the process.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

use crate::interview::Language;

/// The environment of the process as `main` found it; nothing below reads it again.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    pub variables: Vec<(String, String)>,
    pub stdin_is_terminal: bool,
    pub stdout_is_terminal: bool,
    /// The command that started the process, quoted for a shell.
    pub command_line: String,
}

/// Returns a command as it would be typed in a shell.
fn command_line(arguments: impl Iterator<Item = OsString>) -> String {
    shell_words::join(arguments.map(|argument| argument.to_string_lossy().into_owned()))
}

impl Environment {
    /// Reads the environment of this process.
    pub fn of_process() -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self {
            variables: variables.collect(),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            command_line: command_line(std::env::args_os()),
        }
    }

    /// Returns the value of a variable that is set and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Returns whether the terminal moves no cursor: it says so, or does not say what it is, which
    /// other programs take for the same.
    pub(super) fn terminal_is_dumb(&self) -> bool {
        let terminal = self.variable("TERM");
        cfg!(unix) && terminal.is_none_or(|terminal| matches!(terminal, "dumb" | "unknown"))
    }

    /// Returns a credential that a service manager (systemd) passes in a file only this service can
    /// read, unless it is empty.
    pub(super) fn credential(&self, name: &str) -> Option<String> {
        let file = PathBuf::from(self.variable("CREDENTIALS_DIRECTORY")?).join(name);
        let text = std::fs::read_to_string(file).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Returns the language of the locale, by the POSIX order of precedence.
    pub(super) fn language(&self) -> Language {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| self.variable(name));
        locale.map_or(Language::English, Language::of_locale)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Some("dumb"), true)]
    #[case(Some("unknown"), true)]
    #[case(Some(""), true)]
    #[case(None, true)]
    #[case(Some("xterm-256color"), false)]
    fn a_terminal_without_a_cursor_is_recognised(#[case] term: Option<&str>, #[case] dumb: bool) {
        let variables = term.map(|term| ("TERM".to_owned(), term.to_owned()));
        let environment = Environment {
            variables: variables.into_iter().collect(),
            ..Environment::default()
        };
        assert_eq!(environment.terminal_is_dumb(), dumb);
    }
}
