//! Downloads one model to the disk and recovers from interruptions.
//!
//! ```text
//! partial file (locked) ─► ask for the rest ─► 206: go on · 200: from the start · else: refused
//!        ▲                                          │
//!        └── broken, stalled: ask again ◄── bytes, hashed as they come ──► SHA-256 ─► fsync, rename
//! ```
//!
//! - Received bytes stay on the disk however the download ends, and the next download resumes
//!   there: it hashes them again and asks for the rest, only of the same file if the server has a
//!   strong `ETag`.
//! - Old bytes never block a download: if the server's part does not fit, or the checksum is wrong
//!   after resuming, they are discarded and the download restarts once from the first byte.
//! - A connection that breaks or stalls is made again, up to [`MAX_ATTEMPTS`] in total, as long as each
//!   gets further than the one before.
//! - The second of two downloads of one model waits for the first and then finds the model.

mod partial_file;
mod progress_reporter;
mod source;
mod space;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::fs;
use tokio::time::timeout;
use url::Url;

pub(super) use partial_file::{remove, resumable_bytes};
pub use progress_reporter::DownloadStep;
pub(super) use space::check as check_space;

use super::progress::TransferProgress;
use super::{DownloadFailure, Fingerprint, Model, ModelError, catalogue, digest};
use crate::upstream;
use partial_file::PartialFile;
use progress_reporter::ProgressReporter;
use source::{FileResponse, ModelSource};

/// The connections made for one download, as long as each gets further.
const MAX_ATTEMPTS: u32 = 5;

/// The pause before the next connection.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// The time without bytes after which a server counts as stalled.
const STALL_TIMEOUT: Duration = Duration::from_secs(20);

/// The outcome of a successful download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadOutcome {
    /// The file was already there and correct.
    AlreadyPresent(PathBuf),
    Downloaded(PathBuf),
}

impl DownloadOutcome {
    /// Returns the path of the model.
    pub fn file(&self) -> &Path {
        match self {
            Self::AlreadyPresent(file) | Self::Downloaded(file) => file,
        }
    }
}

/// One download, started by [`Download::run`].
#[derive(Clone, Debug)]
pub struct Download {
    /// The HTTP client. It must follow redirects to other servers, where models usually are.
    pub http: reqwest::Client,
    /// The address that serves `ggml-<name>.bin`.
    pub mirror: Url,
    pub model: Model,
    /// The folder the model is written to.
    pub folder: PathBuf,
    pub timeouts: DownloadTimeouts,
}

/// The times to wait for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownloadTimeouts {
    /// The longest wait for the next bytes.
    pub stalled: Duration,
    /// The pause before another connection.
    pub pause: Duration,
}

impl Default for DownloadTimeouts {
    fn default() -> Self {
        Self {
            stalled: STALL_TIMEOUT,
            pause: RETRY_PAUSE,
        }
    }
}

/// The reason an attempt failed.
#[derive(Debug)]
enum AttemptError {
    /// The received bytes are good, and another attempt may bring the rest.
    Interrupted(ModelError),
    /// The received bytes do not fit the server's file.
    Mismatch(ModelError),
    /// Another attempt would fail in the same way.
    Permanent(ModelError),
}

impl Download {
    /// Downloads the model unless it is already there. If dropped, it keeps the received bytes for
    /// the next time.
    pub async fn run(
        &self,
        mut report: impl FnMut(DownloadStep) + Send,
    ) -> Result<DownloadOutcome, ModelError> {
        let target = catalogue::path_in(&self.folder, &self.model);
        fs::create_dir_all(&self.folder)
            .await
            .map_err(ModelError::writing(&self.folder))?;
        if self.is_installed(&target).await {
            return Ok(DownloadOutcome::AlreadyPresent(target));
        }
        let opened =
            PartialFile::open(&target, &self.model, || report(DownloadStep::Waiting)).await;
        let mut partial = opened.map_err(ModelError::writing(&target))?;
        // The download that was waited for has completed the model.
        if self.is_installed(&target).await {
            partial
                .discard()
                .await
                .map_err(ModelError::writing(&target))?;
            return Ok(DownloadOutcome::AlreadyPresent(target));
        }
        match self.download_all(&mut partial, &mut report).await {
            Ok(()) => partial
                .finish(&target)
                .await
                .map_err(ModelError::writing(&target))?,
            Err(AttemptError::Mismatch(error)) => {
                let _ = partial.discard().await;
                return Err(error);
            }
            Err(AttemptError::Interrupted(error) | AttemptError::Permanent(error)) => {
                let _ = partial.keep_for_later().await;
                return Err(error);
            }
        }
        Ok(DownloadOutcome::Downloaded(target))
    }

    async fn is_installed(&self, target: &Path) -> bool {
        let right_size = fs::metadata(target)
            .await
            .is_ok_and(|found| found.len() == self.model.bytes);
        right_size
            && digest::sha256_of(target)
                .await
                .is_ok_and(|sum| sum == self.model.sha256)
    }

