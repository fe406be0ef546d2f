//! Tests that the texts of both languages have the same keys and placeholders.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The placeholders of every text of a file, by key.
type Placeholders = BTreeMap<String, Vec<String>>;

#[test]
fn both_languages_have_the_same_keys_and_placeholders() {
    let files = english_files();
    assert!(files.len() > 1, "the folder of locales is empty");
    for english in files {
        let korean = PathBuf::from(
            english
                .display()
                .to_string()
                .replace(".en.toml", ".ko.toml"),
        );
        assert_eq!(
            placeholders(&english),
            placeholders(&korean),
            "{}",
            korean.display()
        );
    }
}

fn english_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/locales");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.to_string_lossy().ends_with(".en.toml"))
        .collect()
}

fn placeholders(file: &Path) -> Placeholders {
    let table: toml::Table = fs::read_to_string(file).unwrap().parse().unwrap();
    let mut found = BTreeMap::new();
    collect("", &table, &mut found);
    found
}

fn collect(prefix: &str, table: &toml::Table, found: &mut Placeholders) {
    for (name, value) in table {
        let key = format!("{prefix}{name}");
        match value {
            toml::Value::Table(table) => collect(&format!("{key}."), table, found),
            other => drop(found.insert(key, names(other.as_str().expect("words are strings")))),
        }
    }
}

fn names(words: &str) -> Vec<String> {
    let ends = words
        .split("%{")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'));
    let mut names: Vec<String> = ends.map(|(name, _)| name.to_owned()).collect();
    names.sort();
    names.dedup();
    names
}
