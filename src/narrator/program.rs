//! Runs a speech program: text to stdin, audio from stdout, limited in time and size.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, Command};

use super::NarratorError;

/// The longest time for one text. espeak-ng takes 10 ms for a sentence, a neural voice on a slow
/// machine takes seconds.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The most bytes of audio read from one run: about six minutes of 44.1 kHz mono.
const MAX_AUDIO_BYTES: u64 = 32 * 1024 * 1024;

/// The most bytes read of a program's error output.
const MAX_ERROR_BYTES: u64 = 4 * 1024;

/// Returns whether `program` exists, as a path or as a name in `PATH`.
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

/// Runs `program` with `text` as input and returns its output. The program is killed when the call
/// is dropped or takes too long.
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
    let stdin = child.stdin.take();
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    let work = async {
        let ((), audio, errors) = tokio::join!(
            write_input(stdin, text),
            read_bounded(stdout, MAX_AUDIO_BYTES),
            read_bounded(stderr, MAX_ERROR_BYTES)
        );
        (child.wait().await, audio, errors)
    };
    let done = tokio::time::timeout(limit, work).await;
    let (status, audio, errors) = done.map_err(|_| NarratorError::TimedOut {
        engine: program.to_owned(),
    })?;
    let status = status.map_err(|error| failed(error.to_string()))?;
    if status.success() {
        Ok(audio.into())
    } else {
        Err(failed(error_text(status, &errors)))
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

/// Writes `text`. Write errors are ignored: a program that ends without reading everything is
/// judged by its exit status.
async fn write_input(stdin: Option<ChildStdin>, text: &str) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(text.as_bytes()).await;
        let _ = stdin.write_all(b"\n").await;
    }
}

/// Reads at most `bound` bytes. Further output is discarded, so that the program is not blocked.
async fn read_bounded(from: Option<impl AsyncRead + Unpin>, bound: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        let _ = (&mut from).take(bound).read_to_end(&mut bytes).await;
        let _ = tokio::io::copy(&mut from, &mut tokio::io::sink()).await;
    }
    bytes
}

fn error_text(status: ExitStatus, errors: &[u8]) -> String {
    let text = String::from_utf8_lossy(errors);
    let last = text
        .lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty())
        .unwrap_or("no error message");
    format!("{last} ({status})")
}
