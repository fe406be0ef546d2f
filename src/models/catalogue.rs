//! The catalogue of published models.

use std::path::{Path, PathBuf};

use crate::interview::Language;

/// The published models, one per line: name, `multi` or `en`, bytes, SHA-256.
const CATALOGUE: &str = include_str!("../../assets/whisper-models.tsv");

/// Model families by quality, best first. Within a family, a larger file is less quantised and
/// therefore better.
const FAMILIES: [&str; 5] = ["large", "medium", "small", "base", "tiny"];

/// One published model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// The name, such as `base` or `small.en-q5_1`.
    pub name: String,
    pub english_only: bool,
    pub bytes: u64,
    /// The SHA-256 of the file in hex.
    pub sha256: String,
}

impl Model {
    /// Returns whether the model recognises `language`.
    pub fn supports(&self, language: Language) -> bool {
        !self.english_only || language == Language::English
    }

    fn parse(line: &str) -> Option<Self> {
        let mut columns = line.split('\t');
        Some(Self {
            name: columns.next()?.to_owned(),
            english_only: columns.next()? == "en",
            bytes: columns.next()?.parse().ok()?,
            sha256: columns.next()?.trim().to_owned(),
        })
    }

    /// Returns a sort key, best first: the family, then English models for English, then the size.
    pub(super) fn rank(&self) -> (usize, bool, std::cmp::Reverse<u64>) {
        let family = FAMILIES
            .iter()
            .position(|family| self.name.starts_with(family))
            .unwrap_or(FAMILIES.len());
        (family, !self.english_only, std::cmp::Reverse(self.bytes))
    }
}

/// Returns every published model in `assets/whisper-models.tsv`.
pub fn catalogue() -> Vec<Model> {
    CATALOGUE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(Model::parse)
        .collect()
}

/// Returns the published model called `name`.
pub fn published(name: &str) -> Option<Model> {
    catalogue().into_iter().find(|model| model.name == name)
}

/// Returns the published model whose file has this SHA-256 in hex.
pub fn by_sha256(sha256: &str) -> Option<Model> {
    catalogue().into_iter().find(|model| model.sha256 == sha256)
}

/// Returns the path of `model` in `folder`.
pub fn path_in(folder: &Path, model: &Model) -> PathBuf {
    folder.join(file_name(&model.name))
}

/// Returns the file name of the model called `name`.
pub fn file_name(name: &str) -> String {
    format!("ggml-{name}.bin")
}

/// Returns the name of the model in `file`, if the file is named like a model.
pub fn name_of(file: &Path) -> Option<&str> {
    file.file_name()?
        .to_str()?
        .strip_prefix("ggml-")?
        .strip_suffix(".bin")
}

/// Returns the size in bytes that the file at `path` should have, if it is named like a published
/// model.
pub fn published_bytes(path: &Path) -> Option<u64> {
    published(name_of(path)?).map(|model| model.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SpeechConfig;

    #[test]
    fn every_line_of_the_catalogue_is_a_model() {
        let models = catalogue();
        assert_eq!(
            models.len(),
            CATALOGUE
                .lines()
                .filter(|line| !line.starts_with('#'))
                .count()
        );
        assert!(
            models
                .iter()
                .all(|model| model.sha256.len() == 64 && model.bytes > 1_000_000)
        );
    }

    #[test]
    fn the_default_mirror_is_the_one_the_catalogue_names() {
        assert!(CATALOGUE.contains(&format!("{}ggml-<name>.bin", SpeechConfig::PUBLISHED)));
    }

    #[test]
    fn a_published_file_is_found_by_its_name_and_checksum() {
        let small = published("small").unwrap();
        assert_eq!(
            published_bytes(Path::new("/models/ggml-small.bin")),
            Some(487_601_967)
        );
        assert_eq!(published_bytes(Path::new("my-model.bin")), None);
        assert_eq!(by_sha256(&small.sha256), Some(small));
        assert_eq!(by_sha256("00"), None);
    }
}
