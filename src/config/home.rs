//! `~` in the paths of settings, which no shell has replaced: in a file, in a variable, or quoted.
//! Variables such as `$HOME` are not replaced.

use std::path::{Path, PathBuf};

use directories::BaseDirs;

use super::{Config, ConfigError};

/// What stands in an error for the paths that are allowed.
const ALLOWED: &str = "a path, in which ~/ stands for your own home folder; ~name is not supported";

/// The reason a path that begins with `~` cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HomeError {
    #[error("~/ stands for your own home folder; ~name is not supported")]
    OtherUser,
    #[error("no home folder is known for ~: set HOME")]
    NoHome,
}

/// Returns `path` with the home folder in place of a leading `~`. A file whose own name begins with
/// `~` is left alone if it exists.
pub fn expand_home(path: &Path) -> Result<PathBuf, HomeError> {
    let home = BaseDirs::new().map(|folders| folders.home_dir().to_owned());
    expand(path, home.as_deref())
}

fn expand(path: &Path, home: Option<&Path>) -> Result<PathBuf, HomeError> {
    if !path.as_os_str().as_encoded_bytes().starts_with(b"~") {
        return Ok(path.to_owned());
    }
    match path.strip_prefix("~") {
        Ok(rest) => home.map(|home| home.join(rest)).ok_or(HomeError::NoHome),
        Err(_) if path.exists() => Ok(path.to_owned()),
        Err(_) => Err(HomeError::OtherUser),
    }
}

impl Config {
    /// Replaces `~` in every setting that is a path.
    pub(super) fn expand_homes(mut self) -> Result<Self, ConfigError> {
        expand_text("speech.model", &mut self.speech.model)?;
        for folder in &mut self.interview.question_folders {
            expand_text("interview.question_folders", folder)?;
        }
        // In the arguments `~name` may mean anything.
        for part in &mut self.narrator.command {
            if is_own_home(part) {
                expand_text("narrator.command", part)?;
            }
        }
        let database = &mut self.serve.database_url;
        *database = expand_database(database)
            .map_err(|_| ConfigError::value("serve.database_url", database, ALLOWED))?;
        Ok(self)
    }
}

/// Returns the address of a database with the home folder in place of the `~` that its path begins
/// with.
pub fn expand_database(url: &str) -> Result<String, HomeError> {
    for scheme in ["sqlite://", "sqlite:"] {
        if let Some(path) = url.strip_prefix(scheme).filter(|path| is_own_home(path)) {
            let path = expand_home(Path::new(path))?;
            return Ok(format!("{scheme}{}", path.display()));
        }
    }
    Ok(url.to_owned())
}

fn is_own_home(text: &str) -> bool {
    text == "~" || text.starts_with("~/")
}

fn expand_text(key: &str, text: &mut String) -> Result<(), ConfigError> {
    let expanded =
        expand_home(Path::new(text)).map_err(|_| ConfigError::value(key, text, ALLOWED))?;
    // What does not begin with `~` is left as it is written.
    if text.starts_with('~') {
        *text = expanded.to_string_lossy().into_owned();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("~", Ok("/home/me"))]
    #[case("~/m.bin", Ok("/home/me/m.bin"))]
    #[case("~//m.bin", Ok("/home/me/m.bin"))]
    #[case("a/~/m.bin", Ok("a/~/m.bin"))]
    #[case("$HOME/m.bin", Ok("$HOME/m.bin"))]
    #[case("base", Ok("base"))]
    #[case("", Ok(""))]
    #[case("~kim/m.bin", Err(HomeError::OtherUser))]
    fn a_leading_tilde_is_the_home_folder(
        #[case] path: &str,
        #[case] expected: Result<&str, HomeError>,
    ) {
        let expanded = expand(Path::new(path), Some(Path::new("/home/me")));
        assert_eq!(expanded, expected.map(PathBuf::from));
    }

    #[test]
    fn without_a_home_folder_a_tilde_is_refused() {
        assert_eq!(expand(Path::new("~/m.bin"), None), Err(HomeError::NoHome));
    }

    #[test]
    fn every_path_of_the_settings_is_expanded() {
        let home = BaseDirs::new().unwrap().home_dir().display().to_string();
        let mut config = Config::default();
        config.speech.model = "~/m.bin".into();
        config.interview.question_folders = vec!["~/bank".into(), "bank".into()];
        config.narrator.command = ["~/bin/piper", "~/v.onnx", "~~"].map(String::from).into();
        config.serve.database_url = "sqlite://~/s.db".into();
        let config = config.check().unwrap();
        assert_eq!(config.speech.model, format!("{home}/m.bin"));
        assert_eq!(
            config.interview.question_folders,
            [format!("{home}/bank"), "bank".into()]
        );
        assert_eq!(
            config.narrator.command,
            [
                format!("{home}/bin/piper"),
                format!("{home}/v.onnx"),
                "~~".into()
            ]
        );
        assert_eq!(config.serve.database_url, format!("sqlite://{home}/s.db"));
    }

    #[test]
    fn the_home_folder_of_another_user_is_refused_by_name() {
        let mut config = Config::default();
        config.speech.model = "~kim/m.bin".into();
        let message = config.check().unwrap_err().to_string();
        let expected = format!("speech.model: \"~kim/m.bin\" cannot be used; allowed: {ALLOWED}");
        assert_eq!(message, expected);
    }
}
