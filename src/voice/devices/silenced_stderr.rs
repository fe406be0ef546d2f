//! Silences standard error while the sound system works, because ALSA and JACK complain there about
//! every device that is not present.
//!
//! A standard error that is a terminal or a pipe is pointed at `/dev/null` meanwhile. A file is left
//! alone: it may hold the complaints, and while the interface is up it is the log.

use std::fs::OpenOptions;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Mutex;

use crate::sync::lock;

/// Keeps standard error off the screen until it is dropped. Several guards may overlap; the last one
/// restores standard error.
pub struct SilencedStderr(());

#[derive(Default)]
struct Guards {
    count: usize,
    /// The standard error to be restored.
    saved: Option<OwnedFd>,
}

static GUARDS: Mutex<Guards> = Mutex::new(Guards {
    count: 0,
    saved: None,
});

impl SilencedStderr {
    pub fn start() -> Self {
        let mut guards = lock(&GUARDS);
        guards.count += 1;
        if guards.count == 1 && !is_file().unwrap_or(true) {
            guards.saved = silence().ok();
        }
        Self(())
    }
}

impl Drop for SilencedStderr {
    fn drop(&mut self) {
        let mut guards = lock(&GUARDS);
        guards.count -= 1;
        if guards.count > 0 {
            return;
        }
        // The interface may have redirected standard error meanwhile, which must be left alone.
        if let Some(saved) = guards.saved.take().filter(|_| is_silent().unwrap_or(false)) {
            // A failure cannot be reported: standard error itself is what could not be restored.
            let _ = rustix::stdio::dup2_stderr(saved);
        }
    }
}

/// Points standard error at `/dev/null` and returns what it was before.
fn silence() -> io::Result<OwnedFd> {
    let nowhere = OpenOptions::new().write(true).open("/dev/null")?;
    let saved = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stderr(), 3)?;
    rustix::stdio::dup2_stderr(nowhere)?;
    Ok(saved)
}

fn is_file() -> io::Result<bool> {
    let now = rustix::fs::fstat(rustix::stdio::stderr())?;
    Ok(rustix::fs::FileType::from_raw_mode(now.st_mode).is_file())
}

fn is_silent() -> io::Result<bool> {
    let now = rustix::fs::fstat(rustix::stdio::stderr())?;
    let nowhere = rustix::fs::stat("/dev/null")?;
    Ok(now.st_rdev == nowhere.st_rdev && now.st_ino == nowhere.st_ino)
}
