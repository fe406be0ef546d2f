//! Why the system refused something, in the user's language.

use std::borrow::Cow;
use std::io::{self, ErrorKind};

use rust_i18n::t;

use crate::interview::Language;

/// Returns why the system refused something. In English these are the system's own words, which
/// stay where only they say more.
pub fn reason(error: &io::Error, language: Language) -> String {
    if language == Language::English {
        return error.to_string();
    }
    let code = || {
        let code = error.raw_os_error()?;
        Some(t!("errors.io.code", locale = "ko", code = code))
    };
    of_kind(error.kind())
        .or_else(code)
        .map_or_else(|| error.to_string(), Into::into)
}

/// Returns the words for a failure of the system of which only the kind and the system's own words
/// are known.
pub fn of_system(kind: ErrorKind, words: &str, language: Language) -> String {
    match of_kind(kind).filter(|_| language == Language::Korean) {
        Some(reason) => reason.into(),
        None => words.to_owned(),
    }
}

/// Returns the Korean words for a kind of failure, if there are any.
pub fn of_kind(kind: ErrorKind) -> Option<Cow<'static, str>> {
    let key = match kind {
        ErrorKind::NotFound => "not_found",
        ErrorKind::PermissionDenied => "denied",
        ErrorKind::IsADirectory => "folder",
        ErrorKind::NotADirectory => "not_folder",
        ErrorKind::StorageFull => "full",
        ErrorKind::QuotaExceeded => "quota",
        ErrorKind::FileTooLarge => "too_large",
        ErrorKind::ReadOnlyFilesystem => "read_only",
        ErrorKind::AlreadyExists => "exists",
        ErrorKind::InvalidData => "not_text",
        ErrorKind::InvalidFilename => "name",
        ErrorKind::ConnectionRefused => "refused",
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::NotConnected
        | ErrorKind::BrokenPipe => "broken",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            "unreachable"
        }
        ErrorKind::TimedOut => "timed_out",
        ErrorKind::AddrInUse => "in_use",
        ErrorKind::AddrNotAvailable => "no_address",
        ErrorKind::ResourceBusy | ErrorKind::ExecutableFileBusy => "busy",
        ErrorKind::UnexpectedEof => "cut_short",
        _ => return None,
    };
    Some(t!(format!("errors.io.{key}"), locale = "ko"))
}
