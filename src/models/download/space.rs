//! Is there room for it?

use std::path::Path;

use super::super::ModelError;

/// Refuses to begin what cannot end: `needed` bytes have to fit into `folder`.
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

/// Bytes this user may still write there; `None` where the system does not say, and writing will tell.
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
    fn what_cannot_fit_is_refused_and_what_fits_is_not() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check(folder.path(), 1).is_ok());
        let refused = check(folder.path(), u64::MAX).unwrap_err();
        assert!(
            matches!(refused, ModelError::NoSpace { needed: u64::MAX, free, .. } if free > 1),
            "{refused}"
        );
    }
}
