//! Checks the free disk space before a download.

use std::path::Path;

use super::super::ModelError;
use crate::files::free_space;

/// Fails unless `needed` bytes fit into `folder`.
pub(in super::super) fn check(folder: &Path, needed: u64) -> Result<(), ModelError> {
    // Where the system does not say, writing fails in its own way.
    match free_space(folder) {
        Some(free) if free < needed => Err(ModelError::NoSpace {
            folder: folder.display().to_string(),
            needed,
            free,
        }),
        _ => Ok(()),
    }
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
