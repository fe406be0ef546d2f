//! The log, for bug reports. It never holds the words of an interview or a secret.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::printable::PrintableWriter;

/// The size at which the log is emptied, so that it never fills a disk.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// A reason why no log is written.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    #[error("cannot write the log")]
    File(#[from] io::Error),
    /// Another subscriber is installed in this process.
    #[error("logging was set up twice")]
    Twice(#[from] TryInitError),
}

/// Sends the program's log, and errors of its libraries, to `path`. `verbose` adds details. Returns
/// the file, so that the standard error of C libraries can be sent to it.
pub fn to_file(path: &Path, verbose: bool) -> Result<File, LoggingError> {
    let file = open(path)?;
    let writer = BoundedFile {
        file: file.try_clone()?,
        bound: MAX_BYTES,
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(Mutex::new(writer));
    tracing_subscriber::registry()
        .with(lines.with_filter(level_filter(verbose)))
        .try_init()?;
    Ok(file)
}

/// Sends the log to standard error, as text or as one JSON object a line.
pub fn to_stderr(json: bool, verbose: bool) -> Result<(), LoggingError> {
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(|| PrintableWriter::new(io::stderr()));
    let lines = if json {
        lines.json().flatten_event(true).boxed()
    } else {
        lines.boxed()
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(level_filter(verbose)))
        .try_init()?;
    Ok(())
}

fn level_filter(verbose: bool) -> Targets {
    let level = if verbose {
        LevelFilter::DEBUG
    } else {
        LevelFilter::INFO
    };
    Targets::new()
        .with_target("mock_interviewer", level)
        .with_default(LevelFilter::WARN)
}

/// Opens the log with access for its owner alone, even if an earlier version allowed others to read it.
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

/// A file that is emptied when it would grow beyond its bound. It is emptied in place, since C
/// libraries write to it as well; their output counts.
#[derive(Debug)]
struct BoundedFile {
    file: File,
    bound: u64,
}

impl Write for BoundedFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let full = self.file.metadata()?.len() + line.len() as u64 > self.bound;
        // If the file cannot be emptied, the line is dropped.
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
    fn a_full_log_is_emptied_and_other_writers_continue_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/log");
        let mut others = open(&path).unwrap();
        let mut log = BoundedFile {
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
    fn only_the_owner_can_read_the_log() {
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
