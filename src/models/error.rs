//! The errors of speech models, in the user's language.

use std::fmt;
use std::io;
use std::path::Path;

use rust_i18n::t;

use super::format::{bytes, megabytes};
use crate::files::reason::reason;
use crate::interview::Language;

/// The reason a model could not be installed or used. `Display` writes English; [`Self::message`]
/// takes a language.
#[derive(Debug)]
pub enum ModelError {
    /// The download failed.
    Download {
        /// The address without credentials.
        url: String,
        reason: DownloadFailure,
    },
    /// The file or download has the wrong content.
    Mismatch {
        /// Name or address of the file.
        file: String,
        expected: Fingerprint,
        found: Fingerprint,
    },
    /// The disk does not have enough space.
    NoSpace {
        /// The folder the model was to be written to.
        folder: String,
        /// Bytes.
        needed: u64,
        /// Bytes.
        free: u64,
    },
    Read {
        file: String,
        source: io::Error,
    },
    Write {
        file: String,
        source: io::Error,
    },
    /// The file is not a usable model.
    NotAModel {
        file: String,
        /// The problem, in English.
        reason: String,
    },
    /// The file cannot have this name, because it belongs to a published model with other content.
    NotPublishedFile {
        /// The published model.
        name: String,
        expected: Fingerprint,
        found: Fingerprint,
    },
    /// The file is a published model with a name of its own.
    PublishedAs {
        /// The name of the published model.
        name: String,
        /// The requested name.
        asked: String,
    },
    /// Another file has this name.
    NameTaken(String),
    InvalidName(String),
    /// No model of this name is installed.
    NotInstalled(String),
    /// The model is being downloaded by another process or task.
    DownloadInProgress(String),
}

/// The reason a server did not send a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadFailure {
    /// The server sent an HTTP status, such as `404 Not Found`.
    Status(String),
    /// No connection could be made; the text is the system's message.
    NoConnection(String),
    /// The connection broke after `done` of `all` bytes.
    Interrupted {
        done: u64,
        all: u64,
        /// The system's message, which may be empty.
        reason: String,
    },
    /// The server sent nothing for `seconds` after `done` of `all` bytes.
    Stalled { seconds: u64, done: u64, all: u64 },
    /// The server sent another part of the file than the one from byte `requested`.
    WrongRange {
        requested: u64,
        /// The range that the response names.
        received: String,
    },
}

/// The size or checksum that identifies the content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fingerprint {
    /// The exact number of bytes.
    Size(u64),
    /// A number of bytes that was exceeded.
    MoreThan(u64),
    /// The SHA-256 in hex.
    Sha256(String),
}

impl ModelError {
    pub(super) fn reading(file: &Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.display().to_string();
        move |source| Self::Read { file, source }
    }

    pub(super) fn writing(file: &Path) -> impl FnOnce(io::Error) -> Self {
        let file = file.display().to_string();
        move |source| Self::Write { file, source }
    }

    /// Returns the message without the address, for a narrow place where the download is known.
    pub fn short_message(&self, language: Language) -> String {
        match self {
            Self::Download { reason, .. } => reason.message(language),
            other => other.message(language),
        }
    }

