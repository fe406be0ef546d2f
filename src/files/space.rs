//! The free space of a disk.

use std::path::Path;

/// Returns the bytes this user may still write to the disk of `folder`, or `None` if the system does
/// not say.
#[cfg(unix)]
pub fn free_space(folder: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(folder).ok()?;
    Some(system.f_bavail.saturating_mul(system.f_frsize))
}

#[cfg(not(unix))]
pub fn free_space(_folder: &Path) -> Option<u64> {
    None
}
