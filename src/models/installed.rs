//! The models in the folder: which there are, whether they are right, and removing them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{Fingerprint, Model, ModelError, catalogue, digest, download};
use crate::interview::Language;
use crate::voice::model_file;

/// Whisper's vocabularies have 51,864 tokens for English alone, one more for many languages, and two more in its third
/// version.
const MULTILINGUAL_FROM: u32 = 51_865;

/// A model that is published, or lies in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelEntry {
    /// Such as `base.en`.
    pub name: String,
    /// What was published under this name; `None` for a model that was imported.
    pub published: Option<Model>,
    /// It hears no other language.
    pub english_only: bool,
    /// Of the whole file.
    pub bytes: u64,
    /// Where it lies, or would.
    pub file: PathBuf,
    /// Is it there?
    pub state: ModelStatus,
}

/// How much of a model is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelStatus {
    /// Nothing.
    Absent,
    /// So many bytes of a download that can go on.
    Partial(u64),
    /// A file of the right size.
    Installed,
    /// A file that cannot be right, of so many bytes.
    Broken(u64),
}

/// What became of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Its SHA-256 is that of the published file.
    Matches,
    /// It is another one.
    Differs {
        /// As published.
        expected: Fingerprint,
        /// As it is.
        found: Fingerprint,
    },
    /// It is a whole Whisper model, of which nobody knows what it should be: its SHA-256 (hex).
    Unlisted(String),
    /// It is no whole Whisper model; why, in English.
    Unusable(String),
}

impl ModelEntry {
    fn of(folder: &Path, model: Model) -> Self {
        let file = catalogue::path_in(folder, &model);
        let state = match std::fs::metadata(&file) {
            Ok(found) if found.len() == model.bytes => ModelStatus::Installed,
            Ok(found) => ModelStatus::Broken(found.len()),
            Err(_) => {
                download::bytes_of(&file, &model).map_or(ModelStatus::Absent, ModelStatus::Partial)
            }
        };
        let (name, english_only, bytes) = (model.name.clone(), model.english_only, model.bytes);
        Self {
            name,
            published: Some(model),
            english_only,
            bytes,
            file,
            state,
        }
    }

    /// A file that is called like a model, but like none of the catalogue.
    fn other(file: PathBuf) -> Option<Self> {
        let name = catalogue::name_of(&file)
            .filter(|name| catalogue::published(name).is_none())?
            .to_owned();
        let bytes = std::fs::metadata(&file)
            .ok()
            .filter(std::fs::Metadata::is_file)?
            .len();
        let vocabulary = vocabulary(&file).ok();
        let state = if vocabulary.is_some() {
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
            state,
        })
    }

    /// A file lies there, right or not.
    pub fn is_there(&self) -> bool {
        matches!(self.state, ModelStatus::Installed | ModelStatus::Broken(_))
    }

    fn supports(&self, language: Language) -> bool {
        !self.english_only || language == Language::English
    }

    /// Less is better: whole before broken, published before own, then as the catalogue ranks them.
    fn rank(&self) -> impl Ord + use<> {
        let published = self.published.as_ref().map(Model::rank);
        (
            self.state != ModelStatus::Installed,
            published.is_none(),
            published,
            std::cmp::Reverse(self.bytes),
        )
    }

    /// Reads the whole file and compares it with what was published.
    pub async fn verify(&self) -> Result<Verification, ModelError> {
        let Some(model) = &self.published else {
            return self.verify_other().await;
        };
        if let ModelStatus::Broken(found) = self.state {
            return Ok(Verification::Differs {
                expected: Fingerprint::Size(model.bytes),
                found: Fingerprint::Size(found),
            });
        }
        let found = digest::of(&self.file).await?;
        Ok(if found == model.sha256 {
            Verification::Matches
        } else {
            Verification::Differs {
                expected: Fingerprint::Sha256(model.sha256.clone()),
                found: Fingerprint::Sha256(found),
            }
        })
    }

    async fn verify_other(&self) -> Result<Verification, ModelError> {
        match model_file::check(&self.file, None) {
            Ok(()) => digest::of(&self.file).await.map(Verification::Unlisted),
            Err(reason) => Ok(Verification::Unusable(reason)),
        }
    }

    /// Removes the file and what is left of a download of it. Refused while one goes on.
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

