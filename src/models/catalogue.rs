//! The published models.

use std::path::{Path, PathBuf};

use crate::interview::Language;

/// The published models, one a line: name, `multi` or `en`, bytes, SHA-256.
const CATALOGUE: &str = include_str!("../../assets/whisper-models.tsv");

/// Families by quality, best first; larger files within a family are less quantised and so better.
const FAMILIES: [&str; 5] = ["large", "medium", "small", "base", "tiny"];

/// One published model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Such as `base` or `small.en-q5_1`.
    pub name: String,
    /// English alone.
    pub english_only: bool,
    /// Size of the file.
    pub bytes: u64,
    /// Hex.
    pub sha256: String,
}

impl Model {
    /// Can it hear `language`?
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

    /// Less is better: the family, then English models for English, then the size.
    pub(super) fn rank(&self) -> (usize, bool, std::cmp::Reverse<u64>) {
        let family = FAMILIES
            .iter()
            .position(|family| self.name.starts_with(family))
            .unwrap_or(FAMILIES.len());
        (family, !self.english_only, std::cmp::Reverse(self.bytes))
    }
}

/// Every published model, from `assets/whisper-models.tsv`.
pub fn catalogue() -> Vec<Model> {
    CATALOGUE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(Model::parse)
        .collect()
}

/// The published model called `name`.
pub fn published(name: &str) -> Option<Model> {
    catalogue().into_iter().find(|model| model.name == name)
}

/// The published model whose file has this SHA-256 (hex).
pub fn by_sha256(sha256: &str) -> Option<Model> {
    catalogue().into_iter().find(|model| model.sha256 == sha256)
}

/// Where `model` lies in `folder`.
pub fn path_in(folder: &Path, model: &Model) -> PathBuf {
    folder.join(file_name(&model.name))
}

/// What the file of a model called `name` is called.
pub fn file_name(name: &str) -> String {
    format!("ggml-{name}.bin")
}

/// The name of the model in a file called so, if it is called like a model.
pub fn name_of(file: &Path) -> Option<&str> {
    file.file_name()?
        .to_str()?
        .strip_prefix("ggml-")?
        .strip_suffix(".bin")
}

/// The size the file at `path` should have, in bytes, when it is named like a published model.
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
    fn the_default_mirror_is_where_the_catalogue_says_the_models_are() {
        assert!(CATALOGUE.contains(&format!("{}ggml-<name>.bin", SpeechConfig::PUBLISHED)));
    }

    #[test]
    fn a_published_file_is_known_by_its_name_and_by_its_sum() {
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
