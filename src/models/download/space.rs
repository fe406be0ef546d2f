//! Checks the free disk space before a download.

use std::path::Path;

use super::super::ModelError;

/// Fails unless `needed` bytes fit into `folder`.
pub(in super::super) fn check(folder: &Path, needed: u64) -> Result<(), ModelError> {
    match free(folder) {
        Some(free) if free < needed => Err(ModelError::NoSpace {
            folder: folder.display().to_string(),
            needed,
            free,
        }),
        _ => Ok(()),
    }
}

/// Returns the bytes this user may still write, or `None` if the system does not say. Writing will
/// then fail in its own way.
#[cfg(unix)]
fn free(folder: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(folder).ok()?;
    Some(system.f_bavail.saturating_mul(system.f_frsize))
}

#[cfg(not(unix))]
fn free(_folder: &Path) -> Option<u64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_does_not_fit_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check(folder.path(), 1).is_ok());
        let error = check(folder.path(), u64::MAX).unwrap_err();
        assert!(
            matches!(error, ModelError::NoSpace { needed: u64::MAX, free, .. } if free > 1),
            "{error}"
        );
    }
}
