//! One model from a server to the disk: into a partial file, checked while it streams, renamed when it is right.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use url::Url;

use crate::upstream;

use super::{Model, file};

/// Why a model did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Server.
    #[error("cannot download {url}: {reason}")]
    Download {
        /// From.
        url: String,
        /// Why.
        reason: String,
    },
    /// Wrong bytes.
    #[error("{file}: expected {expected}, found {found}")]
    Mismatch {
        /// Name.
        file: String,
        /// Size or hash.
        expected: String,
        /// Size or hash.
        found: String,
    },
    /// Disk.
    #[error("cannot write {file}")]
    Write {
        /// Name.
        file: String,
        /// Cause.
        #[source]
        source: io::Error,
    },
}

/// What is left of an earlier attempt is overwritten; a failed one leaves nothing behind.
pub(super) async fn run(
    http: &reqwest::Client,
    mirror: &Url,
    model: &Model,
    folder: &Path,
    stalled: Duration,
    mut progress: impl FnMut(u64, u64) + Send,
) -> Result<PathBuf, ModelError> {
    let (target, url) = (file(folder, model), address(mirror, model));
    let part = target.with_extension("bin.part");
    fs::create_dir_all(folder).await.map_err(writing(folder))?;
    let request = Request { http, url, model, part: &part, stalled };
    if let Err(error) = request.fetch(&mut progress).await {
        // It may not exist; the next attempt overwrites it anyway.
        let _ = fs::remove_file(&part).await;
        return Err(error);
    }
    fs::rename(&part, &target).await.map_err(writing(&target))?;
    Ok(target)
}

struct Request<'a> {
    http: &'a reqwest::Client,
    url: String,
    model: &'a Model,
    part: &'a Path,
    stalled: Duration,
}

impl Request<'_> {
    async fn fetch(&self, progress: &mut (impl FnMut(u64, u64) + Send)) -> Result<(), ModelError> {
        let response = self.answer().await?;
        let mut file = File::create(self.part).await.map_err(writing(self.part))?;
        let (mut body, mut hash, mut done) = (response.bytes_stream(), Sha256::new(), 0);
        progress(0, self.model.bytes);
        while let Some(chunk) = self.in_time(body.next()).await? {
            let chunk = chunk.map_err(|error| self.failed(&error))?;
            done += chunk.len() as u64;
            if done > self.model.bytes {
                return Err(self.wrong_size(format!("more than {} bytes", self.model.bytes)));
            }
            hash.update(&chunk);
            file.write_all(&chunk).await.map_err(writing(self.part))?;
            progress(done, self.model.bytes);
        }
        if done != self.model.bytes {
            return Err(self.wrong_size(format!("{done} bytes")));
        }
        file.sync_all().await.map_err(writing(self.part))?;
        self.compare(&hex::encode(hash.finalize()))
    }

    /// The server's answer, once it promises the right thing.
    async fn answer(&self) -> Result<reqwest::Response, ModelError> {
        let response = self.in_time(self.http.get(&self.url).send()).await?.map_err(|error| self.failed(&error))?;
        let response = response.error_for_status().map_err(|error| self.failed(&error))?;
        match response.content_length() {
            Some(length) if length != self.model.bytes => Err(self.wrong_size(format!("{length} bytes"))),
            _ => Ok(response),
        }
    }

    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, ModelError> {
        timeout(self.stalled, work).await.map_err(|_| ModelError::Download {
            url: self.url.clone(),
            reason: format!("the server sent nothing for {} seconds", self.stalled.as_secs()),
        })
    }

    fn compare(&self, found: &str) -> Result<(), ModelError> {
        if found == self.model.sha256 {
            return Ok(());
        }
        let sum = |hash: &str| format!("SHA-256 {hash}");
        Err(ModelError::Mismatch { file: self.url.clone(), expected: sum(&self.model.sha256), found: sum(found) })
    }

    fn wrong_size(&self, found: String) -> ModelError {
        ModelError::Mismatch { file: self.url.clone(), expected: format!("{} bytes", self.model.bytes), found }
    }

    fn failed(&self, error: &reqwest::Error) -> ModelError {
        let status = error.status().map(|status| format!("the server answers {status}"));
        let reason = status.unwrap_or_else(|| upstream::cause(error));
        ModelError::Download { url: self.url.clone(), reason }
    }
}

