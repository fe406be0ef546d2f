//! A model from a file: for machines without a network, and for models that are published nowhere.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use tempfile::TempPath;
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::progress::{ProgressMeter, TransferProgress};
use super::{Fingerprint, Model, ModelError, catalogue, digest, download};
use crate::voice::model_file;

/// Bytes copied at once.
const BLOCK: usize = 1 << 20;

/// Longest name of a model.
const LONGEST: usize = 64;

/// What an import brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// What it is called now.
    pub name: String,
    /// Where it lies.
    pub file: PathBuf,
    /// It is the published model of that name.
    pub published: bool,
}

/// Copies `source` into `folder`: under its published name where its SHA-256 is known, else under `name` or that of the
/// file, once it is found to be a whole Whisper model.
pub async fn import(
    folder: &Path,
    source: &Path,
    name: Option<&str>,
    mut tell: impl FnMut(TransferProgress) + Send,
) -> Result<Imported, ModelError> {
    if let Some(name) = name {
        check_name(name)?;
    }
    fs::create_dir_all(folder)
        .await
        .map_err(ModelError::writing(folder))?;
    let (copy, sha256) = copied(folder, source, &mut tell).await?;
    let (name, published) = match catalogue::by_sha256(&sha256) {
        Some(model) => (published_as(model.name, name)?, true),
        None => (own_name(source, &copy, name, &sha256).await?, false),
    };
    let file = folder.join(catalogue::file_name(&name));
    if !published && digest::of(&file).await.is_ok_and(|there| there != sha256) {
        return Err(ModelError::NameTaken(name));
    }
    copy.persist(&file)
        .map_err(|error| ModelError::writing(&file)(error.error))?;
    // Nobody needs what is left of a download now; one that goes on will find the model.
    let _ = download::remove(&file);
    Ok(Imported {
        name,
        file,
        published,
    })
}

/// A copy that vanishes unless it is kept, with its SHA-256.
async fn copied(
    folder: &Path,
    source: &Path,
    tell: &mut (impl FnMut(TransferProgress) + Send),
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
    let (mut block, mut hash, mut done) = (vec![0; BLOCK], Sha256::new(), 0);
    let (started, mut meter) = (
        Instant::now(),
        ProgressMeter::new(0, about.len(), Duration::ZERO),
    );
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
        tell(meter.at(started.elapsed(), done));
    }
    to.sync_all().await.map_err(ModelError::writing(folder))?;
    Ok((path, hex::encode(hash.finalize())))
}

/// A published model keeps its name, whatever it was to be called.
fn published_as(name: String, asked: Option<&str>) -> Result<String, ModelError> {
    match asked.filter(|&asked| asked != name) {
        Some(asked) => Err(ModelError::PublishedAs {
            name,
            asked: asked.to_owned(),
        }),
        None => Ok(name),
    }
}

/// The name of a model that is in no catalogue, which has to be a whole one and must not go by a published one's name.
async fn own_name(
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

/// A name has to be a file name everywhere, and one word in a shell.
fn check_name(name: &str) -> Result<(), ModelError> {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let begins = name.chars().next().is_some_and(char::is_alphanumeric);
    if begins && name.len() <= LONGEST && name.chars().all(plain) {
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
