//! The models in the folder: lists, verifies and removes them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{Fingerprint, Model, ModelError, catalogue, digest, download};
use crate::interview::Language;
use crate::voice::model_file;

/// The smallest vocabulary of a multilingual model. Whisper's vocabularies have 51,864 tokens for
/// English alone, one more for many languages, and two more in the third version.
const MULTILINGUAL_FROM: u32 = 51_865;

/// A model that is published or installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelEntry {
    /// The name, such as `base.en`.
    pub name: String,
    /// The published model of this name; `None` for an imported model.
    pub published: Option<Model>,
    pub english_only: bool,
    /// The size of the complete file.
    pub bytes: u64,
    /// The path of the file, whether or not it exists.
    pub file: PathBuf,
    pub status: ModelStatus,
}

/// The completeness of a model's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelStatus {
    Absent,
    /// A download that can be resumed, with the number of bytes received.
    Partial(u64),
    /// A file of the right size.
    Installed,
    /// A file that cannot be right, with its number of bytes.
    Broken(u64),
}

/// The result of verifying a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// The SHA-256 is that of the published file.
    Matches,
    /// The file differs from the published one.
    Differs {
        expected: Fingerprint,
        found: Fingerprint,
    },
    /// A complete Whisper model that is not published, with its SHA-256 in hex.
    Unlisted(String),
    /// The file is not a complete Whisper model; the reason is in English.
    Unusable(String),
}

impl ModelEntry {
    fn of(folder: &Path, model: Model) -> Self {
        let file = catalogue::path_in(folder, &model);
        let status = match std::fs::metadata(&file) {
            Ok(found) if found.len() == model.bytes => ModelStatus::Installed,
            Ok(found) => ModelStatus::Broken(found.len()),
            Err(_) => download::resumable_bytes(&file, &model)
                .map_or(ModelStatus::Absent, ModelStatus::Partial),
        };
        Self {
            name: model.name.clone(),
            english_only: model.english_only,
            bytes: model.bytes,
            published: Some(model),
            file,
            status,
        }
    }

    /// Creates the entry of a file that is named like a model but not in the catalogue.
    fn imported(file: PathBuf) -> Option<Self> {
        let name = catalogue::name_of(&file)
            .filter(|name| catalogue::published(name).is_none())?
            .to_owned();
        let bytes = std::fs::metadata(&file)
            .ok()
            .filter(std::fs::Metadata::is_file)?
            .len();
        let vocabulary = vocabulary(&file).ok();
        let status = if vocabulary.is_some() {
            ModelStatus::Installed
        } else {
            ModelStatus::Broken(bytes)
        };
        let english_only = vocabulary.is_some_and(|tokens| tokens < MULTILINGUAL_FROM);
        Some(Self {
            name,
            published: None,
            english_only,
            bytes,
            file,
            status,
        })
    }

    /// Returns whether a file exists, complete or not.
    pub fn has_file(&self) -> bool {
        matches!(self.status, ModelStatus::Installed | ModelStatus::Broken(_))
    }

    fn supports(&self, language: Language) -> bool {
        !self.english_only || language == Language::English
    }

    /// Returns a sort key, best first: complete before broken, published before imported, then by
    /// the catalogue.
    fn rank(&self) -> impl Ord + use<> {
        let published = self.published.as_ref().map(Model::rank);
        (
            self.status != ModelStatus::Installed,
            published.is_none(),
            published,
            std::cmp::Reverse(self.bytes),
        )
    }

    /// Reads the whole file and compares it with the published one.
    pub async fn verify(&self) -> Result<Verification, ModelError> {
        let Some(model) = &self.published else {
            return self.verify_imported().await;
        };
        if let ModelStatus::Broken(found) = self.status {
            return Ok(Verification::Differs {
                expected: Fingerprint::Size(model.bytes),
                found: Fingerprint::Size(found),
            });
        }
        let found = digest::sha256_of(&self.file).await?;
        Ok(if found == model.sha256 {
            Verification::Matches
        } else {
            Verification::Differs {
                expected: Fingerprint::Sha256(model.sha256.clone()),
                found: Fingerprint::Sha256(found),
            }
        })
    }

