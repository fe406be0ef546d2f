//! Requests a model from a server and checks that the response is what was asked for.

use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use reqwest::{Response, StatusCode};
use url::Url;

use super::super::{DownloadFailure, Fingerprint, Model, ModelError};
use super::AttemptError;
use super::partial_file::{PartialFile, PartialMetadata};
use crate::upstream;

/// A response that sends the file from some byte on.
pub(super) struct FileResponse {
    /// The first byte it sends.
    pub from: u64,
    pub metadata: PartialMetadata,
    pub response: Response,
}

/// The address of a model and its expected content.
pub(super) struct ModelSource<'a> {
    pub http: &'a reqwest::Client,
    pub url: Url,
    pub model: &'a Model,
}

impl ModelSource<'_> {
    /// Requests the bytes missing in `part`.
    pub async fn request_rest(&self, partial: &PartialFile) -> Result<FileResponse, AttemptError> {
        // Compressed bytes could not be counted.
        let mut request = self
            .http
            .get(self.url.clone())
            .header(ACCEPT_ENCODING, "identity");
        if partial.done > 0 {
            request = request.header(RANGE, format!("bytes={}-", partial.done));
            // A server whose file has changed sends the whole file instead of the rest.
            if let Some(etag) = partial
                .metadata
                .etag
                .as_ref()
                .filter(|_| partial.metadata.url == self.public_url())
            {
                request = request.header(IF_RANGE, etag);
            }
        }
        let response = request.send().await.map_err(|error| {
            AttemptError::Permanent(self.download_error(DownloadFailure::NoConnection(
                upstream::root_cause(&error).to_string(),
            )))
        })?;
        self.check(partial.done, response)
    }

    fn check(&self, asked: u64, response: Response) -> Result<FileResponse, AttemptError> {
        let from = match response.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT => self.check_range(asked, &response)?,
            // The server's file ends before the requested byte.
            StatusCode::RANGE_NOT_SATISFIABLE if asked > 0 => {
                return Err(AttemptError::Mismatch(self.download_error(
                    DownloadFailure::Status(response.status().to_string()),
                )));
            }
            status => {
                return Err(AttemptError::Permanent(
                    self.download_error(DownloadFailure::Status(status.to_string())),
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
                AttemptError::Mismatch(wrong)
            } else {
                AttemptError::Permanent(wrong)
            });
        }
        let metadata = PartialMetadata {
            sha256: self.model.sha256.clone(),
            url: self.public_url(),
            etag: strong_etag(&response),
        };
        Ok(FileResponse {
            from,
            metadata,
            response,
        })
    }

    /// Checks that a partial response starts at the requested byte and belongs to a file of the
    /// right size.
    fn check_range(&self, asked: u64, response: &Response) -> Result<u64, AttemptError> {
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
            _ => Err(AttemptError::Mismatch(self.download_error(
                DownloadFailure::WrongRange {
                    requested: asked,
                    received: header.to_owned(),
                },
            ))),
        }
    }

    pub fn download_error(&self, reason: DownloadFailure) -> ModelError {
        ModelError::Download {
            url: self.public_url(),
            reason,
        }
    }

    pub fn mismatch(&self, expected: Fingerprint, found: Fingerprint) -> ModelError {
        ModelError::Mismatch {
            file: self.public_url(),
            expected,
            found,
        }
    }

    /// Returns the address without parts that may be secret.
    fn public_url(&self) -> String {
        let mut url = self.url.clone();
        // An address that does not support credentials has none.
        let _ = (url.set_username(""), url.set_password(None));
        url.set_query(None);
        url.to_string()
    }
}

/// Parses the first byte and the file size of `bytes 100-199/200`. The size may be unknown (`*`).
fn range(header: &str) -> Option<(u64, Option<u64>)> {
    let (range, all) = header.strip_prefix("bytes ")?.split_once('/')?;
    let (from, to) = range.split_once('-')?;
    let from: u64 = from.trim().parse().ok()?;
    let to: u64 = to.trim().parse().ok()?;
    let all = if all.trim() == "*" {
        None
    } else {
        Some(all.trim().parse().ok()?)
    };
    (from <= to && all.is_none_or(|all| to + 1 == all)).then_some((from, all))
}

/// Returns a strong `ETag`. A weak one does not identify exact bytes.
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
