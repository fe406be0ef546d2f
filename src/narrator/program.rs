//! Running a speech program: text on stdin, sound on stdout, bounded in time and size.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, Command};

use super::NarratorError;

/// Longest time for one text; espeak-ng speaks a sentence in 10 ms, a neural voice on a slow machine in seconds.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// Most sound taken of one run: about six minutes of 44.1 kHz mono.
const MAX_SOUND: u64 = 32 * 1024 * 1024;

/// Most bytes kept of a program's complaints.
const MAX_COMPLAINT: u64 = 4 * 1024;

/// Whether `program` is found: a path as it stands, a name in `PATH`.
pub fn is_installed(program: &str) -> bool {
    if program.contains(std::path::MAIN_SEPARATOR) {
        return is_executable(Path::new(program));
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| is_executable(&folder.join(program)))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file() || path.with_extension("exe").is_file()
}

/// Runs `program`, gives it `text` and returns what it wrote. It is killed when the call is dropped or takes too long.
pub async fn run<A: AsRef<OsStr>>(
    program: &str,
    arguments: &[A],
    text: &str,
    limit: Duration,
) -> Result<Bytes, NarratorError> {
    let failed = |reason: String| NarratorError::Failed {
        engine: program.to_owned(),
        reason,
    };
    let mut child = command(program, arguments)
        .spawn()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => NarratorError::NotInstalled {
                program: program.to_owned(),
            },
            _ => failed(error.to_string()),
        })?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let work = async {
        let ((), sound, complaint) = tokio::join!(
            feed(stdin, text),
            collect(stdout, MAX_SOUND),
            collect(stderr, MAX_COMPLAINT)
        );
        (child.wait().await, sound, complaint)
    };
    let done = tokio::time::timeout(limit, work).await;
    let (status, sound, complaint) = done.map_err(|_| NarratorError::TimedOut {
        engine: program.to_owned(),
    })?;
    let status = status.map_err(|error| failed(error.to_string()))?;
    if status.success() {
        Ok(sound.into())
    } else {
        Err(failed(complaint_of(status, &complaint)))
    }
}

fn command<A: AsRef<OsStr>>(program: &str, arguments: &[A]) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// A program that ends without reading everything is judged by its exit status, not by the broken pipe.
async fn feed(stdin: Option<ChildStdin>, text: &str) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(text.as_bytes()).await;
        let _ = stdin.write_all(b"\n").await;
    }
}

/// At most `bound` bytes; what exceeds them is read and thrown away, so that the program is not blocked.
async fn collect(from: Option<impl AsyncRead + Unpin>, bound: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        let _ = (&mut from).take(bound).read_to_end(&mut bytes).await;
        let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
    }
    bytes
}

fn complaint_of(status: ExitStatus, complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let last = text
        .lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty())
        .unwrap_or("it said nothing");
    format!("{last} ({status})")
}
