//! Standard error while the sound system is asked: ALSA and JACK complain there about every device that is not present.
//!
//! Where standard error is a terminal or a pipe, it is pointed at `/dev/null` meanwhile. While the interface is up it is
//! the log already, and a file may hold the complaints: neither is touched.

use crate::sync::lock;
use std::fs::OpenOptions;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard};

/// Keeps standard error off the screen until dropped. Several may overlap: the last one gives it back.
pub struct Quiet(());

#[derive(Default)]
struct State {
    users: usize,
    /// Standard error as it was.
    before: Option<OwnedFd>,
}

static STATE: Mutex<State> = Mutex::new(State {
    users: 0,
    before: None,
});

impl Quiet {
    /// From now on.
    pub fn begin() -> Self {
        let mut state = state();
        state.users += 1;
        if state.users == 1 && !is_file().unwrap_or(true) {
            state.before = silence().ok();
        }
        Self(())
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let mut state = state();
        state.users -= 1;
        if state.users > 0 {
            return;
        }
        // Whoever pointed it elsewhere meanwhile is right: the interface, taking the terminal over.
        if let Some(before) = state.before.take().filter(|_| is_silent().unwrap_or(false)) {
            // Nothing can be said about a failure here: the place to say it is what could not be restored.
            let _ = rustix::stdio::dup2_stderr(before);
        }
    }
}

fn state() -> MutexGuard<'static, State> {
    lock(&STATE)
}

/// Returns what standard error was before.
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
    let (now, nowhere) = (
        rustix::fs::fstat(rustix::stdio::stderr())?,
        rustix::fs::stat("/dev/null")?,
    );
    Ok(now.st_rdev == nowhere.st_rdev && now.st_ino == nowhere.st_ino)
}
