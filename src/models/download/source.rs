//! What the server answers: does it send what was asked for?

use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use reqwest::{Response, StatusCode};
use url::Url;

use super::super::{DownloadFailure, Fingerprint, Model, ModelError};
use super::AttemptError;
use super::partial_file::{PartialFile, PartialMetadata};
use crate::upstream;

/// An answer that sends the file from some byte on.
pub(super) struct FileResponse {
    /// The first byte it sends.
    pub from: u64,
    /// What it sends.
    pub metadata: PartialMetadata,
    /// The bytes.
    pub response: Response,
}

/// Where a model is, and what it should be.
pub(super) struct ModelSource<'a> {
    pub http: &'a reqwest::Client,
    pub url: Url,
    pub model: &'a Model,
}

impl ModelSource<'_> {
    /// Asks for what is missing in `part`.
    pub async fn ask(&self, part: &PartialFile) -> Result<FileResponse, AttemptError> {
        // Compressed bytes could not be counted.
        let mut request = self
            .http
            .get(self.url.clone())
            .header(ACCEPT_ENCODING, "identity");
        if part.done > 0 {
            request = request.header(RANGE, format!("bytes={}-", part.done));
            // A server that has another file by now sends all of it instead of the rest.
            if let Some(etag) = part
                .metadata
                .etag
                .as_ref()
                .filter(|_| part.metadata.url == self.shown())
            {
                request = request.header(IF_RANGE, etag);
            }
        }
        let response = request.send().await.map_err(|error| {
            AttemptError::Final(
                self.refused(DownloadFailure::NoConnection(upstream::root_cause(&error))),
            )
        })?;
        self.check(part.done, response)
    }

    fn check(&self, asked: u64, response: Response) -> Result<FileResponse, AttemptError> {
        let from = match response.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT => self.part_of(asked, &response)?,
            // The file there ends before the byte asked for.
            StatusCode::RANGE_NOT_SATISFIABLE if asked > 0 => {
                return Err(AttemptError::Unfit(
                    self.refused(DownloadFailure::Status(response.status().to_string())),
                ));
            }
            status => {
                return Err(AttemptError::Final(
                    self.refused(DownloadFailure::Status(status.to_string())),
                ));
            }
        };
        if let Some(length) = response
            .content_length()
            .filter(|&length| from + length != self.model.bytes)
        {
            let wrong = self.mismatch(
                Fingerprint::Size(self.model.bytes),
                Fingerprint::Size(from + length),
            );
            return Err(if from > 0 {
                AttemptError::Unfit(wrong)
            } else {
                AttemptError::Final(wrong)
            });
        }
        let metadata = PartialMetadata {
            sha256: self.model.sha256.clone(),
            url: self.shown(),
            etag: strong_etag(&response),
        };
        Ok(FileResponse {
            from,
            metadata,
            response,
        })
    }

    /// A partial answer has to begin where what is there ends, and to be of a file of the right size.
    fn part_of(&self, asked: u64, response: &Response) -> Result<u64, AttemptError> {
        let header = response
            .headers()
            .get(CONTENT_RANGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        match range(header) {
            Some((from, all))
                if asked > 0 && from == asked && all.is_none_or(|all| all == self.model.bytes) =>
            {
                Ok(from)
            }
            _ => Err(AttemptError::Unfit(
                self.refused(DownloadFailure::OtherPart(asked, header.to_owned())),
            )),
        }
    }

    pub fn refused(&self, reason: DownloadFailure) -> ModelError {
        ModelError::Download {
            url: self.shown(),
            reason,
        }
    }

    pub fn mismatch(&self, expected: Fingerprint, found: Fingerprint) -> ModelError {
        ModelError::Mismatch {
            file: self.shown(),
            expected,
            found,
        }
    }

    /// The address without what may be secret in it.
    fn shown(&self) -> String {
        let mut url = self.url.clone();
        // An address that cannot have credentials has none.
        let _ = (url.set_username(""), url.set_password(None));
        url.set_query(None);
        url.to_string()
    }
}

/// First byte and size of the whole file of `bytes 100-199/200`; the size may be unknown (`*`).
fn range(header: &str) -> Option<(u64, Option<u64>)> {
    let (range, all) = header.strip_prefix("bytes ")?.split_once('/')?;
    let (from, to) = range.split_once('-')?;
    let (from, to): (u64, u64) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
    let all = if all.trim() == "*" {
        None
    } else {
        Some(all.trim().parse().ok()?)
    };
    (from <= to && all.is_none_or(|all| to + 1 == all)).then_some((from, all))
}

/// Only a strong one names exact bytes.
fn strong_etag(response: &Response) -> Option<String> {
    let etag = response.headers().get(ETAG)?.to_str().ok()?;
    etag.starts_with('"').then(|| etag.to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("bytes 100-199/200", Some((100, Some(200))))]
    #[case("bytes 100-199/*", Some((100, None)))]
    #[case::stops_early("bytes 100-150/200", None)]
    #[case::backwards("bytes 199-100/200", None)]
    #[case::unsatisfied("bytes */200", None)]
    #[case::other_units("lines 1-2/3", None)]
    #[case::nothing("", None)]
    fn a_content_range_is_read_strictly(
        #[case] header: &str,
        #[case] expected: Option<(u64, Option<u64>)>,
    ) {
        assert_eq!(range(header), expected);
    }
}
