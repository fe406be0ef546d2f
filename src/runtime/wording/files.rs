//! The words for failures of the file system, the keyring and the log.

use std::borrow::Cow;
use std::error::Error;
use std::io::{self, ErrorKind};

use super::{Words, korean};
use crate::config::HomeError;
use crate::logging::LoggingError;
use crate::paths::NoHome;
use crate::report_files::WriteError;
use crate::secrets::SecretError;

pub(super) fn words_of(cause: &(dyn Error + 'static)) -> Option<Words> {
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        return of_system(error).map(Words::Whole);
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
        SecretError::Failed(reason) => korean!("secret.failed", reason = reason),
    }
}

/// Returns the words for a failure of the system, or `None` if only its own words say more.
pub(super) fn of_system(error: &io::Error) -> Option<String> {
    if let Some(words) = of_kind(error.kind()) {
        return Some(words.into());
    }
    let code = error.raw_os_error()?;
    Some(korean!("io.code", code = code).into())
}

/// Returns the words for a kind of failure, if they say enough.
pub(super) fn of_kind(kind: ErrorKind) -> Option<Cow<'static, str>> {
    Some(match kind {
        ErrorKind::NotFound => korean!("io.not_found"),
        ErrorKind::PermissionDenied => korean!("io.denied"),
        ErrorKind::IsADirectory => korean!("io.folder"),
        ErrorKind::NotADirectory => korean!("io.not_folder"),
        ErrorKind::StorageFull => korean!("io.full"),
        ErrorKind::QuotaExceeded => korean!("io.quota"),
        ErrorKind::FileTooLarge => korean!("io.too_large"),
        ErrorKind::ReadOnlyFilesystem => korean!("io.read_only"),
        ErrorKind::AlreadyExists => korean!("io.exists"),
        ErrorKind::InvalidData => korean!("io.not_text"),
        ErrorKind::InvalidFilename => korean!("io.name"),
        ErrorKind::ConnectionRefused => korean!("io.refused"),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::NotConnected
        | ErrorKind::BrokenPipe => korean!("io.broken"),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            korean!("io.unreachable")
        }
        ErrorKind::TimedOut => korean!("io.timed_out"),
        ErrorKind::AddrInUse => korean!("io.in_use"),
        ErrorKind::AddrNotAvailable => korean!("io.no_address"),
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => korean!("io.busy"),
        ErrorKind::UnexpectedEof => korean!("io.cut_short"),
        _ => return None,
    })
}