    /// Makes attempts until the model is complete.
    async fn download_all(
        &self,
        partial: &mut PartialFile,
        report: &mut (impl FnMut(DownloadStep) + Send),
    ) -> Result<(), AttemptError> {
        let mut restarted = false;
        let mut attempts = 1;
        let mut furthest = partial.done;
        if partial.done > 0 {
            report(DownloadStep::Resuming(partial.done));
        }
        loop {
            match self.attempt(partial, report).await {
                Err(AttemptError::Mismatch(error)) if partial.joined && !restarted => {
                    tracing::warn!(%error, "the download restarts");
                    restarted = true;
                    self.restart(partial, report).await?;
                }
                Err(AttemptError::Interrupted(error))
                    if attempts < MAX_ATTEMPTS && partial.done > furthest =>
                {
                    tracing::warn!(%error, "the download resumes");
                    attempts += 1;
                    furthest = partial.done;
                    tokio::time::sleep(self.timeouts.pause).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Requests the missing bytes, stores them, and compares the checksum.
    async fn attempt(
        &self,
        partial: &mut PartialFile,
        report: &mut (impl FnMut(DownloadStep) + Send),
    ) -> Result<(), AttemptError> {
        let url = upstream::join_path(&self.mirror, &[&catalogue::file_name(&self.model.name)]);
        let source = ModelSource {
            http: &self.http,
            url,
            model: &self.model,
        };
        partial.joined |= partial.done > 0;
        if partial.done < self.model.bytes {
            check_space(&self.folder, self.model.bytes - partial.done)
                .map_err(AttemptError::Permanent)?;
            let response = timeout(self.timeouts.stalled, source.request_rest(partial)).await;
            let response = response
                .map_err(|_| AttemptError::Interrupted(self.stalled(&source, partial)))??;
            self.receive(response, &source, partial, report).await?;
        }
        let found = partial.sha256();
        if found == self.model.sha256 {
            return Ok(());
        }
        Err(AttemptError::Mismatch(source.mismatch(
            Fingerprint::Sha256(self.model.sha256.clone()),
            Fingerprint::Sha256(found),
        )))
    }

    async fn restart(
        &self,
        partial: &mut PartialFile,
        report: &mut (impl FnMut(DownloadStep) + Send),
    ) -> Result<(), AttemptError> {
        partial
            .restart()
            .await
            .map_err(|error| self.cannot_write(error))?;
        report(DownloadStep::Restarting);
        Ok(())
    }

    /// Appends the bytes of `response` to the partial file until the model is complete.
    async fn receive(
        &self,
        response: FileResponse,
        source: &ModelSource<'_>,
        partial: &mut PartialFile,
        report: &mut (impl FnMut(DownloadStep) + Send),
    ) -> Result<(), AttemptError> {
        if response.from != partial.done {
            self.restart(partial, report).await?;
        }
        partial
            .describe(response.metadata)
            .await
            .map_err(|error| self.cannot_write(error))?;
        let mut body = Box::pin(response.response.bytes_stream());
        let mut reporter = ProgressReporter::new(partial.done, self.model.bytes);
        report(DownloadStep::Progress(TransferProgress::new(
            partial.done,
            self.model.bytes,
        )));
        while let ControlFlow::Continue(piece) = self
            .next_bytes(&mut body, &mut reporter, source, partial, report)
            .await?
        {
            if partial.done + piece.len() as u64 > self.model.bytes {
                let expected = Fingerprint::Size(self.model.bytes);
                let found = Fingerprint::MoreThan(self.model.bytes);
                return Err(AttemptError::Mismatch(source.mismatch(expected, found)));
            }
            partial
                .append(&piece)
                .await
                .map_err(|error| self.cannot_write(error))?;
            reporter.report(partial.done, report);
        }
        if partial.done < self.model.bytes {
            return Err(AttemptError::Interrupted(
                source.download_error(self.interrupted(partial, String::new())),
            ));
        }
        report(DownloadStep::Progress(reporter.at(partial.done)));
        Ok(())
    }

    /// Returns the next bytes, or the end. Progress is reported while waiting, so that a stalled
    /// connection becomes visible.
    async fn next_bytes(
        &self,
        body: &mut (impl Stream<Item = reqwest::Result<Bytes>> + Unpin),
        reporter: &mut ProgressReporter,
        source: &ModelSource<'_>,
        partial: &PartialFile,
        report: &mut (impl FnMut(DownloadStep) + Send),
    ) -> Result<ControlFlow<(), Bytes>, AttemptError> {
        let asked = Instant::now();
        loop {
            let left = self.timeouts.stalled.saturating_sub(asked.elapsed());
            if left.is_zero() {
                return Err(AttemptError::Interrupted(self.stalled(source, partial)));
            }
            match timeout(left.min(Duration::from_secs(1)), body.next()).await {
                Ok(Some(Ok(piece))) => return Ok(ControlFlow::Continue(piece)),
                Ok(Some(Err(error))) => {
                    return Err(AttemptError::Interrupted(source.download_error(
                        self.interrupted(partial, upstream::root_cause(&error).to_string()),
                    )));
                }
                Ok(None) => return Ok(ControlFlow::Break(())),
                Err(_) => reporter.report(partial.done, report),
            }
        }
    }

    fn stalled(&self, source: &ModelSource<'_>, partial: &PartialFile) -> ModelError {
        let seconds = self.timeouts.stalled.as_secs();
        source.download_error(DownloadFailure::Stalled {
            seconds,
            done: partial.done,
            all: self.model.bytes,
        })
    }

    fn interrupted(&self, partial: &PartialFile, reason: String) -> DownloadFailure {
        DownloadFailure::Interrupted {
            done: partial.done,
            all: self.model.bytes,
            reason,
        }
    }

    fn cannot_write(&self, source: std::io::Error) -> AttemptError {
        AttemptError::Permanent(ModelError::writing(&catalogue::path_in(
            &self.folder,
            &self.model,
        ))(source))
    }
}
