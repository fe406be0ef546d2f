//! Imports a model from a file, for machines without a network and for models that are not
//! published.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::progress::{ProgressMeter, TransferProgress};
use super::{Fingerprint, Model, ModelError, catalogue, digest, download};
use crate::voice::model_file;

/// The bytes copied at once.
const BLOCK: usize = 1 << 20;

/// The longest name of a model in bytes.
const MAX_NAME_BYTES: usize = 64;

/// The result of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The name under which the model is installed.
    pub name: String,
    pub file: PathBuf,
    /// True if it is the published model of that name.
    pub published: bool,
}

/// Copies `source` into `folder`. A file with a known SHA-256 gets its published name. Any other
/// file must be a complete Whisper model, and gets `name` or the name of the file.
pub async fn import(
    folder: &Path,
    source: &Path,
    name: Option<&str>,
    mut report: impl FnMut(TransferProgress) + Send,
) -> Result<Imported, ModelError> {
    if let Some(name) = name {
        check_name(name)?;
    }
    fs::create_dir_all(folder)
        .await
        .map_err(ModelError::writing(folder))?;
    let (copy, sha256) = copy_and_hash(folder, source, &mut report).await?;
    let (name, published) = match catalogue::by_sha256(&sha256) {
        Some(model) => (published_as(model.name, name)?, true),
        None => (unpublished_name(source, &copy, name, &sha256).await?, false),
    };
    let file = folder.join(catalogue::file_name(&name));
    if !published
        && digest::sha256_of(&file)
            .await
            .is_ok_and(|there| there != sha256)
    {
        return Err(ModelError::NameTaken(name));
    }
    copy.persist(&file)
        .map_err(|error| ModelError::writing(&file)(error.error))?;
    // The rest of an interrupted download is obsolete. A running download will find the model.
    let _ = download::remove(&file);
    Ok(Imported {
        name,
        file,
        published,
    })
}

/// Copies the file and returns the copy, which is deleted when dropped, and its SHA-256.
async fn copy_and_hash(
    folder: &Path,
    source: &Path,
    report: &mut (impl FnMut(TransferProgress) + Send),
) -> Result<(TempPath, String), ModelError> {
    let mut from = File::open(source)
        .await
        .map_err(ModelError::reading(source))?;
    let about = from.metadata().await.map_err(ModelError::reading(source))?;
    if !about.is_file() {
        return Err(not_a_model(source, "it is no file".into()));
    }
    download::check_space(folder, about.len())?;
    let temporary = tempfile::Builder::new()
        .prefix(".import-")
        .tempfile_in(folder);
    let (file, path) = temporary.map_err(ModelError::writing(folder))?.into_parts();
    let mut to = File::from_std(file);
    let mut block = vec![0; BLOCK];
    let mut hash = Sha256::new();
    let mut done = 0;
    let started = Instant::now();
    let mut meter = ProgressMeter::new(0, about.len(), Duration::ZERO);
    loop {
        let length = from
            .read(&mut block)
            .await
            .map_err(ModelError::reading(source))?;
        if length == 0 {
            break;
        }
        hash.update(&block[..length]);
        to.write_all(&block[..length])
            .await
            .map_err(ModelError::writing(folder))?;
        done += length as u64;
        report(meter.at(started.elapsed(), done));
    }
    to.sync_all().await.map_err(ModelError::writing(folder))?;
    Ok((path, hex::encode(hash.finalize())))
}

/// Rejects a requested name that differs from the published one.
fn published_as(name: String, asked: Option<&str>) -> Result<String, ModelError> {
    match asked.filter(|&asked| asked != name) {
        Some(asked) => Err(ModelError::PublishedAs {
            name,
            asked: asked.to_owned(),
        }),
        None => Ok(name),
    }
}

/// Returns the name of an unpublished model, which must be complete and must not have the name of a
/// published one.
async fn unpublished_name(
    source: &Path,
    copy: &Path,
    name: Option<&str>,
    sha256: &str,
) -> Result<String, ModelError> {
    let stem = || {
        source
            .file_stem()
            .and_then(|stem| stem.to_str())
            .map(|stem| stem.trim_start_matches("ggml-"))
    };
    let name = name.or_else(stem).unwrap_or_default();
    if let Some(model) = catalogue::published(name) {
        let found = fs::metadata(copy)
            .await
            .map_err(ModelError::reading(source))?
            .len();
        return Err(not_the_published(model, found, sha256));
    }
    model_file::check(copy, None).map_err(|reason| not_a_model(source, reason))?;
    check_name(name)?;
    Ok(name.to_owned())
}

fn not_the_published(model: Model, bytes: u64, sha256: &str) -> ModelError {
    let (expected, found) = if bytes == model.bytes {
        (
            Fingerprint::Sha256(model.sha256),
            Fingerprint::Sha256(sha256.to_owned()),
        )
    } else {
        (Fingerprint::Size(model.bytes), Fingerprint::Size(bytes))
    };
    ModelError::NotPublishedFile {
        name: model.name,
        expected,
        found,
    }
}

/// Checks that a name is a valid file name on every system and a single word in a shell.
fn check_name(name: &str) -> Result<(), ModelError> {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let begins = name.chars().next().is_some_and(char::is_alphanumeric);
    if begins && name.len() <= MAX_NAME_BYTES && name.chars().all(plain) {
        Ok(())
    } else {
        Err(ModelError::InvalidName(name.to_owned()))
    }
}

fn not_a_model(file: &Path, reason: String) -> ModelError {
    ModelError::NotAModel {
        file: file.display().to_string(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("interviews-ko_2.q5", true)]
    #[case("한국어", true)]
    #[case("", false)]
    #[case("..", false)]
    #[case("-rf", false)]
    #[case("a/b", false)]
    #[case("a b", false)]
    fn a_name_is_one_plain_word(#[case] name: &str, #[case] fine: bool) {
        assert_eq!(check_name(name).is_ok(), fine);
    }
}
