//! The paths of the program's files.

use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// No home folder is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no home folder is known: set HOME, or give --data-dir and --config")]
pub struct NoHome;

/// The folders of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    config_file: PathBuf,
    data: PathBuf,
    state: PathBuf,
    cache: PathBuf,
}

impl Paths {
    /// Returns the platform's folders, unless `config_file` or `data_dir` override them. With
    /// `data_dir` nothing is written anywhere else.
    pub fn new(config_file: Option<&Path>, data_dir: Option<&Path>) -> Result<Self, NoHome> {
        let home = ProjectDirs::from("", "", "mock-interviewer");
        let config_file = match (config_file, &home) {
            (Some(file), _) => file.to_owned(),
            (None, Some(home)) => home.config_dir().join("config.toml"),
            (None, None) => data_dir.ok_or(NoHome)?.join("config.toml"),
        };
        let (data, state, cache) = match (data_dir, &home) {
            (Some(folder), _) => (
                folder.to_owned(),
                folder.join("state"),
                folder.join("cache"),
            ),
            (None, Some(home)) => {
                let state = home.state_dir().unwrap_or_else(|| home.data_local_dir());
                (
                    home.data_dir().to_owned(),
                    state.to_owned(),
                    home.cache_dir().to_owned(),
                )
            }
            (None, None) => return Err(NoHome),
        };
        Ok(Self {
            config_file,
            data,
            state,
            cache,
        })
    }

    /// Returns the path of the settings file.
    pub fn config_file(&self) -> &Path {
        &self.config_file
    }

    /// Returns the folder of everything that is kept.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Returns the folder of drafts, choices and the log.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Returns the folder of what may be deleted at any time.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// Returns the database of local and embedded mode.
    pub fn database(&self) -> PathBuf {
        self.data.join("interviews.db")
    }

    /// Returns the database of `serve`.
    pub fn server_database(&self) -> PathBuf {
        self.data.join("server.db")
    }

    /// Returns the folder of speech models.
    pub fn models(&self) -> PathBuf {
        self.data.join("models")
    }

    /// Returns the folder of reports.
    pub fn reports(&self) -> PathBuf {
        self.data.join("reports")
    }

    /// Returns the folder of the program's own sentences as speech, which may be deleted at any time.
    pub fn speech_cache(&self) -> PathBuf {
        self.cache.join("speech")
    }

    /// Returns the folder of unsent drafts, a file for each question.
    pub fn drafts(&self) -> PathBuf {
        self.state.join("drafts")
    }

    /// Returns the file of answers the program asked for once and remembers.
    pub fn preferences(&self) -> PathBuf {
        self.state.join("choices.toml")
    }

    /// Returns the file of secrets, used if the user chose a file instead of a keyring.
    pub fn secrets(&self) -> PathBuf {
        self.state.join("secrets.json")
    }

    /// Returns the folder of the reports of internal errors.
    pub fn panic_reports(&self) -> &Path {
        &self.state
    }

    /// Returns the log file.
    pub fn log(&self) -> PathBuf {
        self.state.join("mock-interviewer.log")
    }
}

/// Returns a path with the home folder as `~`, so that it fits on a small screen.
pub fn shown(path: &Path) -> String {
    let home = directories::BaseDirs::new();
    match home
        .as_ref()
        .and_then(|home| path.strip_prefix(home.home_dir()).ok())
    {
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_below_home_is_shown_short() {
        let home = directories::BaseDirs::new().unwrap().home_dir().to_owned();
        assert_eq!(shown(&home.join("reports/a.md")), "~/reports/a.md");
        assert_eq!(shown(Path::new("/srv/a.md")), "/srv/a.md");
    }

    #[test]
    fn a_data_folder_holds_everything() {
        let paths = Paths::new(Some(Path::new("c.toml")), Some(Path::new("d"))).unwrap();
        let all = [
            paths.database(),
            paths.server_database(),
            paths.models(),
            paths.reports(),
            paths.speech_cache(),
            paths.drafts(),
            paths.preferences(),
            paths.log(),
        ];
        assert!(all.iter().all(|path| path.starts_with("d")), "{all:?}");
    }
}
