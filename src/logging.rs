//! The log file: what happened, for a bug report; never what was said, nor a secret.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// A log larger than this is begun anew, so that it never fills a disk.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Why nothing is logged.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The file cannot be written.
    #[error("cannot write the log")]
    File(#[from] io::Error),
    /// Somebody else logs in this process.
    #[error("logging was set up twice")]
    Twice(#[from] TryInitError),
}

/// Sends the program's log, and errors of its libraries, to `path`. `verbose` adds details.
/// Gives the file, for what other libraries write to standard error.
pub fn to_file(path: &Path, verbose: bool) -> Result<File, LoggingError> {
    let file = open(path)?;
    let writer = Bounded {
        file: file.try_clone()?,
        bound: MAX_BYTES,
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(Mutex::new(writer));
    tracing_subscriber::registry()
        .with(lines.with_filter(worth_logging(verbose)))
        .try_init()?;
    Ok(file)
}

/// Sends the log to standard error, for a service manager that keeps it: `json` as one object a line.
pub fn to_stderr(json: bool, verbose: bool) -> Result<(), LoggingError> {
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(io::stderr);
    let lines = if json {
        lines.json().flatten_event(true).boxed()
    } else {
        lines.boxed()
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(worth_logging(verbose)))
        .try_init()?;
    Ok(())
}

fn worth_logging(verbose: bool) -> Targets {
    let level = if verbose {
        LevelFilter::DEBUG
    } else {
        LevelFilter::INFO
    };
    Targets::new()
        .with_target("mock_interviewer", level)
        .with_default(LevelFilter::WARN)
}

/// For its owner alone, also where an earlier version left it open to others.
fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.create(true).append(true).open(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// A file that is begun anew when it would grow beyond its bound. It is emptied in place, because others write to it
/// too; what they wrote counts.
#[derive(Debug)]
struct Bounded {
    file: File,
    bound: u64,
}

impl Write for Bounded {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let full = self.file.metadata()?.len() + line.len() as u64 > self.bound;
        // Where a file cannot be emptied, what no longer fits is not logged.
        if full && self.file.set_len(0).is_err() {
            return Ok(line.len());
        }
        self.file.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_is_begun_anew_and_others_go_on_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/log");
        let mut others = open(&path).unwrap();
        let mut log = Bounded {
            file: others.try_clone().unwrap(),
            bound: 16,
        };
        log.write_all(b"first\n").unwrap();
        others.write_all(b"theirs\n").unwrap();
        log.write_all(b"second\n").unwrap();
        others.write_all(b"theirs\n").unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "second\ntheirs\n");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_the_log() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, "").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        open(&path).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