/// Every published model as it is found in `folder`, then the others that lie there, by name.
pub fn list(folder: &Path) -> Vec<ModelEntry> {
    let published = catalogue()
        .into_iter()
        .map(|model| ModelEntry::of(folder, model));
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut others: Vec<ModelEntry> = files
        .filter_map(|entry| ModelEntry::other(entry.path()))
        .collect();
    others.sort_by(|one, other| one.name.cmp(&other.name));
    published.chain(others).collect()
}

/// The model called `name`, published or lying in `folder`.
pub fn find(folder: &Path, name: &str) -> Option<ModelEntry> {
    list(folder).into_iter().find(|entry| entry.name == name)
}

/// The best model present in `folder` for `language` (`None`: for several), if any; whole files go before those that
/// cannot be right, which are only returned so that loading them can say what is wrong.
pub fn best_installed(folder: &Path, language: Option<Language>) -> Option<PathBuf> {
    let mut present: Vec<ModelEntry> = list(folder)
        .into_iter()
        .filter(ModelEntry::is_there)
        .collect();
    present.retain(|entry| language.is_none_or(|language| entry.supports(language)));
    // Where the language is not known, one that hears several is worth more than a better one that hears one.
    present.sort_by_key(|entry| (language.is_none() && entry.english_only, entry.rank()));
    present.into_iter().next().map(|entry| entry.file)
}

/// A model of which a part is there, with its bytes so far, the largest part first: somebody wanted it for `language`.
pub fn unfinished(folder: &Path, language: Option<Language>) -> Option<(Model, u64)> {
    let part = |entry: ModelEntry| match (entry.published, entry.state) {
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

/// The size of the vocabulary, the first number of a model after its magic.
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

    /// Sparse files of the right size.
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

    /// The beginning of a model with so many tokens.
    fn own(folder: &Path, name: &str, tokens: u32) {
        let bytes = [model_file::MAGIC.to_le_bytes(), tokens.to_le_bytes()].concat();
        std::fs::write(folder.join(catalogue::file_name(name)), bytes).unwrap();
    }

    #[test]
    fn a_model_of_ones_own_is_listed_with_what_it_hears_and_used_where_no_published_one_is_there() {
        let folder = folder(&[]);
        own(folder.path(), "interviews", 51_865);
        own(folder.path(), "english", 51_864);
        std::fs::write(folder.path().join("ggml-text.bin"), "text").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "text").unwrap();
        let others: Vec<_> = list(folder.path())
            .into_iter()
            .filter(|entry| entry.published.is_none())
            .collect();
        let seen: Vec<_> = others
            .iter()
            .map(|entry| (entry.name.as_str(), entry.english_only, entry.state))
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
    async fn a_wrong_model_is_found_with_what_was_expected() {
        let folder = folder(&["tiny"]);
        std::fs::write(folder.path().join("ggml-base.bin"), "cut off").unwrap();
        own(folder.path(), "own", 51_865);
        let verdict = async |name: &str| find(folder.path(), name).unwrap().verify().await.unwrap();
        let tiny = catalogue::published("tiny").unwrap();
        let Verification::Differs {
            expected,
            found: Fingerprint::Sha256(_),
        } = verdict("tiny").await
        else {
            panic!("zeros are no model")
        };
        assert_eq!(expected, Fingerprint::Sha256(tiny.sha256));
        let expected = Verification::Differs {
            expected: Fingerprint::Size(147_951_465),
            found: Fingerprint::Size(7),
        };
        assert_eq!(verdict("base").await, expected);
        assert!(matches!(verdict("own").await, Verification::Unusable(_)));
    }

    #[test]
    fn what_is_not_there_cannot_be_removed() {
        let folder = folder(&["tiny"]);
        assert!(find(folder.path(), "tiny").unwrap().remove().is_ok());
        let gone = find(folder.path(), "tiny").unwrap();
        assert_eq!(gone.state, ModelStatus::Absent);
        assert!(matches!(gone.remove(), Err(ModelError::NotInstalled(name)) if name == "tiny"));
        assert_eq!(find(folder.path(), "../tiny"), None);
    }
}
