//! What goes wrong with speech models, in the user's language.

use std::fmt;
use std::io;
use std::path::Path;

use rust_i18n::t;

use super::format::{bytes, megabytes};
use crate::interview::Language;

/// Why a model did not arrive, or is not what it should be. Shown as English words; [`Self::message`] has both languages.
#[derive(Debug)]
pub enum ModelError {
    /// The server, or the way to it.
    Download {
        /// Without credentials.
        url: String,
        /// Why.
        reason: DownloadFailure,
    },
    /// Wrong bytes.
    Mismatch {
        /// Name, or address.
        file: String,
        /// What it should be.
        expected: Fingerprint,
        /// What it is.
        found: Fingerprint,
    },
    /// The disk is too full for it.
    NoSpace {
        /// Where it was to go.
        folder: String,
        /// Bytes.
        needed: u64,
        /// Bytes.
        free: u64,
    },
    /// A file cannot be read.
    Read {
        /// Name.
        file: String,
        /// Cause.
        source: io::Error,
    },
    /// A file cannot be written.
    Write {
        /// Name.
        file: String,
        /// Cause.
        source: io::Error,
    },
    /// The file is no usable model.
    NotAModel {
        /// Name.
        file: String,
        /// What is wrong, in English.
        reason: String,
    },
    /// A file cannot go by this name, since a published model does: name, what it should be, what it is.
    NotPublishedFile {
        /// The published model.
        name: String,
        /// What it should be.
        expected: Fingerprint,
        /// What it is.
        found: Fingerprint,
    },
    /// The file is a published model, and that one is called otherwise.
    PublishedAs {
        /// What the file is called.
        name: String,
        /// What it was to be called.
        asked: String,
    },
    /// Another file goes by this name.
    NameTaken(String),
    /// This cannot be a name.
    InvalidName(String),
    /// No model of this name lies here.
    NotInstalled(String),
    /// It is already being downloaded.
    DownloadInProgress(String),
}

/// What a server did instead of sending a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DownloadFailure {
    /// An HTTP status, such as `404 Not Found`.
    Status(String),
    /// No connection; the system's words.
    NoConnection(String),
    /// The connection broke: bytes that are there, of all, and the system's words if it has any.
    Broke(u64, u64, String),
    /// Nothing for so many seconds; bytes that are there, of all.
    Stalled(u64, u64, u64),
    /// Another part of the file than the one asked for: the byte it was to begin with, and what it said.
    OtherPart(u64, String),
}

/// What tells one file from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fingerprint {
    /// Bytes.
    Size(u64),
    /// More bytes than this.
    MoreThan(u64),
    /// Hex.
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

    /// For people who know what was downloaded, and have little room: without the address.
    pub fn short_message(&self, language: Language) -> String {
        match self {
            Self::Download { reason, .. } => reason.message(language),
            other => other.message(language),
        }
    }

    /// For people.
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
                let (expected, found) = (expected.message(language), found.message(language));
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
                let (needed, free) = (megabytes(*needed), megabytes(*free));
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
                reason = source
            ),
            Self::Write { file, source } => t!(
                "models.error.write",
                locale = locale,
                file = file,
                reason = source
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
                let (expected, found) = (expected.message(language), found.message(language));
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
            Self::Broke(done, all, reason) => {
                let ended = t!("models.error.ended", locale = locale);
                let reason = if reason.is_empty() {
                    ended.as_ref()
                } else {
                    reason.as_str()
                };
                let broke = t!("models.error.broke", locale = locale, reason = reason);
                format!("{broke}{}", kept(*done, *all, locale))
            }
            Self::Stalled(seconds, done, all) => {
                let stalled = t!("models.error.stalled", locale = locale, seconds = seconds);
                format!("{stalled}{}", kept(*done, *all, locale))
            }
            Self::OtherPart(from, said) => t!(
                "models.error.other_part",
                locale = locale,
                from = from,
                said = said
            )
            .into_owned(),
        }
    }
}

/// What is left for the next try, if anything is.
fn kept(done: u64, all: u64, locale: &str) -> String {
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
    /// For people.
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
    fn a_full_disk_is_told_with_what_is_needed_and_what_is_free() {
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
    fn a_wrong_file_is_told_with_what_was_expected_and_what_was_found() {
        let (expected, found) = (Fingerprint::Size(3), Fingerprint::Size(12));
        let error = ModelError::Mismatch {
            file: "ggml-x.bin".into(),
            expected,
            found,
        };
        assert_eq!(
            error.to_string(),
            "ggml-x.bin: expected 3 bytes, found 12 bytes"
        );
    }
}
