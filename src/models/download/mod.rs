//! One model from a server to the disk, through anything that happens on the way.
//!
//! ```text
//! partial file (locked) ─► ask for the rest ─► 206: go on · 200: from the start · else: refused
//!        ▲                                          │
//!        └── broken, stalled: ask again ◄── bytes, hashed as they come ──► SHA-256 ─► fsync, rename
//! ```
//!
//! - What arrived stays on the disk whatever ends the download, and the next one goes on there: the bytes are hashed
//!   again, the server is asked for the rest, and with its `ETag` (if it has a strong one) only of the same file.
//! - What is there never stands in the way: where the server's part does not fit, or the sum comes out wrong after
//!   going on, it is thrown away and the download begins once more from the first byte.
//! - A connection that breaks or stalls is made again, [`TRIES`] in all, as long as each gets further than the last.
//! - Two downloads of one model: the second waits for the first and finds the model there.

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

pub(super) use partial_file::{bytes_of, remove};
pub use progress_reporter::DownloadStep;
pub(super) use space::check as check_space;

use super::progress::TransferProgress;
use super::{DownloadFailure, Fingerprint, Model, ModelError, catalogue, digest};
use crate::upstream;
use partial_file::PartialFile;
use progress_reporter::ProgressReporter;
use source::{FileResponse, ModelSource};

/// Connections made for one download, as long as each gets further.
const TRIES: u32 = 5;

/// Before the next one.
const PAUSE: Duration = Duration::from_secs(1);

/// A server that sends nothing for this long has stalled.
const STALLED: Duration = Duration::from_secs(20);

/// How a model came to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadOutcome {
    /// It was, whole and right.
    AlreadyPresent(PathBuf),
    /// It was downloaded.
    Downloaded(PathBuf),
}

impl DownloadOutcome {
    /// Where it lies.
    pub fn file(&self) -> &Path {
        match self {
            Self::AlreadyPresent(file) | Self::Downloaded(file) => file,
        }
    }
}

/// One download, to be [run](Download::run).
#[derive(Clone, Debug)]
pub struct Download {
    /// Asks; it has to follow redirects to other servers, since models are kept on them.
    pub http: reqwest::Client,
    /// Serves `ggml-<name>.bin`.
    pub mirror: Url,
    /// Which.
    pub model: Model,
    /// Where it is to lie.
    pub folder: PathBuf,
    /// How long to wait.
    pub timeouts: DownloadTimeouts,
}

/// How long to wait for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownloadTimeouts {
    /// For the next bytes.
    pub stalled: Duration,
    /// Before asking again.
    pub pause: Duration,
}

impl Default for DownloadTimeouts {
    fn default() -> Self {
        Self {
            stalled: STALLED,
            pause: PAUSE,
        }
    }
}

/// How a try failed.
#[derive(Debug)]
enum AttemptError {
    /// What arrived is good; asking again may bring the rest.
    Broken(ModelError),
    /// What is there and what the server has do not fit.
    Unfit(ModelError),
    /// It would be the same again.
    Final(ModelError),
}

impl Download {
    /// Downloads the model unless it is there already. Dropped, it leaves what arrived for the next time.
    pub async fn run(
        &self,
        mut tell: impl FnMut(DownloadStep) + Send,
    ) -> Result<DownloadOutcome, ModelError> {
        let target = catalogue::path_in(&self.folder, &self.model);
        fs::create_dir_all(&self.folder)
            .await
            .map_err(ModelError::writing(&self.folder))?;
        if self.is_there(&target).await {
            return Ok(DownloadOutcome::AlreadyPresent(target));
        }
        let opened = PartialFile::open(&target, &self.model, || tell(DownloadStep::Waiting)).await;
        let mut part = opened.map_err(ModelError::writing(&target))?;
        // Whoever was waited for has brought it.
        if self.is_there(&target).await {
            part.discard().await.map_err(ModelError::writing(&target))?;
            return Ok(DownloadOutcome::AlreadyPresent(target));
        }
        match self.complete(&mut part, &mut tell).await {
            Ok(()) => part
                .finish(&target)
                .await
                .map_err(ModelError::writing(&target))?,
            Err(AttemptError::Unfit(error)) => {
                let _ = part.discard().await;
                return Err(error);
            }
            Err(AttemptError::Broken(error) | AttemptError::Final(error)) => {
                let _ = part.leave().await;
                return Err(error);
            }
        }
        Ok(DownloadOutcome::Downloaded(target))
    }

    async fn is_there(&self, target: &Path) -> bool {
        let right_size = fs::metadata(target)
            .await
            .is_ok_and(|found| found.len() == self.model.bytes);
        right_size
            && digest::of(target)
                .await
                .is_ok_and(|sum| sum == self.model.sha256)
    }