    /// Returns the message in `language`.
    pub fn message(&self, language: Language) -> String {
        let locale = language.code();
        match self {
            Self::Download { url, reason } => {
                t!(
                    "models.error.download",
                    locale = locale,
                    url = url,
                    reason = reason.message(language)
                )
            }
            Self::Mismatch {
                file,
                expected,
                found,
            } => {
                let expected = expected.message(language);
                let found = found.message(language);
                t!(
                    "models.error.mismatch",
                    locale = locale,
                    file = file,
                    expected = expected,
                    found = found
                )
            }
            Self::NoSpace {
                folder,
                needed,
                free,
            } => {
                let needed = megabytes(*needed);
                let free = megabytes(*free);
                t!(
                    "models.error.no_space",
                    locale = locale,
                    folder = folder,
                    needed = needed,
                    free = free
                )
            }
            Self::Read { file, source } => t!(
                "models.error.read",
                locale = locale,
                file = file,
                reason = reason(source, language)
            ),
            Self::Write { file, source } => t!(
                "models.error.write",
                locale = locale,
                file = file,
                reason = reason(source, language)
            ),
            Self::NotAModel { file, reason } => {
                t!(
                    "models.error.not_a_model",
                    locale = locale,
                    file = file,
                    reason = reason
                )
            }
            Self::NotPublishedFile {
                name,
                expected,
                found,
            } => {
                let expected = expected.message(language);
                let found = found.message(language);
                t!(
                    "models.error.not_the_published",
                    locale = locale,
                    name = name,
                    expected = expected,
                    found = found
                )
            }
            Self::PublishedAs { name, asked } => {
                t!(
                    "models.error.published",
                    locale = locale,
                    name = name,
                    asked = asked
                )
            }
            Self::NameTaken(name) => t!("models.error.taken", locale = locale, name = name),
            Self::InvalidName(name) => t!("models.error.bad_name", locale = locale, name = name),
            Self::NotInstalled(name) => t!("models.error.absent", locale = locale, name = name),
            Self::DownloadInProgress(name) => t!("models.error.busy", locale = locale, name = name),
        }
        .into_owned()
    }
}

impl DownloadFailure {
    fn message(&self, language: Language) -> String {
        let locale = language.code();
        match self {
            Self::Status(status) => {
                t!("models.error.status", locale = locale, status = status).into_owned()
            }
            Self::NoConnection(reason) => reason.clone(),
            Self::Interrupted { done, all, reason } => {
                let ended = t!("models.error.ended", locale = locale);
                let reason = if reason.is_empty() {
                    ended.as_ref()
                } else {
                    reason.as_str()
                };
                let interrupted = t!("models.error.broke", locale = locale, reason = reason);
                format!("{interrupted}{}", kept_bytes(*done, *all, locale))
            }
            Self::Stalled { seconds, done, all } => {
                let stalled = t!("models.error.stalled", locale = locale, seconds = seconds);
                format!("{stalled}{}", kept_bytes(*done, *all, locale))
            }
            Self::WrongRange {
                requested,
                received,
            } => t!(
                "models.error.other_part",
                locale = locale,
                from = requested,
                said = received
            )
            .into_owned(),
        }
    }
}

/// Returns how much is kept for the next attempt, if anything is.
fn kept_bytes(done: u64, all: u64, locale: &str) -> String {
    if done == 0 {
        return String::new();
    }
    format!(
        "; {}",
        t!(
            "models.error.kept",
            locale = locale,
            done = megabytes(done),
            all = megabytes(all)
        )
    )
}

impl Fingerprint {
    /// Returns the fingerprint as text in `language`.
    pub fn message(&self, language: Language) -> String {
        match self {
            Self::Size(size) => bytes(*size, language),
            Self::MoreThan(size) => t!(
                "models.error.more_than",
                locale = language.code(),
                bytes = bytes(*size, language)
            )
            .into_owned(),
            Self::Sha256(sum) => format!("SHA-256 {sum}"),
        }
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::English))
    }
}

impl std::error::Error for ModelError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_reported_with_needed_and_free_space() {
        let error = ModelError::NoSpace {
            folder: "/models".into(),
            needed: 487_601_967,
            free: 12_300_000,
        };
        assert_eq!(
            error.to_string(),
            "not enough disk space in /models: 488 MB needed, 12.3 MB free"
        );
        let korean = error.message(Language::Korean);
        assert!(
            korean.contains("488 MB") && korean.contains("12.3 MB"),
            "{korean}"
        );
    }

    #[test]
    fn a_wrong_file_is_reported_with_expected_and_found_content() {
        let error = ModelError::Mismatch {
            file: "ggml-x.bin".into(),
            expected: Fingerprint::Size(3),
            found: Fingerprint::Size(12),
        };
        assert_eq!(
            error.to_string(),
            "ggml-x.bin: expected 3 bytes, found 12 bytes"
        );
    }
}