    async fn verify_imported(&self) -> Result<Verification, ModelError> {
        match model_file::check(&self.file, None) {
            Ok(()) => digest::sha256_of(&self.file)
                .await
                .map(Verification::Unlisted),
            Err(reason) => Ok(Verification::Unusable(reason)),
        }
    }

    /// Removes the file and the rest of an interrupted download. Fails while a download is running.
    pub fn remove(&self) -> Result<(), ModelError> {
        let partial = download::remove(&self.file).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => ModelError::DownloadInProgress(self.name.clone()),
            _ => ModelError::writing(&self.file)(error),
        })?;
        match std::fs::remove_file(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && partial => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(ModelError::NotInstalled(self.name.clone()))
            }
            outcome => outcome.map_err(ModelError::writing(&self.file)),
        }
    }
}

/// Returns every published model with its state in `folder`, then the other models there, by name.
pub fn list(folder: &Path) -> Vec<ModelEntry> {
    let published = catalogue()
        .into_iter()
        .map(|model| ModelEntry::of(folder, model));
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut others: Vec<ModelEntry> = files
        .filter_map(|entry| ModelEntry::imported(entry.path()))
        .collect();
    others.sort_by(|one, imported| one.name.cmp(&imported.name));
    published.chain(others).collect()
}

/// Returns the model called `name`, published or installed in `folder`.
pub fn find(folder: &Path, name: &str) -> Option<ModelEntry> {
    list(folder).into_iter().find(|entry| entry.name == name)
}

/// Returns the best model in `folder` for `language`; `None` stands for several languages. A file
/// that cannot be right is only returned if there is no other, so that loading it can report what
/// is wrong.
pub fn best_installed(folder: &Path, language: Option<Language>) -> Option<PathBuf> {
    let mut present: Vec<ModelEntry> = list(folder)
        .into_iter()
        .filter(ModelEntry::has_file)
        .collect();
    present.retain(|entry| language.is_none_or(|language| entry.supports(language)));
    // If the language is unknown, a multilingual model is worth more than a better English one.
    present.sort_by_key(|entry| (language.is_none() && entry.english_only, entry.rank()));
    present.into_iter().next().map(|entry| entry.file)
}

/// Returns the interrupted download for `language` that has the most bytes. The user has asked for
/// this model before.
pub fn unfinished(folder: &Path, language: Option<Language>) -> Option<(Model, u64)> {
    let part = |entry: ModelEntry| match (entry.published, entry.status) {
        (Some(model), ModelStatus::Partial(bytes)) => Some((model, bytes)),
        _ => None,
    };
    let useful =
        |model: &Model| language.map_or(!model.english_only, |language| model.supports(language));
    let begun = list(folder)
        .into_iter()
        .filter_map(part)
        .filter(|(model, _)| useful(model));
    begun.max_by_key(|(_, bytes)| *bytes)
}

