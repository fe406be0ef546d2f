//! Standard error, shared with sound libraries that complain there about every device that is not
//! present (ALSA, JACK), whenever they like, from threads of their own.
//!
//! Once sound is used, file descriptor 2 leads nowhere, and while the interface is up, to the log. The
//! program's own messages go to [`writer`], which is the standard error that the process was started
//! with, be it a terminal, a pipe or a file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::OnceLock;

/// The standard error of the start.
static ORIGINAL: OnceLock<OwnedFd> = OnceLock::new();

/// Returns a writer to the standard error that the process was started with.
pub fn writer() -> Box<dyn Write> {
    let original = ORIGINAL
        .get()
        .and_then(|original| original.try_clone().ok());
    match original {
        Some(original) => Box::new(File::from(original)),
        None => Box::new(io::stderr()),
    }
}

/// Sends what libraries write to `log` from now on.
pub fn redirect(log: impl AsFd) -> io::Result<()> {
    remember()?;
    Ok(rustix::stdio::dup2_stderr(log)?)
}

/// Discards what libraries write from now on, unless it goes to a log already.
pub fn silence() -> io::Result<()> {
    if ORIGINAL.get().is_some() {
        return Ok(());
    }
    redirect(OpenOptions::new().write(true).open("/dev/null")?)
}

fn remember() -> io::Result<()> {
    if ORIGINAL.get().is_none() {
        let now = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stderr(), 3)?;
        // Another thread that was faster remembered the same.
        let _ = ORIGINAL.set(now);
    }
    Ok(())
}