fn address(mirror: &Url, model: &Model) -> String {
    format!("{}/ggml-{}.bin", mirror.as_str().trim_end_matches('/'), model.name)
}

fn writing(file: &Path) -> impl FnOnce(io::Error) -> ModelError {
    let file = file.display().to_string();
    move |source| ModelError::Write { file, source }
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::path;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    use super::*;

    fn model() -> Model {
        // The SHA-256 of "abc", from FIPS 180-2.
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        Model { name: "toy".into(), english_only: false, bytes: 3, sha256: sha256.into() }
    }

    fn http() -> reqwest::Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder().no_proxy().build().unwrap()
    }

    /// Downloads from a server answering `answer` into a folder that holds the leftover of an earlier try.
    async fn downloaded(answer: ResponseTemplate) -> (Result<String, String>, Vec<String>, Vec<(u64, u64)>) {
        let server = MockServer::start().await;
        Mock::given(path("/m/ggml-toy.bin")).respond_with(answer).mount(&server).await;
        let mirror = Url::parse(&format!("{}/m/", server.uri())).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ggml-toy.bin.part"), "a leftover, longer than the model").unwrap();
        let mut steps = Vec::new();
        let stalled = Duration::from_millis(300);
        let outcome =
            run(&http(), &mirror, &model(), folder.path(), stalled, |done, all| steps.push((done, all))).await;
        let outcome = outcome
            .map(|file| std::fs::read_to_string(file).unwrap())
            .map_err(|error| error.to_string().replace(&server.uri(), ""));
        let names = std::fs::read_dir(folder.path()).unwrap();
        (outcome, names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect(), steps)
    }

    #[tokio::test]
    async fn a_right_model_arrives_under_its_name() {
        let (outcome, files, steps) = downloaded(ResponseTemplate::new(200).set_body_string("abc")).await;
        assert_eq!(outcome, Ok("abc".into()));
        assert_eq!(files, ["ggml-toy.bin"]);
        assert_eq!(steps, [(0, 3), (3, 3)]);
    }

    #[rstest::rstest]
    #[case::wrong_bytes(
        ResponseTemplate::new(200).set_body_string("abd"),
        "/m/ggml-toy.bin: expected SHA-256 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad, \
         found SHA-256 a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9"
    )]
    #[case::another_page(ResponseTemplate::new(200).set_body_string("<html>"), "/m/ggml-toy.bin: expected 3 bytes, found 6 bytes")]
    #[case::not_there(ResponseTemplate::new(404), "cannot download /m/ggml-toy.bin: the server answers 404 Not Found")]
    #[case::stalled(
        ResponseTemplate::new(200).set_body_string("abc").set_delay(Duration::from_mins(1)),
        "cannot download /m/ggml-toy.bin: the server sent nothing for 0 seconds"
    )]
    #[tokio::test]
    async fn a_wrong_model_is_named_and_leaves_nothing(#[case] answer: ResponseTemplate, #[case] message: &str) {
        let (outcome, files, _) = downloaded(answer).await;
        assert_eq!(outcome, Err(message.to_owned()));
        assert!(files.iter().all(|name| name != "ggml-toy.bin"), "{files:?}");
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mirror = Url::parse("http://127.0.0.1:9").unwrap();
        let outcome = run(&http(), &mirror, &model(), file.path(), Duration::from_secs(1), |_, _| ()).await;
        assert_eq!(outcome.unwrap_err().to_string(), format!("cannot write {}", file.path().display()));
    }
}