/// Returns the size of the vocabulary, which is the first number after the magic of a model.
fn vocabulary(file: &Path) -> io::Result<u32> {
    let mut header = [0; 8];
    File::open(file)?.read_exact(&mut header)?;
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0u32, |number, byte| number << 8 | u32::from(*byte))
    };
    if number(&header[..4]) == model_file::MAGIC {
        Ok(number(&header[4..]))
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Creates sparse files of the right size.
    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let model = catalogue::published(name).unwrap();
            File::create(catalogue::path_in(folder.path(), &model))
                .unwrap()
                .set_len(model.bytes)
                .unwrap();
        }
        folder
    }

    const ENGLISH: Option<Language> = Some(Language::English);
    const KOREAN: Option<Language> = Some(Language::Korean);

    #[rstest]
    #[case::nothing(&[], ENGLISH, None)]
    #[case::english_is_no_help_for_korean(&["base.en"], KOREAN, None)]
    #[case::english_goes_before_multilingual(&["base", "base.en"], ENGLISH, Some("ggml-base.en.bin"))]
    #[case::a_better_family_goes_first(&["base.en", "small-q5_1"], ENGLISH, Some("ggml-small-q5_1.bin"))]
    #[case::less_quantised_goes_first(&["small-q5_1", "small"], KOREAN, Some("ggml-small.bin"))]
    #[case::any_language_wants_several(&["small.en", "base"], None, Some("ggml-base.bin"))]
    #[case::english_is_better_than_nothing(&["base.en"], None, Some("ggml-base.en.bin"))]
    fn the_best_installed_model(
        #[case] names: &[&str],
        #[case] language: Option<Language>,
        #[case] best: Option<&str>,
    ) {
        let folder = folder(names);
        assert_eq!(
            best_installed(folder.path(), language),
            best.map(|name| folder.path().join(name))
        );
    }

    #[test]
    fn a_broken_model_is_the_last_resort() {
        let folder = folder(&["tiny"]);
        let small = folder.path().join("ggml-small.bin");
        std::fs::write(&small, "cut off").unwrap();
        assert_eq!(
            best_installed(folder.path(), KOREAN),
            Some(folder.path().join("ggml-tiny.bin"))
        );
        find(folder.path(), "tiny").unwrap().remove().unwrap();
        assert_eq!(best_installed(folder.path(), KOREAN), Some(small));
    }

    /// Writes the header of a model with this many tokens.
    fn write_imported(folder: &Path, name: &str, tokens: u32) {
        let bytes = [model_file::MAGIC.to_le_bytes(), tokens.to_le_bytes()].concat();
        std::fs::write(folder.join(catalogue::file_name(name)), bytes).unwrap();
    }

    #[test]
    fn an_imported_model_is_listed_with_its_languages_and_used_if_no_published_one_is_installed() {
        let folder = folder(&[]);
        write_imported(folder.path(), "interviews", 51_865);
        write_imported(folder.path(), "english", 51_864);
        std::fs::write(folder.path().join("ggml-text.bin"), "text").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "text").unwrap();
        let others: Vec<_> = list(folder.path())
            .into_iter()
            .filter(|entry| entry.published.is_none())
            .collect();
        let seen: Vec<_> = others
            .iter()
            .map(|entry| (entry.name.as_str(), entry.english_only, entry.status))
            .collect();
        let expected = [
            ("english", true, ModelStatus::Installed),
            ("interviews", false, ModelStatus::Installed),
            ("text", false, ModelStatus::Broken(4)),
        ];
        assert_eq!(seen, expected);
        assert_eq!(
            best_installed(folder.path(), KOREAN),
            Some(folder.path().join("ggml-interviews.bin"))
        );
    }

    #[tokio::test]
    async fn a_wrong_file_is_reported_with_expected_and_found_content() {
        let folder = folder(&["tiny"]);
        std::fs::write(folder.path().join("ggml-base.bin"), "cut off").unwrap();
        write_imported(folder.path(), "own", 51_865);
        let verification =
            async |name: &str| find(folder.path(), name).unwrap().verify().await.unwrap();
        let tiny = catalogue::published("tiny").unwrap();
        let Verification::Differs {
            expected,
            found: Fingerprint::Sha256(_),
        } = verification("tiny").await
        else {
            panic!("zeros are no model")
        };
        assert_eq!(expected, Fingerprint::Sha256(tiny.sha256));
        let expected = Verification::Differs {
            expected: Fingerprint::Size(147_951_465),
            found: Fingerprint::Size(7),
        };
        assert_eq!(verification("base").await, expected);
        assert!(matches!(
            verification("own").await,
            Verification::Unusable(_)
        ));
    }

    #[test]
    fn a_missing_model_cannot_be_removed() {
        let folder = folder(&["tiny"]);
        assert!(find(folder.path(), "tiny").unwrap().remove().is_ok());
        let gone = find(folder.path(), "tiny").unwrap();
        assert_eq!(gone.status, ModelStatus::Absent);
        assert!(matches!(gone.remove(), Err(ModelError::NotInstalled(name)) if name == "tiny"));
        assert_eq!(find(folder.path(), "../tiny"), None);
    }
}