    /// Tries until the model is whole.
    async fn complete(
        &self,
        part: &mut PartialFile,
        tell: &mut (impl FnMut(DownloadStep) + Send),
    ) -> Result<(), AttemptError> {
        let (mut again, mut tries, mut furthest) = (false, 1, part.done);
        if part.done > 0 {
            tell(DownloadStep::Resuming(part.done));
        }
        loop {
            match self.try_once(part, tell).await {
                Err(AttemptError::Unfit(error)) if part.joined && !again => {
                    tracing::warn!(%error, "the download begins again");
                    again = true;
                    part.restart()
                        .await
                        .map_err(|error| self.cannot_write(error))?;
                    tell(DownloadStep::Restarting);
                }
                Err(AttemptError::Broken(error)) if tries < TRIES && part.done > furthest => {
                    tracing::warn!(%error, "the download goes on");
                    (tries, furthest) = (tries + 1, part.done);
                    tokio::time::sleep(self.timeouts.pause).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Asks for what is missing, takes it in, and compares the sum.
    async fn try_once(
        &self,
        part: &mut PartialFile,
        tell: &mut (impl FnMut(DownloadStep) + Send),
    ) -> Result<(), AttemptError> {
        let url = upstream::join_path(&self.mirror, &[&catalogue::file_name(&self.model.name)]);
        let source = ModelSource {
            http: &self.http,
            url,
            model: &self.model,
        };
        part.joined |= part.done > 0;
        if part.done < self.model.bytes {
            check_space(&self.folder, self.model.bytes - part.done).map_err(AttemptError::Final)?;
            let answer = timeout(self.timeouts.stalled, source.ask(part)).await;
            let answer =
                answer.map_err(|_| AttemptError::Broken(self.stalled(&source, part)))??;
            self.take(answer, &source, part, tell).await?;
        }
        let found = part.sha256();
        if found == self.model.sha256 {
            return Ok(());
        }
        Err(AttemptError::Unfit(source.mismatch(
            Fingerprint::Sha256(self.model.sha256.clone()),
            Fingerprint::Sha256(found),
        )))
    }

    async fn take(
        &self,
        answer: FileResponse,
        source: &ModelSource<'_>,
        part: &mut PartialFile,
        tell: &mut (impl FnMut(DownloadStep) + Send),
    ) -> Result<(), AttemptError> {
        if answer.from != part.done {
            part.restart()
                .await
                .map_err(|error| self.cannot_write(error))?;
            tell(DownloadStep::Restarting);
        }
        part.describe(answer.metadata)
            .await
            .map_err(|error| self.cannot_write(error))?;
        let (mut body, mut reporter) = (
            Box::pin(answer.response.bytes_stream()),
            ProgressReporter::new(part.done, self.model.bytes),
        );
        tell(DownloadStep::Progress(TransferProgress::new(
            part.done,
            self.model.bytes,
        )));
        while let ControlFlow::Continue(piece) = self
            .next(&mut body, &mut reporter, source, part, tell)
            .await?
        {
            if part.done + piece.len() as u64 > self.model.bytes {
                let (expected, found) = (
                    Fingerprint::Size(self.model.bytes),
                    Fingerprint::MoreThan(self.model.bytes),
                );
                return Err(AttemptError::Unfit(source.mismatch(expected, found)));
            }
            part.append(&piece)
                .await
                .map_err(|error| self.cannot_write(error))?;
            reporter.tell(part.done, tell);
        }
        if part.done < self.model.bytes {
            return Err(AttemptError::Broken(
                source.refused(self.broke(part, String::new())),
            ));
        }
        tell(DownloadStep::Progress(reporter.at(part.done)));
        Ok(())
    }

    /// The next bytes, or the end. Progress is told meanwhile, so that a line that stands still is seen to.
    async fn next(
        &self,
        body: &mut (impl Stream<Item = reqwest::Result<Bytes>> + Unpin),
        reporter: &mut ProgressReporter,
        source: &ModelSource<'_>,
        part: &PartialFile,
        tell: &mut (impl FnMut(DownloadStep) + Send),
    ) -> Result<ControlFlow<(), Bytes>, AttemptError> {
        let asked = Instant::now();
        loop {
            let left = self.timeouts.stalled.saturating_sub(asked.elapsed());
            if left.is_zero() {
                return Err(AttemptError::Broken(self.stalled(source, part)));
            }
            match timeout(left.min(Duration::from_secs(1)), body.next()).await {
                Ok(Some(Ok(piece))) => return Ok(ControlFlow::Continue(piece)),
                Ok(Some(Err(error))) => {
                    return Err(AttemptError::Broken(
                        source.refused(self.broke(part, upstream::root_cause(&error))),
                    ));
                }
                Ok(None) => return Ok(ControlFlow::Break(())),
                Err(_) => reporter.tell(part.done, tell),
            }
        }
    }

    fn stalled(&self, source: &ModelSource<'_>, part: &PartialFile) -> ModelError {
        let seconds = self.timeouts.stalled.as_secs();
        source.refused(DownloadFailure::Stalled(
            seconds,
            part.done,
            self.model.bytes,
        ))
    }

    fn broke(&self, part: &PartialFile, reason: String) -> DownloadFailure {
        DownloadFailure::Broke(part.done, self.model.bytes, reason)
    }

    fn cannot_write(&self, source: std::io::Error) -> AttemptError {
        AttemptError::Final(ModelError::writing(&catalogue::path_in(
            &self.folder,
            &self.model,
        ))(source))
    }
}
