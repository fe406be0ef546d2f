//! The check of the folders that the program writes to.

use std::io;
use std::path::Path;

use rust_i18n::t;

use super::finding::Finding;
use crate::files::free_space;
use crate::interview::Language;
use crate::models::format::megabytes;
use crate::paths::{Paths, shown};
use crate::runtime::wording;

/// The least free space in bytes. An interview takes far less; a disk as full as this fails soon.
const LEAST_SPACE: u64 = 100_000_000;

/// Checks that the folders can be written to and that their disks are not full.
pub fn check(paths: &Paths, language: Language) -> Vec<Finding> {
    let folders = [
        ("data_folder", paths.data()),
        ("state_folder", paths.state()),
        ("cache_folder", paths.cache()),
    ];
    folders
        .into_iter()
        .map(|(check, folder)| check_folder(check, folder, language))
        .collect()
}

fn check_folder(check: &'static str, folder: &Path, language: Language) -> Finding {
    let locale = language.code();
    let existing = existing(folder);
    let name = shown(folder);
    if let Err(error) = write(existing) {
        let summary = t!(
            "doctor.folder.unwritable",
            locale = locale,
            folder = name,
            reason = wording::of(&error, language)
        );
        let remedy = t!(
            "doctor.folder.permit",
            locale = locale,
            folder = shown(existing)
        );
        return Finding::failed(check, summary, remedy);
    }
    let Some(free) = free_space(existing) else {
        return Finding::ok(check, name);
    };
    let summary = t!(
        "doctor.folder.free",
        locale = locale,
        folder = name,
        free = megabytes(free)
    );
    if free < LEAST_SPACE {
        Finding::warning(check, summary, t!("doctor.folder.tidy", locale = locale))
    } else {
        Finding::ok(check, summary)
    }
}

/// Returns the folder itself, or the one that it would be created in.
fn existing(folder: &Path) -> &Path {
    folder
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("."))
}

/// Creates a file without a name, which vanishes at once.
fn write(folder: &Path) -> io::Result<()> {
    tempfile::tempfile_in(folder).map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::finding::Status;
    use super::*;

    #[test]
    fn a_folder_that_does_not_exist_yet_can_be_written_to_if_the_one_above_can() {
        let folder = tempfile::tempdir().unwrap();
        let later = folder.path().join("a/b");
        let found = check_folder("data_folder", &later, Language::English);
        assert_eq!(found.status, Status::Ok, "{found:?}");
        assert!(!later.exists());
    }

    #[test]
    fn a_file_where_the_folder_belongs_is_a_failure_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data");
        std::fs::write(&file, "").unwrap();
        let found = check_folder("data_folder", &file.join("models"), Language::English);
        assert_eq!(found.status, Status::Failed);
        let remedy = found.remedy.unwrap();
        assert!(remedy.contains(&file.display().to_string()), "{remedy}");
    }
}
