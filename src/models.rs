//! Speech models: the catalogue, which one suits, where they lie, and their download.

mod download;

use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use crate::interview::Language;

pub use download::ModelError;

/// The published models, one a line: name, `multi` or `en`, bytes, SHA-256.
const CATALOGUE: &str = include_str!("../assets/whisper-models.tsv");

/// Where the models are published; a mirror serves the same file names.
pub const DEFAULT_MIRROR: &str = "https://huggingface.co/ggerganov/whisper.cpp/resolve/main";

/// A server that sends nothing for this long has stalled.
const STALLED: Duration = Duration::from_secs(30);

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
    pub fn speaks(&self, language: Language) -> bool {
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
    fn rank(&self) -> (usize, bool, std::cmp::Reverse<u64>) {
        let family = FAMILIES.iter().position(|family| self.name.starts_with(family)).unwrap_or(FAMILIES.len());
        (family, !self.english_only, std::cmp::Reverse(self.bytes))
    }
}

/// Every published model, from `assets/whisper-models.tsv`.
pub fn catalogue() -> Vec<Model> {
    CATALOGUE.lines().filter(|line| !line.starts_with('#')).filter_map(Model::parse).collect()
}

/// The published model called `name`.
pub fn named(name: &str) -> Option<Model> {
    catalogue().into_iter().find(|model| model.name == name)
}

/// The model offered to a new user of this language: `base.en` for English; for Korean `small`, since `base` is clearly
/// worse there.
pub fn recommended(language: Language) -> Model {
    let name = match language {
        Language::English => "base.en",
        Language::Korean => "small",
    };
    named(name).expect("the catalogue is part of the program and a test finds both names in it")
}

/// Where `model` lies in `folder`.
pub fn file(folder: &Path, model: &Model) -> PathBuf {
    folder.join(format!("ggml-{}.bin", model.name))
}

/// The size the file at `path` should have, in bytes, when it is named like a published model.
pub fn published_bytes(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?.strip_prefix("ggml-")?.strip_suffix(".bin")?;
    named(name).map(|model| model.bytes)
}

/// The best model present in `folder` for `language`, if any; whole files go before those of the wrong size, which are
/// only returned so that loading them can say what is wrong.
pub fn installed(folder: &Path, language: Language) -> Option<PathBuf> {
    let size = |model: &Model| std::fs::metadata(file(folder, model)).map(|found| found.len()).ok();
    let mut present: Vec<(bool, Model)> = catalogue()
        .into_iter()
        .filter(|model| model.speaks(language))
        .filter_map(|model| size(&model).map(|found| (found != model.bytes, model)))
        .collect();
    present.sort_by_key(|(broken, model)| (*broken, model.rank()));
    present.first().map(|(_, model)| file(folder, model))
}

/// Downloads `model` from `<mirror>/ggml-<name>.bin` into `folder`: partial file, SHA-256, atomic rename. `progress(done, total)`.
pub async fn download(
    http: &reqwest::Client,
    mirror: &Url,
    model: &Model,
    folder: &Path,
    progress: impl FnMut(u64, u64) + Send,
) -> Result<PathBuf, ModelError> {
    download::run(http, mirror, model, folder, STALLED, progress).await
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn every_line_of_the_catalogue_is_a_model() {
        let models = catalogue();
        assert_eq!(models.len(), CATALOGUE.lines().filter(|line| !line.starts_with('#')).count());
        assert!(models.iter().all(|model| model.sha256.len() == 64 && model.bytes > 1_000_000));
        assert!(CATALOGUE.contains(DEFAULT_MIRROR));
    }

    #[rstest]
    #[case(Language::English, "base.en")]
    #[case(Language::Korean, "small")]
    fn the_recommended_model_hears_the_language(#[case] language: Language, #[case] name: &str) {
        let model = recommended(language);
        assert!(model.speaks(language));
        assert_eq!(model.name, name);
    }

    /// Sparse files of the right size.
    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let model = named(name).unwrap();
            std::fs::File::create(file(folder.path(), &model)).unwrap().set_len(model.bytes).unwrap();
        }
        folder
    }

    #[rstest]
    #[case::nothing(&[], Language::English, None)]
    #[case::english_is_no_help_for_korean(&["base.en"], Language::Korean, None)]
    #[case::english_goes_before_multilingual(&["base", "base.en"], Language::English, Some("ggml-base.en.bin"))]
    #[case::a_better_family_goes_first(&["base.en", "small-q5_1"], Language::English, Some("ggml-small-q5_1.bin"))]
    #[case::less_quantised_goes_first(&["small-q5_1", "small"], Language::Korean, Some("ggml-small.bin"))]
    fn the_best_installed_model(#[case] names: &[&str], #[case] language: Language, #[case] best: Option<&str>) {
        let folder = folder(names);
        assert_eq!(installed(folder.path(), language), best.map(|name| folder.path().join(name)));
    }

    #[test]
    fn a_partial_model_is_the_last_resort() {
        let folder = folder(&["tiny"]);
        let small = folder.path().join("ggml-small.bin");
        std::fs::write(&small, "cut off").unwrap();
        assert_eq!(installed(folder.path(), Language::Korean), Some(folder.path().join("ggml-tiny.bin")));
        std::fs::remove_file(folder.path().join("ggml-tiny.bin")).unwrap();
        assert_eq!(installed(folder.path(), Language::Korean), Some(small.clone()));
        assert_eq!(published_bytes(&small), Some(487_601_967));
        assert_eq!(published_bytes(Path::new("my-model.bin")), None);
    }
}
