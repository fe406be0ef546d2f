//! A temporary home folder for each test, and access to the files that the program leaves in it.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A home folder that starts empty and is removed when the value is dropped.
#[derive(Debug)]
pub struct Home(TempDir);

/// The variables that lead to the virtual sound card and the keyring.
const PASSED_ON: [&str; 5] = [
    "PATH",
    "PULSE_SERVER",
    "PULSE_COOKIE",
    "PULSE_RUNTIME_PATH",
    "DBUS_SESSION_BUS_ADDRESS",
];

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Returns the complete environment of the program.
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut variables: Vec<(String, String)> = PASSED_ON
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)))
            .collect();
        for (name, value) in [
            ("HOME", self.path().to_str().expect("UTF-8")),
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
        ] {
            variables.push((name.to_owned(), value.to_owned()));
        }
        variables
    }

    /// Returns every file below the home whose name ends in `ending`.
    pub fn files(&self, ending: &str) -> Vec<PathBuf> {
        below(self.path())
            .into_iter()
            .filter(|path| path.to_string_lossy().ends_with(ending))
            .collect()
    }

    /// Returns whether any file below the home contains `text`.
    pub fn holds(&self, text: &str) -> bool {
        below(self.path())
            .iter()
            .any(|path| fs::read(path).is_ok_and(|bytes| contains(&bytes, text.as_bytes())))
    }

    /// Returns the unsent draft once it is stored safely, and `None` while a temporary file still holds its text.
    pub fn draft(&self) -> Option<String> {
        self.files(".txt")
            .iter()
            .find(|path| {
                path.parent()
                    .is_some_and(|folder| folder.ends_with("drafts"))
            })
            .and_then(|path| fs::read_to_string(path).ok())
    }

    /// Returns the only report as JSON.
    pub fn report(&self) -> serde_json::Value {
        let markdown = self.files(".md");
        assert_eq!(markdown.len(), 1, "one report: {markdown:?}");
        let json = fs::read_to_string(markdown[0].with_extension("json"))
            .expect("a report in JSON beside it");
        serde_json::from_str(&json).expect("valid JSON")
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                below(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Returns the path of a file in `tests/fixtures/speech`.
pub fn recording(name: &str) -> String {
    existing(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/speech")
            .join(name),
    )
}

/// Returns the path of the unpacked test model.
pub fn test_model() -> String {
    existing(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fixtures/toy-whisper.bin"))
}

fn existing(path: &Path) -> String {
    assert!(
        path.is_file(),
        "{} is missing: run this test through `make test`, or run scripts/fixtures first",
        path.display()
    );
    path.to_str().expect("UTF-8").to_owned()
}

/// Panics unless `variable` is set, as one of the scripts of `make test` does.
#[cfg(target_os = "linux")]
pub fn needs(variable: &str) {
    assert!(
        std::env::var_os(variable).is_some(),
        "{variable} is not set: run this test through `make test`"
    );
}
