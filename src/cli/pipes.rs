//! Pipes given in place of files, such as `<(ffmpeg …)`: read whole into a temporary file, because
//! audio is not read in one go. A pipe that nobody writes to ends with a message.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use rust_i18n::t;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;

use super::text_file::cannot_read;
use super::{CommandError, Context};
use crate::interview::Language;

/// The longest time without a byte. A person who starts the writer by hand needs less.
const LIMIT: Duration = Duration::from_mins(1);
/// The time after which a pipe without a writer is looked at again.
const PAUSE: Duration = Duration::from_millis(50);
/// The size of a block that is read at once.
const BLOCK: usize = 64 * 1024;

/// Files, of which those that were pipes are copies that are deleted with this value.
pub struct Inputs {
    pub files: Vec<PathBuf>,
    copies: Vec<TempDir>,
}

impl Inputs {
    /// Reads the pipes among `files`. Says so first, since that may take time.
    pub async fn read(files: &[PathBuf], context: &Context) -> anyhow::Result<Self> {
        let mut inputs = Self {
            files: files.to_vec(),
            copies: Vec::new(),
        };
        for file in &mut inputs.files {
            if !is_pipe(file) {
                continue;
            }
            let path = file.display();
            context.notice(&t!(
                "cli.reading_pipe",
                locale = context.language.code(),
                path = path
            ));
            let (folder, copy) = copy(file, LIMIT, context.language).await?;
            *file = copy;
            inputs.copies.push(folder);
        }
        Ok(inputs)
    }
}

fn is_pipe(file: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(file).is_ok_and(|file| file.file_type().is_fifo())
}

/// Copies a pipe to a file of the same name in a temporary folder.
async fn copy(
    pipe: &Path,
    limit: Duration,
    language: Language,
) -> anyhow::Result<(TempDir, PathBuf)> {
    let cannot = || cannot_read(pipe, language);
    let folder = tempfile::tempdir().with_context(cannot)?;
    let copy = folder.path().join(pipe.file_name().unwrap_or_default());
    let mut to = tokio::fs::File::create(&copy).await.with_context(cannot)?;
    let mut from = pipe::OpenOptions::new()
        .open_receiver(pipe)
        .with_context(cannot)?;
    let mut has_begun = false;
    let mut block = vec![0; BLOCK];
    loop {
        let read = tokio::time::timeout(limit, next(&mut from, &mut block, has_begun)).await;
        let Ok(read) = read else {
            return Err(CommandError::Usage(
                t!(
                    "cli.silent_pipe",
                    locale = language.code(),
                    path = pipe.display(),
                    seconds = limit.as_secs()
                )
                .into(),
            )
            .into());
        };
        match read.with_context(cannot)? {
            0 => break,
            length => to.write_all(&block[..length]).await.with_context(cannot)?,
        }
        has_begun = true;
    }
    to.flush().await.with_context(cannot)?;
    Ok((folder, copy))
}

/// Reads the next bytes. Before the first, the end means that there is no writer yet.
async fn next(
    from: &mut pipe::Receiver,
    block: &mut [u8],
    has_begun: bool,
) -> std::io::Result<usize> {
    loop {
        match from.read(block).await? {
            0 if !has_begun => tokio::time::sleep(PAUSE).await,
            length => return Ok(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn pipe_in(folder: &TempDir) -> PathBuf {
        let pipe = folder.path().join("voice.wav");
        let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        pipe
    }

    #[tokio::test]
    async fn a_pipe_that_nobody_writes_to_ends_with_a_message() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = pipe_in(&folder);
        let limit = Duration::from_millis(20);
        let error = copy(&pipe, limit, Language::English).await.unwrap_err();
        let message = error.to_string();
        assert!(
            message.starts_with(&format!("{} is a pipe", pipe.display())),
            "{message}"
        );
    }

    #[tokio::test]
    async fn what_is_written_to_a_pipe_is_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = pipe_in(&folder);
        let writing = pipe.clone();
        let writer = tokio::task::spawn_blocking(move || std::fs::write(writing, b"words"));
        let (_copies, copy) = copy(&pipe, LIMIT, Language::English).await.unwrap();
        writer.await.unwrap().unwrap();
        assert_eq!(std::fs::read(&copy).unwrap(), b"words");
        assert_eq!(copy.file_name(), pipe.file_name());
    }
}
