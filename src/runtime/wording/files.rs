//! The words for failures of the file system, the keyring and the log.

use std::borrow::Cow;
use std::error::Error;
use std::io;

use super::{Words, korean};
use crate::config::HomeError;
use crate::files::reason::{of_system, reason};
use crate::interview::Language;
use crate::logging::LoggingError;
use crate::paths::NoHome;
use crate::report_files::WriteError;
use crate::secrets::SecretError;

pub(super) fn words_of(cause: &(dyn Error + 'static)) -> Option<Words> {
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        return Some(Words::Whole(reason(error, Language::Korean)));
    }
    if let Some(WriteError { path, .. }) = cause.downcast_ref() {
        return Some(Words::lead(korean!("report", path = path.display())));
    }
    if let Some(error) = cause.downcast_ref::<SecretError>() {
        return Some(Words::whole(of_secret(error)));
    }
    if let Some(error) = cause.downcast_ref::<LoggingError>() {
        return Some(Words::lead(match error {
            LoggingError::File(_) => korean!("log.file"),
            LoggingError::Twice(_) => korean!("log.twice"),
        }));
    }
    if let Some(error) = cause.downcast_ref::<HomeError>() {
        return Some(Words::whole(match error {
            HomeError::OtherUser => korean!("home.other_user"),
            HomeError::NoHome => korean!("home.unknown"),
        }));
    }
    cause
        .is::<NoHome>()
        .then(|| Words::whole(korean!("no_home")))
}

fn of_secret(error: &SecretError) -> Cow<'static, str> {
    match error {
        SecretError::NoKeyring => korean!("secret.no_keyring"),
        SecretError::Locked => korean!("secret.locked"),
        SecretError::Failed(reason) => korean!("secret.failed", reason = format!("“{reason}”")),
        SecretError::File { path, kind, words } => korean!(
            "secret.file",
            path = path,
            reason = of_system(*kind, words, Language::Korean)
        ),
        SecretError::Exposed { path } => korean!("secret.exposed", path = path),
        SecretError::Damaged { path, line, column } => {
            korean!("secret.damaged", path = path, line = line, column = column)
        }
    }
}
